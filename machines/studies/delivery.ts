/**
 * D-26 (seed 004, Jason Gunthorpe): how do faults get to user space? An eventfd and reads, as in the first RFC; poll() and read, as
 * merged; a read that blocks, which the merged fd does not have; K reads that were posted to io_uring before ("pre-posted receives"). The
 * scenario `fault-delivery` says which of them misses a wake-up; nobody has measured what they cost.
 *
 *   dev -FAULT-> irq -APPEND-> list;  irq -WAKE_UP, SIGNAL-> waiters -WAKE-> reader
 *   reader -READ_GROUP, WRITE_RESPONSE-> list -PAGE_RESPONSE-> dev
 *
 * The reporting thread, the wait queue, the eventfd, the multishot poll and the readers are the machines of that scenario. The list is a
 * number here, and posted reads are numbers (`delivery-counts.ts`): with names and lists a run at a high rate would have too many local
 * states.
 *
 * Constants: 2.0 us to handle a group, as an SVA group in the kernel (`constants.md` C.1). A system call, a wake-up, a copy and an answer
 * are assumed, and are parameters.
 *
 * Simplifications: one CPU for the user's thread (each, where there are several), one for a worker of io-wq; the task work of a multishot
 * poll is a look at the list, at once, and the wake-up is that of its thread; io_uring is entered once for each time that its thread
 * sleeps, so that this cost is part of its wake-up, and reads and answers are posted without a call of their own; wake_up() costs the
 * reporting thread the same for any number of waiters, which spares K reads most; the time from device to list is left out.
 */
import { defineStudy, type Outcome } from '../../src/simulate/study.ts';
import {
  type DeliveryPoint,
  deliverySystem,
  measures,
  parameters,
  readOf,
  timingOf,
  WAYS,
  type Way,
} from './delivery-system.ts';

const RATES = [1, 10, 50, 100, 150, 200, 250];
const LOW = 10;
/** More than any way can do: the device has all its faults outstanding. */
const FLOOD = 5_000;
const TITLES: Readonly<Record<Way, string>> = {
  eventfd: 'eventfd, read',
  poll: 'poll, read',
  'poll-many': 'poll, large read',
  blocking: 'blocking read',
  'blocking-4': '4 blocking reads',
  'io-wq': 'K posted, io-wq',
  nowait: 'K posted, nowait',
  multishot: 'multishot poll',
};

type DeliveryOutcome = Outcome<DeliveryPoint>;

export const delivery = defineStudy({
  name: 'delivery',
  title: 'How faults get to user space',
  question: 'Which way to wait for faults has the shortest delay, and which bears the most faults per second?',
  sources: ['D-26', 'seed:004', 'drivers/iommu/iommufd/eventq.c', 'io_uring/poll.c', 'io_uring/rw.c', 'fs/eventfd.c'],
  parameters,
  build(point: DeliveryPoint, values) {
    const { way, rate } = point;
    // Of a flood not all that is asked for is done; one of four is more than any way does.
    const time = (1_000 * values.faults) / Math.min(rate, 250);
    return {
      system: deliverySystem(point, values),
      timing: timingOf(point, values),
      measures,
      time,
      read: readOf(way),
    };
  },
  async run({ parameters: { posted, wake, call }, simulate }) {
    const point = (way: Way, rate: number, more: Partial<DeliveryPoint> = {}) => ({
      way,
      rate,
      posted,
      wake,
      call,
      ...more,
    });
    const sweep = await simulate(WAYS.flatMap((way) => [...RATES, FLOOD].map((rate) => point(way, rate))));
    const at = (way: Way, rate: number) =>
      sweep.find((outcome) => outcome.point.way === way && outcome.point.rate === rate)!.values;
    const few = (['io-wq', 'nowait'] as const).flatMap((way) => [1, 8, 32].map((count) => ({ way, posted: count })));
    const counts = await simulate(
      few.flatMap(({ way, posted: count }) => [LOW, FLOOD].map((rate) => point(way, rate, { posted: count }))),
    );
    const doubted = [{ wake: 0.5 }, { wake: 10 }, { call: 1 }, { call: 3 }];
    const told = ['eventfd', 'poll', 'blocking', 'io-wq', 'nowait'] as const;
    const doubts = await simulate(
      doubted.flatMap((more) => told.flatMap((way) => [LOW, FLOOD].map((rate) => point(way, rate, more)))),
    );
    const pairs = (outcomes: readonly DeliveryOutcome[]) =>
      outcomes.flatMap((low, index) => (index % 2 === 0 ? [[low, outcomes[index + 1]!] as const] : []));
    return {
      answer: answerOf(at),
      tables: [
        {
          title: `At ${LOW} faults/ms, and in a flood`,
          head: ['way', 'median us', 'p99 us', 'busy us', 'flood/ms'],
          rows: WAYS.map((way) => {
            const [low, flood] = [at(way, LOW), at(way, FLOOD)];
            return [TITLES[way], low.median!, low.p99!, low.busy!, flood.answered!];
          }),
        },
        {
          title: 'How many reads are posted',
          head: ['way', 'K', 'median us', 'busy us', 'flood/ms'],
          rows: pairs(counts).map(([low, flood]) => [
            TITLES[low.point.way],
            low.point.posted,
            low.values.median!,
            low.values.busy!,
            flood.values.answered!,
          ]),
        },
        {
          title: 'Other costs of a wake-up and of a system call',
          head: ['wake us', 'call us', 'way', 'median us', 'p99 us', 'flood/ms'],
          rows: pairs(doubts).map(([low, flood]) => [
            low.point.wake,
            low.point.call,
            TITLES[low.point.way],
            low.values.median!,
            low.values.p99!,
            flood.values.answered!,
          ]),
        },
      ],
      plots: (['median', 'p99'] as const).map((which) => ({
        name: which,
        title: `From the fault to its answer: ${which === 'median' ? 'half of them are faster' : '99 of 100 are faster'}`,
        x: { title: 'faults per ms', scale: 'log' as const },
        y: { title: 'us', scale: 'log' as const },
        series: WAYS.map((way) => ({
          name: TITLES[way],
          points: RATES.map((rate) => [rate, at(way, rate)[which]!] as const),
        })),
      })),
      notes: [
        'busy us: what the CPUs of user space and of io-wq are held for a fault, with the time that they take to wake up.',
        'A fault ends with its answer. It has the time to handle it in it, which is the same for all ways.',
        'None of the costs of a call, a wake-up, a copy or an answer was measured.',
      ],
    };
  },
});

type At = (way: Way, rate: number) => DeliveryOutcome['values'];

function answerOf(at: At): string[] {
  const order = (which: string, rate: number, isMost: boolean) =>
    [...WAYS].sort((one, other) => (isMost ? -1 : 1) * (at(one, rate)[which]!.mean - at(other, rate)[which]!.mean));
  const told = (way: Way, which: string, rate: number) =>
    `${TITLES[way]} (${Number(at(way, rate)[which]!.mean.toPrecision(3))})`;
  const fastest = order('median', LOW, false);
  const most = order('answered', FLOOD, true);
  const dearest = order('busy', LOW, true);
  const [first, second, last] = [fastest[0]!, fastest[1]!, fastest.at(-1)!];
  return [
    `At ${LOW} faults/ms the median in us is least with ${told(first, 'median', LOW)} and ${told(second, 'median', LOW)}, and most with ` +
      `${told(last, 'median', LOW)}.`,
    `In a flood the most faults/ms are answered by ${told(most[0]!, 'answered', FLOOD)} and ` +
      `${told(most[1]!, 'answered', FLOOD)}, the fewest by ${told(most.at(-1)!, 'answered', FLOOD)}; ` +
      `there ${told('eventfd', 'answered', FLOOD)}, and ${told('nowait', 'answered', FLOOD)}.`,
    `CPUs are busy for the longest time, in us for a fault, with ${told(dearest[0]!, 'busy', LOW)}; ` +
      `the least is ${told(dearest.at(-1)!, 'busy', LOW)}.`,
  ];
}

/** The system of `delivery.ts`: what its points are made of, what each step takes, and what is measured. */
import { z } from 'zod';
import type { Run } from '../../src/simulate/run.ts';
import type { Point } from '../../src/simulate/study.ts';
import { exponential, logNormal } from '../../src/system/durations.ts';
import { always, type SystemView } from '../../src/system/property.ts';
import { type Actor, type Actors, actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import type { MeasureDefinition, StepTiming, Timing } from '../../src/system/timing.ts';
import { eventfd } from '../kernel/fs/eventfd.ts';
import { multishotPoll } from '../kernel/io_uring/multishot-poll.ts';
import { deliveringThread } from '../kernel/iommufd/delivering-thread.ts';
import { deliveringThreadEventfd } from '../kernel/iommufd/delivering-thread-eventfd.ts';
import { waitQueue } from '../kernel/sched/wait-queue.ts';
import { blockingReader } from '../user/blocking-reader.ts';
import { eventfdReader } from '../user/eventfd-reader.ts';
import { pollReader } from '../user/poll-reader.ts';
import { deliverCount, faultingDevice, ioWorker, postedReads, ringThread } from './delivery-counts.ts';

const us = (usual: number, what: string) => z.number().min(0).max(1_000).default(usual).describe(`us: ${what}`);

export const parameters = z.object({
  call: us(0.2, 'to enter a system call and leave it'),
  wake: us(2.5, 'from a wake-up until the thread runs'),
  copy: us(0.1, 'to copy a group to user space, or an answer from it'),
  look: us(0.1, 'to look at the list under its lock'),
  handle: us(2, 'for user space to handle a group'),
  respond: us(1, 'for the kernel to answer the device'),
  signal: us(0.3, 'for the reporting thread to wake somebody'),
  posted: z.number().int().min(1).max(64).default(8).describe('reads that are posted before'),
  room: z.number().int().min(1).max(64).default(16).describe('groups that a large buffer has room for'),
  outstanding: z
    .number()
    .int()
    .min(1)
    .max(128)
    .default(32)
    .describe('faults that the device may have without an answer'),
  faults: z.number().int().min(200).default(5_000).describe('faults that a run is long enough for'),
});

type Values = z.output<typeof parameters>;

/** `io-wq`: as today; `nowait`: on a file that could be read in the task work, which iommufd's cannot. */
export const WAYS = ['eventfd', 'poll', 'poll-many', 'blocking', 'blocking-4', 'io-wq', 'nowait', 'multishot'] as const;
export type Way = (typeof WAYS)[number];

export interface DeliveryPoint extends Point {
  readonly way: Way;
  /** Faults per millisecond. */
  readonly rate: number;
  readonly posted: number;
  readonly wake: number;
  readonly call: number;
}

const readersOf = (way: Way) => (way === 'blocking-4' ? 4 : 1);
const isPosted = (way: Way) => way === 'io-wq' || way === 'nowait';
const RUN = { choices: [{ type: 'RUN' }], rest: () => true } as const;

/** Who waits, and on what. */
function waitingOf(way: Way, posted: number): Actors {
  const input = { list: 'list', waiters: 'waiters' };
  const some = (actors: Record<string, Actor<never>>) => actors as unknown as Actors;
  const queue = { waiters: actor(waitQueue) };
  switch (way) {
    case 'eventfd':
      return some({
        waiters: actor(eventfd),
        user0: actor(eventfdReader, { input: { name: 'user0', ...input }, ...RUN }),
      } as never);
    case 'multishot': {
      const user = { name: 'user0', list: 'list', waiters: 'poll' };
      return some({
        ...queue,
        poll: actor(multishotPoll, { input: { name: 'poll', ...input }, ...RUN }),
        user0: actor(eventfdReader, { input: user, ...RUN }),
      } as never);
    }
    case 'io-wq':
    case 'nowait':
      return some({
        reads: actor(postedReads, { input: { posted } }),
        user: actor(ringThread, { input: { isNowait: way === 'nowait' }, ...RUN }),
        ...(way === 'io-wq' && { iowq: actor(ioWorker, RUN) }),
      } as never);
    default: {
      const machine = way.startsWith('poll') ? pollReader : blockingReader;
      const readers = family('user', readersOf(way), (at) =>
        actor(machine as typeof pollReader, { input: { name: `user${at}`, ...input }, ...RUN }),
      );
      return some({ ...queue, ...readers } as never);
    }
  }
}

export const NO_MISSED_WAKEUP = 'no group waits while all who read sleep, and nobody is about to wake them';

/** Exported for the tests: a small one is checked. */
export function deliverySystem(
  { way, posted }: Pick<DeliveryPoint, 'way' | 'posted'>,
  { outstanding, room }: Pick<Values, 'outstanding' | 'room'>,
) {
  const waiters = isPosted(way) ? 'reads' : 'waiters';
  const thread = way === 'eventfd' ? deliveringThreadEventfd : deliveringThread;
  const actors = combineActors(
    {
      dev: actor(faultingDevice, {
        input: { most: outstanding },
        choices: [{ type: 'DMA' }],
        rest: ({ context }) => context.outstanding === 0,
      }),
      irq: actor(thread, { input: { list: 'list', waiters }, choices: [{ type: 'RUN' }], rest: ['idle'] }),
      list: actor(deliverCount, { input: { room: way === 'poll-many' ? room : 1 } }),
    } as unknown as Actors,
    waitingOf(way, posted),
  );
  const sleeps = (view: SystemView): boolean => {
    if (isPosted(way)) {
      const { armed } = view.get('reads').context as { armed: number };
      return armed === posted;
    }
    if (way === 'eventfd') return view.get('user0').value === 'idle' && view.get('waiters').value === 'zero';
    if (way === 'multishot') {
      const { request, completions } = view.get('poll').value as { request: string; completions: string };
      return view.get('user0').value === 'idle' && request === 'armed' && completions === 'none';
    }
    return Array.from({ length: readersOf(way) }, (_, at) => view.get(`user${at}`)).every(
      ({ value }) => value === 'sleeping',
    );
  };
  const delivered = (view: SystemView) => (view.get('list').context as { delivered: number }).delivered;
  return defineSystem({
    actors,
    channels: { faults: { to: ['irq'], types: ['FAULT'], order: 'fifo', capacity: Number.POSITIVE_INFINITY } },
    blocking: [
      'FAULT',
      ...(isPosted(way) ? ['WAIT_CQE'] : []),
      ...(way === 'io-wq' ? ['TAKE_WORK'] : []),
      ...(way === 'eventfd' || way === 'multishot' ? ['READ_COUNT'] : []),
    ],
    unsent: 'ignore',
    properties: () => [
      always(NO_MISSED_WAKEUP, (view) => delivered(view) === 0 || view.get('irq').value !== 'idle' || !sleeps(view)),
    ],
  });
}

const readerOf = (way: Way) => (way.startsWith('poll') ? 'poll' : way.startsWith('blocking') ? 'blocking' : 'eventfd');

/** What a step of the user's thread costs, beside the wake-up. */
export function timingOf({ way, rate, wake, call }: DeliveryPoint, values: Values): Timing {
  const { copy, look, handle, respond, signal } = values;
  const uses = 'user';
  // One call of write() has all answers of a read; the kernel gives them to the device one after the other.
  const answers: StepTiming['takes'] = ({ context }) => {
    const count = Number(context.group);
    return logNormal(call + count * (handle + copy + respond), handle / 2);
  };
  const steps: Readonly<Record<'eventfd' | 'poll' | 'blocking', readonly StepTiming[]>> = {
    // The read of the eventfd, or a look at the completion queue; then read(2).
    eventfd: [
      { takes: way === 'multishot' ? look : call, uses },
      { in: 'signalled', takes: call + look + copy, uses },
    ],
    // poll(2) adds its entry and looks at the list; then read(2).
    poll: [
      { takes: call, uses },
      { in: 'waiting', takes: look, uses },
      { in: 'readable', takes: call + look + copy, uses },
    ],
    blocking: [
      { takes: call, uses },
      { in: 'waiting', takes: look + copy, uses },
    ],
  };
  const [first, ...others] = steps[readerOf(way)];
  const reader: StepTiming[] = [{ in: 'handling', takes: answers, uses }, ...others, first!];
  const ring: Timing['actors'] = {
    user: {
      RUN: [
        { in: 'handling', takes: logNormal(handle + copy + respond, handle / 2), uses },
        { in: ['woken', 'posting'], takes: look + (way === 'nowait' ? copy : 0), uses },
        { takes: 0, uses },
      ],
    },
    ...(way === 'io-wq' && {
      iowq: {
        RUN: [
          { in: 'reading', takes: look + copy, uses: 'iowq' },
          { takes: 0, uses: 'iowq' },
        ],
      },
    }),
  };
  const enters = isPosted(way) || way === 'multishot' ? call : 0;
  return {
    resources: {
      user: { units: readersOf(way), wakeUp: wake + enters, keeps: true },
      ...(way === 'io-wq' && { iowq: { units: 1, wakeUp: wake, keeps: true } }),
    },
    actors: {
      dev: { DMA: exponential(1_000 / rate) },
      irq: { FAULT: { takes: look }, RUN: { takes: signal } },
      ...(isPosted(way) ? ring : { 'user*': { RUN: reader } }),
      ...(way === 'multishot' && { poll: { RUN: look } }),
    },
  };
}

export const measures: MeasureDefinition = {
  counters: { answered: { type: 'PAGE_RESPONSE' } },
  times: { fault: { from: { type: 'FAULT' }, to: { type: 'PAGE_RESPONSE' } } },
};

/** The values of a run of such a way. */
export const readOf =
  (way: Way) =>
  ({ times, counters, resources }: Run) => {
    const { mean, median, p99 } = times.fault!;
    const rate = counters.answered!.rate;
    const busy = resources.user!.utilisation * readersOf(way) + (resources.iowq?.utilisation ?? 0);
    return { mean, median, p99, answered: 1_000 * rate, busy: busy / rate };
  };

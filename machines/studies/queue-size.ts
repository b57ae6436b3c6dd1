/**
 * B-35: how often does VT-d's page request queue overflow? It had 128 entries and functions might have 32 requests outstanding; then 512,
 * and as many as they can ("Allow devices to have more than 32 outstanding PRs", July 2021); then 2048 (ea661ad6e157, May 2022). That
 * commit says how it came to 2048: what all devices of a Sapphire Rapids may have outstanding, rounded up to a power of two, and twice
 * that, as the head moves once for each pass of the thread (intel/prq.c prq_event_thread()). AMD and SMMUv3 move it with each entry. The
 * text of both patches was read; nobody published how often a queue overflowed.
 *
 * The other half of the question is J.-P. Brucker's and Lu Baolu's (list, 2021): most of the latency is the scheduling of the work queue,
 * and to handle inline is shorter but makes an overflow more likely.
 *
 *   dev0... -PAGE_REQUEST-> registers -IRQ-> irq -QUEUE_WORK-> pool -WAKE-> kworker0...
 *      ^----------------- responder <-------- inline ----'                 |
 *                             ^--------------------------------------------'
 *
 * The rules of PRO, PPR, head and tail are those of `../hardware/vtd/page-request-registers-overflow.ts` and
 * `../kernel/intel/prq-overflow.ts`. Those keep the requests in a list, and both counts of a pass: with 2048 entries that are too many
 * local states. So here all of it is numbers (`page-request-counts.ts`, `page-request-threads.ts`, put together by
 * `page-request-system.ts`).
 *
 * Constants. Entries and credits: the source. Handler: 2.0 us (`constants.md` C.1, SVA group handler). All else nobody has measured: the
 * times are parameters, and a lone request that goes by the work queue takes 8.4 us with them; 10.1 to 10.6 us were measured (C.1, SVA),
 * on another IOMMU and with the retry of the device.
 *
 * Simplifications: each request is a group of its own, so nothing is partial and each one is answered; a request does not say of which
 * function it is, and an answer goes to any that waits for one, each as likely; what the hardware answers by itself is asked for again
 * after a time, and keeps its credit; a request is on its way for no time; the length of a burst is geometric; as many requests fit as
 * there are entries (in the ring one is always free).
 */
import { defineStudy, type Outcome } from '../../src/simulate/study.ts';
import { measures, type PrqPoint, parameters, prqSystem, read, timingOf } from './page-request-system.ts';

const QUEUES = [
  { entries: 128, each: false },
  { entries: 128, each: true },
  { entries: 512, each: false },
  { entries: 512, each: true },
  { entries: 2048, each: false },
] as const;
const LOADS = { inline: [50, 100, 150, 200], queued: [200, 500, 1_000, 1_500] };
/** What one thread can handle in a millisecond is about 285 inline. */
const MODERATE = 100;
const BUSY = 200;
const HEAVY = 270;

type PrqOutcome = Outcome<PrqPoint>;
const handling = (inline: boolean) => (inline ? 'inline' : 'work queue');
const queueName = ({ entries, each }: PrqPoint) => `${entries}, ${each ? 'entry' : 'pass'}`;
const numbers = ({ values }: PrqOutcome) => [values.overflowing!, values.refused!, values.answered!, values.latency!];
const NUMBERS = ['PRO %', 'refused', 'done/ms', 'us'];

export const queueSize = defineStudy({
  name: 'queue-size',
  title: 'How often the page request queue of VT-d overflows',
  question: 'How many entries does the page request queue need, if its head moves once a pass, or with each entry?',
  sources: [
    'B-35',
    'ea661ad6e157',
    'drivers/iommu/intel/prq.c prq_event_thread()',
    'drivers/iommu/amd/ppr.c',
    'VT-d 7.4.1',
  ],
  parameters,
  build(point: PrqPoint, values) {
    const time = (1_000 * values.faults) / point.load;
    return { system: prqSystem(point, values), timing: timingOf(point, values), measures, time, read };
  },
  async run({ parameters: { credits, burst, devices }, simulate }) {
    const usual = { entries: 128, each: false, inline: true, load: MODERATE, burst, credits };
    const sweep = await simulate(
      [true, false].flatMap((inline) =>
        QUEUES.flatMap((queue) =>
          LOADS[inline ? 'inline' : 'queued'].map((load) => ({ ...usual, ...queue, inline, load })),
        ),
      ),
    );
    // So many outstanding in all as half of the entries, as the entries, as twice the entries.
    const limits = await simulate(
      [64, 128, 256]
        .map((all) => Math.max(1, Math.floor(all / devices)))
        .flatMap((few) => [false, true].map((each) => ({ ...usual, each, credits: few, load: HEAVY }))),
    );
    const ways = await simulate(
      [1, burst].flatMap((length) => [true, false].map((inline) => ({ ...usual, inline, burst: length }))),
    );
    const bursts = await simulate([4, 16, 256].map((length) => ({ ...usual, burst: length })));
    return {
      answer: answerOf({ sweep, limits, ways, devices }),
      tables: [
        ...[true, false].map((inline) => ({
          title: `Bursts of ${burst}, handled ${inline ? 'inline' : 'by the work queue'}; outstanding: ${devices} x ${credits}`,
          head: ['entries, head', 'load', ...NUMBERS],
          rows: sweep
            .filter(({ point }) => point.inline === inline && point.load >= (inline ? 100 : 1_000))
            .map((outcome) => [queueName(outcome.point), outcome.point.load, ...numbers(outcome)]),
        })),
        {
          title: `128 entries, inline, a load of ${HEAVY}: what may be outstanding in all`,
          head: ['outstanding', 'head', ...NUMBERS],
          rows: limits.map((outcome) => [
            outcome.point.credits * devices,
            outcome.point.each ? 'entry' : 'pass',
            ...numbers(outcome),
          ]),
        },
        {
          title: `128 entries, head once a pass, a load of ${MODERATE}`,
          head: ['handled', 'burst', ...NUMBERS],
          rows: [...ways, ...bursts].map((outcome) => [
            handling(outcome.point.inline),
            outcome.point.burst,
            ...numbers(outcome),
          ]),
        },
      ],
      plots: [true, false].map((inline) => ({
        name: inline ? 'inline' : 'work-queue',
        title: `Time with PRO set, ${inline ? 'handled in the interrupt thread' : 'handled by the work queue'}`,
        x: { title: 'faults per ms', scale: 'log' as const },
        y: { title: '% of the time' },
        series: QUEUES.map((queue) => ({
          name: `${queue.entries} entries, head per ${queue.each ? 'entry' : 'pass'}`,
          points: sweep
            .filter(({ point }) => point.inline === inline && queueName(point) === queueName({ ...usual, ...queue }))
            .map(({ point, values }) => [point.load, values.overflowing!] as const),
        })),
      })),
      notes: [
        'PRO %: the share of the time in which the hardware stores no request.',
        'refused: what the hardware answers by itself, for each fault that is handled.',
        "us: from the first request for a page until it is answered, by Little's law.",
        "No time in it but the handler's 2.0 us was measured; the text of ea661ad6e157 gives no overflow rate to compare with.",
      ],
    };
  },
});

interface Told {
  readonly sweep: readonly PrqOutcome[];
  readonly limits: readonly PrqOutcome[];
  readonly ways: readonly PrqOutcome[];
  readonly devices: number;
}

function answerOf({ sweep, limits, ways, devices }: Told): string[] {
  const at = (entries: number, each: boolean) =>
    sweep.find(
      ({ point }) => point.inline && point.load === BUSY && queueName(point) === queueName({ ...point, entries, each }),
    )!.values.overflowing!.mean;
  const percent = (value: number) => `${Number(value.toPrecision(2))} %`;
  const borne = (each: boolean) => {
    const never = limits.filter(
      ({ point, values }) => point.each === each && values.overflows!.mean === 0 && values.overflowing!.mean === 0,
    );
    const most = Math.max(0, ...never.map(({ point }) => point.credits * devices));
    return most === 0 ? 'none of those that were tried' : `up to ${most}`;
  };
  const [single, singleQueued, burst, burstQueued] = ways.map(({ values }) => values);
  const big = sweep.filter(({ point }) => point.entries === 2048).every(({ values }) => values.overflowing!.mean === 0);
  return [
    `With ${BUSY} faults/ms in bursts, handled inline, PRO is set for ${percent(at(128, false))} of the time with 128 entries and for ` +
      `${percent(at(512, false))} with 512 (per entry ${percent(at(128, true))} and ${percent(at(512, true))}); with 2048 ` +
      `${big ? 'no run had it set' : 'some runs had it set as well'}.`,
    `Of requests that may be outstanding in all, 128 entries bore ${borne(false)} in all runs if the head moves once a pass, and ` +
      `${borne(true)} if it moves with each entry.`,
    `Inline a lone request takes ${single!.latency!.mean.toFixed(1)} us and by the work queue ` +
      `${singleQueued!.latency!.mean.toFixed(1)}, but in bursts ${burst!.latency!.mean.toFixed(0)} against ` +
      `${burstQueued!.latency!.mean.toFixed(0)} us, and PRO is set for ${percent(burst!.overflowing!.mean)} of the time against ` +
      `${percent(burstQueued!.overflowing!.mean)}.`,
  ];
}

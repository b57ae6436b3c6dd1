/**
 * How many guests with an assigned device fit on a host (D-01, D-02; Alex Williamson in the review of VFIO's IOPF series v3, seed 001: the
 * series is about density, so show it, with "slope, plateau, and inflection point" of the aggregate throughput against static pinning; the
 * author: to be tested later, and it depends on whether the driver reuses its buffers).
 *
 *   pin     VFIO pins all of a guest before it runs; where the host has not enough, the guest is refused
 *   iopf    nothing is pinned; what is not in memory faults, and is read from swap; a clock takes blocks back
 *
 * The machines are in `density-machines.ts` and `density-guest.ts`. A guest has some blocks, of which the first few are its working
 * set. A DMA goes there with the
 * probability `reuse`, and else to one of the others, each as likely.
 *
 * Constants. Transfer 0.226 us and mapping 0.305 us for a page of 4 KiB, a fault 10.5 us, of which the handler has 1.6: hisi_sec
 * (constants.md C.1). Of the other 8.9 us only the sum was measured; a quarter each goes to the queue, its thread, the wake-up of a worker,
 * and the way back. An invalidation: 2131 cycles (rIOMMU, C.6) at 2.6 GHz. The disk, the gap between two DMAs, the looks and unpinning are
 * assumed, and parameters.
 *
 * Simplifications. Sizes are scaled: a block is 512 pages, a fault maps and a reclaim takes a whole one, and a guest of 16 blocks stands
 * for a larger one; only the shares of working set, guest and host count, and what a fault costs against a DMA. At the beginning the host
 * has as many blocks in memory as fit, working sets first, and the others are in swap. What is taken back was written to, so it is written
 * to the disk. A block that is taken while a DMA goes to it disturbs nobody: CMD_SYNC waits for the DMA. The guests' CPUs take no
 * part, and their page tables are no part of the host's memory.
 */
import { z } from 'zod';
import { defineStudy } from '../../src/simulate/study.ts';
import { exponential } from '../../src/system/durations.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import type { Timing } from '../../src/system/timing.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import {
  answerOf,
  type DensityCase,
  type DensityPoint,
  type Fit,
  fitTable,
  largestThatFits,
  latencyPlot,
  shapeOf,
  shapeTable,
  throughputPlot,
} from './density-answer.ts';
import { denseDevice, denseDriver } from './density-guest.ts';
import { denseBlock, denseReclaimer, eventThread, faultWorker, frameCounter, RUN } from './density-machines.ts';

const parameters = z
  .object({
    blocks: z.int().min(2).max(64).default(16).describe('blocks of a guest'),
    working: z.int().min(1).max(63).default(4).describe('of them in its working set'),
    frames: z.int().min(4).max(1024).default(64).describe('blocks that fit into the host; at least one guest'),
    most: z.int().min(2).max(64).default(20).describe('guests that are tried'),
    bound: z.number().positive().max(1e6).default(500).describe('us that 99 % of the DMAs may take'),
    message: z.number().positive().max(2048).default(256).describe('KiB of a DMA'),
    gap: z.number().min(1).max(100_000).default(80).describe('us from a DMA to the next of the device, mean (assumed)'),
    disk: z.number().min(1).max(100_000).default(500).describe('us to read or write a block of 2 MiB (assumed)'),
    disks: z.int().min(1).max(64).default(2).describe('reads and writes that the disk does at a time (assumed)'),
    workers: z.int().min(1).max(64).default(4).describe('workers that handle faults'),
    low: z.int().min(1).max(64).default(4).describe('free frames below which the host reclaims'),
    look: z.number().min(0).max(100).default(0.05).describe('us to look at a block while reclaiming (assumed)'),
    unpin: z.number().min(0).max(10).default(0.05).describe('us to unmap and unpin a page (assumed)'),
    time: z.number().min(1000).max(1e9).default(200_000).describe('us that are simulated; a third is warm-up'),
  })
  .refine(({ blocks, frames }) => frames >= blocks, 'the host has room for a guest: frames is at least blocks');
type DensityParameters = z.output<typeof parameters>;

const PAGES = 512;
const TRANSFER = 0.226;
const MAP = 0.305;
const FAULT = { handler: 1.6, around: 8.9 } as const;
const INVALIDATION = 2131 / 2600;

function systemOf({ isPinned, guests, frames }: DensityPoint, { blocks, workers, low }: DensityParameters) {
  const deviceNames = names('device', guests);
  const driverNames = names('driver', guests);
  const workerNames = names('worker', workers);
  const all = Array.from({ length: guests * blocks }, (_, at) => ({
    guest: at % guests,
    block: Math.floor(at / guests),
  }));
  const mapped = Math.min(all.length, Math.max(0, frames - low));
  const isMapped = ({ guest, block }: { guest: number; block: number }) => isPinned || block * guests + guest < mapped;
  const inHost = isPinned ? 0 : mapped;
  const draws = Array.from({ length: blocks }, (_, at) => ({ type: `DRAW.${at}` as const, at }));
  return defineSystem({
    actors: combineActors(
      family('device', guests, (guest) => {
        const name = deviceNames[guest]!;
        return actor(denseDevice, {
          input: { name, guest, pins: isPinned ? blocks : 0 },
          choices: [RUN, { type: 'END', guest }],
          rest: ['refused'],
        });
      }),
      family('driver', guests, (guest) =>
        actor(denseDriver, { input: { guest }, choices: [RUN, ...draws], rest: ['waiting'] }),
      ),
      {
        eventThread: actor(eventThread, { choices: [RUN] }),
        frames: actor(frameCounter, { input: { free: frames - inHost, low: isPinned ? 0 : low } }),
        reclaimer: actor(denseReclaimer, { input: { name: 'reclaimer', guests, blocks }, choices: [RUN] }),
      },
      family('worker', workers, (at) => actor(faultWorker, { input: { name: workerNames[at]! }, choices: [RUN] })),
      ...Array.from({ length: guests }, (_, guest) =>
        family(`block${guest}_`, blocks, (block) =>
          actor(denseBlock, { input: { isMapped: isMapped({ guest, block }) } }),
        ),
      ),
    ),
    channels: {
      doorbells: { from: driverNames, to: deviceNames, types: ['DMA'], order: 'fifo', capacity: guests },
      completions: { from: deviceNames, to: driverNames, types: ['DONE'], order: 'fifo', capacity: guests },
      eventQueue: { from: deviceNames, to: ['eventThread'], types: ['STALL'], order: 'fifo', capacity: guests },
      workQueue: {
        from: ['eventThread'],
        to: workerNames,
        types: ['WORK'],
        order: 'fifo',
        capacity: guests,
        competing: true,
      },
      commandQueue: { from: workerNames, to: deviceNames, types: ['RESUME'], order: 'fifo', capacity: guests },
      frameRequests: { from: workerNames, to: ['frames'], types: ['WANT_FRAME'], order: 'fifo', capacity: workers },
      frameGrants: { from: ['frames'], to: workerNames, types: ['GRANTED'], order: 'fifo', capacity: workers },
      wakeUps: { from: ['frames'], to: ['reclaimer'], types: ['LOW'], order: 'fifo', capacity: 2 },
      freed: { from: ['reclaimer'], to: ['frames'], types: ['FREED'], order: 'fifo', capacity: 2 },
    },
    blocking: ['DMA', 'STALL', 'WORK', 'WANT_FRAME', 'LOW'],
    unsent: 'ignore',
    properties: ({ always, happens }) => [
      // It looks at all blocks, which is for a few of them.
      ...when(
        all.length <= 8,
        always('no more blocks are in memory than the host has frames', (view) => {
          if (isPinned) {
            const running = deviceNames.filter(
              (name) => !['starting', 'refused'].includes(String(view.get(name).value)),
            );
            return running.length * blocks <= frames;
          }
          const mappedNow = all.filter(({ guest, block }) => view.get(`block${guest}_${block}`).matches('mapped'));
          return mappedNow.length + view.get('frames').context.free <= frames;
        }),
      ),
      ...when(
        isPinned,
        always('only IOPF has faults', (view) => view.get('eventThread').matches('idle')),
      ),
      ...when(!isPinned && all.length > mapped, happens('a block is taken back', { type: 'UNMAPPED' })),
    ],
  });
}

function timingOf({ working, reuse }: DensityPoint, values: DensityParameters): Timing {
  const { blocks, message, gap, disk, disks, look, unpin } = values;
  const cold = blocks - working;
  const weightOf = (at: number) => {
    if (cold === 0) return 1;
    return at < working ? reuse / working : (1 - reuse) / cold;
  };
  const step = FAULT.around / 4;
  return {
    resources: { disk: { units: disks } },
    actors: {
      'driver*': {
        // The time between two DMAs is the driver's and the guest's.
        RUN: exponential(gap),
        ...Object.fromEntries(
          Array.from({ length: blocks }, (_, at) => [`DRAW.${at}`, { takes: 0, weight: weightOf(at) }] as const),
        ),
      },
      'device*': { RUN: 0, END: (message / 4) * TRANSFER },
      eventThread: { RUN: step },
      'worker*': {
        RUN: [
          { in: 'handling', takes: FAULT.handler },
          { in: 'reading', takes: disk, uses: 'disk' },
          { takes: (PAGES - 1) * MAP },
        ],
      },
      reclaimer: {
        RUN: [
          { in: 'looking', takes: 0 },
          { in: 'passing', takes: look },
          { in: 'unmapping', takes: INVALIDATION + PAGES * unpin },
          { takes: disk, uses: 'disk' },
        ],
      },
    },
    channels: {
      eventQueue: { latency: step },
      workQueue: { latency: step },
      commandQueue: { latency: step },
    },
  };
}

/** The sweep: closer together where the curves bend. */
const sizesTo = (most: number) => [1, 2, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64].filter((size) => size <= most);
const REUSES = [0.9, 0.97, 0.99, 0.999];

export const density = defineStudy({
  name: 'density',
  title: 'How many guests with an assigned device fit on a host',
  question:
    'How many guests fit on a host under a bound on p99 DMA latency, and how does the aggregate throughput bend, pinned and with IOPF?',
  sources: ['D-01', 'D-02', 'seed:001', 'constants C.1, C.6'],
  parameters,
  seeds: 3,
  build(point: DensityPoint, values) {
    const { message, time, bound } = values;
    return {
      system: systemOf(point, values),
      timing: timingOf(point, values),
      measures: {
        counters: { dmas: { type: 'END' }, faults: { type: 'FAULT' } },
        gauges: { refused: { actors: 'device*', value: (snapshot) => Number(snapshot.matches('refused')) } },
        times: { dma: { from: { type: 'DMA' }, to: { type: 'END' }, key: ({ guest }) => String(guest) } },
      },
      time,
      warmUp: time / 3,
      read: ({ counters, gauges, times, resources }) => ({
        // KiB in a us, as GB in a s.
        throughput: (counters.dmas!.rate * message * 1024) / 1000,
        // Where no DMA is done in the time, one takes that at least.
        latency: times.dma!.count > 0 ? times.dma!.p99 : time,
        late: Number(times.dma!.count === 0 || times.dma!.p99 > bound),
        faults: (100 * counters.faults!.count) / Math.max(1, counters.dmas!.count),
        refused: gauges.refused!.max,
        disk: 100 * resources.disk!.utilisation,
      }),
    };
  },
  async run({ parameters: values, simulate }) {
    const { working, frames, most, bound } = values;
    const usual = { frames, working, reuse: 0.99 };
    const pinned = { ...usual, isPinned: true };
    const curveCases: DensityCase[] = [pinned, ...REUSES.map((reuse) => ({ ...usual, reuse, isPinned: false }))];
    const sizes = sizesTo(most);
    const swept = await simulate(curveCases.flatMap((each) => sizes.map((guests) => ({ ...each, guests }))));
    const curves = curveCases.map((each, at) => ({
      case: each,
      outcomes: swept.slice(at * sizes.length, (at + 1) * sizes.length),
    }));
    const doubted: DensityCase[] = [
      pinned,
      ...REUSES.map((reuse) => ({ ...usual, reuse, isPinned: false })),
      ...[1.5 * working, 2 * working]
        .map((size) => Math.min(values.blocks, Math.round(size)))
        .map((other) => ({
          ...usual,
          working: other,
          isPinned: false,
        })),
      ...[frames / 2, 0.75 * frames]
        .map((size) => Math.max(values.blocks, Math.round(size)))
        .flatMap((other) => [true, false].map((isPinned) => ({ ...usual, frames: other, isPinned }))),
    ];
    const fits: Fit[] = await largestThatFits(doubted, { most, known: swept }, simulate);
    const shapes = curves.map(shapeOf);
    return {
      answer: answerOf({ shapes, fits, bound, most }),
      tables: [shapeTable(shapes), fitTable(fits)],
      plots: [throughputPlot(curves), latencyPlot(curves)],
      notes: [
        'slope: GB/s for each guest, of one and two guests. plateau: the most GB/s of all guests together.',
        'bends: the guests from which another one adds less than half of the slope.',
        `fit: guests of which none is refused, and p99 is at most ${bound} us with most seeds; found by halving, at most ${most}.`,
        'last: with one guest more than fit.',
      ],
    };
  },
});

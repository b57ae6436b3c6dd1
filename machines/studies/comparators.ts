/**
 * Five ways to give a device the memory of its guest, side by side (D-19; Jean-Philippe Brucker in the review of VFIO's IOPF series v1,
 * seed 002: how does this compare with map/unmap by a vIOMMU, and with coIOMMU? "Later", and never answered).
 *
 *   pin        all of the guest is pinned and mapped (VFIO today)
 *   strict     an emulated IOMMU in caching mode: map and unmap trap, and each unmap waits for its invalidation
 *   deferred   the same; unmaps are queued, and one trap flushes all of them (dma-iommu.c)
 *   tracked    coIOMMU: a table that guest and host share; only a page that is not pinned traps
 *   iopf       nobody tells anybody anything: a page that is not mapped faults
 *
 * and three drivers: one `keeps` its buffers mapped; one maps and unmaps each buffer, and its pages `return`; one does the same with pages
 * that are `fresh` for the host, which takes back each page that was let go. The machines are in `comparators-machines.ts` and
 * `comparators-driver.ts`.
 *
 * Constants. Line rate 10 Gb/s, a flush after 10 ms: vIOMMU, ATC 2011 (constants.md C.6). An invalidation has 800 cycles: what batching
 * saves for each sync on VT-d (C.6), at 2.6 GHz (assumed). A fault: 10.5 us, of which the handler has 1.6; to pin and map a page 0.305 us
 * (C.1: 166.1 - 10.5 us for the other 511 pages of a pre-mapped fault). 256 places in the flush queue: IOVA_FQ_SIZE. The rest is assumed,
 * and a parameter. 43 % and 91 % of the line rate, and 2127 cycles for an unmap, are not put in.
 *
 * Simplifications. The driver is alone on its vCPU, and what it traps for is done on that CPU (no side core). An interrupt costs nothing.
 * A buffer is one page. The driver's work is exponential. In `deferred` the host's entry goes with the guest's, not with the flush: that
 * a device may use it until then is the subject of `../guest/dma-buffer-deferred.ts`. The host takes back in the order in which pages were
 * let go, as an LRU that is never wrong would. That the guest's CPU faults on a fresh page too is left out: it does so in all five.
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
  type ComparedPoint,
  DRIVERS,
  sensitivityTables,
  type TracedTrap,
  tracedTrap,
  UNMAP_MEASURED,
  WAYS,
  wayPlot,
  wayTable,
} from './comparators-answer.ts';
import { comparedDriver, flushQueue, type Upkeep } from './comparators-driver.ts';
import { comparedHandler, comparedPage, dmaEngine, invalidator, RUN, takeBackThread } from './comparators-machines.ts';

const parameters = z.object({
  bytes: z.int().min(64).max(4096).default(4096).describe('bytes of a buffer, which has a page of its own'),
  gbits: z.number().min(0.1).max(400).default(10).describe('line rate, Gb/s'),
  ring: z.int().min(1).max(256).default(8).describe('buffers that the device may have at a time'),
  engines: z.int().min(1).max(16).default(1).describe('DMAs that the device overlaps; a fault stalls one of them'),
  work: z.number().min(0.01).max(100).default(1).describe("us of the driver's own work for a buffer, mean (assumed)"),
  trap: z.number().min(0.1).max(100).default(2).describe('us to trap to who emulates the IOMMU, and back (assumed)'),
  mark: z.number().min(0).max(10).default(0.05).describe('us to count in the tracking table (assumed)'),
  pin: z.number().min(0).max(10).default(0.305).describe('us to pin and map a page (C.1)'),
  unpin: z.number().min(0).max(10).default(0.05).describe('us to unmap and unpin a page (assumed)'),
  invalidation: z.number().min(0).max(100_000).default(800).describe('cycles of an invalidation and its wait (C.6)'),
  queue: z.int().min(1).max(4096).default(256).describe('unmaps that are queued at most (IOVA_FQ_SIZE)'),
  buffers: z.int().min(200).max(1_000_000).default(3000).describe('buffers in a run at line rate, about'),
});
type ComparedParameters = z.output<typeof parameters>;

/** Cycles in a us. */
const CLOCK = 2600;
/** Of a fault, us (C.1): the handler; before it and after it, of which only the sum was measured. */
const FAULT = { handler: 1.6, toHandler: 4.45, toDevice: 4.45 } as const;

const UPKEEP: Readonly<Record<(typeof WAYS)[number], Upkeep>> = {
  pin: 'nothing',
  strict: 'strict',
  deferred: 'deferred',
  tracked: 'tracked',
  iopf: 'nothing',
};

function systemOf({ way, driver, engines }: ComparedPoint, { ring, queue }: ComparedParameters) {
  const upkeep = driver === 'keeps' ? 'nothing' : UPKEEP[way];
  const isEmulated = way === 'strict' || way === 'deferred';
  // A driver that keeps its buffers mapped has mapped them long ago; only faults come when the device does.
  const isMapped = way === 'pin' || (driver === 'keeps' && way !== 'iopf');
  const isPressed = driver === 'fresh' && (way === 'tracked' || way === 'iopf');
  const engineNames = names('engine', engines);
  // Twice as many as are in use: each was let go, and taken back, before it is used again.
  const pages = 2 * ring;
  const input = { name: 'driver', upkeep, ring, pages, isPressed };
  return defineSystem({
    actors: combineActors(
      {
        driver: actor(comparedDriver, { input, choices: [RUN] }),
        flushQueue: actor(flushQueue, { input: { name: 'flushQueue', size: queue }, choices: [RUN] }),
        invalidator: actor(invalidator, { choices: [RUN] }),
        handler: actor(comparedHandler, { choices: [RUN] }),
        reclaimer: actor(takeBackThread, { input: { name: 'reclaimer' }, choices: [RUN] }),
      },
      family('engine', engines, (at) => actor(dmaEngine, { input: { name: engineNames[at]! }, choices: [RUN] })),
      family('page', pages, () => actor(comparedPage, { input: { isMapped } })),
    ),
    channels: {
      ring: { from: ['driver'], to: engineNames, types: ['BUFFER'], order: 'fifo', capacity: ring, competing: true },
      completions: { from: engineNames, to: ['driver'], types: ['COMPLETED'], order: 'fifo', capacity: ring },
      eventQueue: { from: engineNames, to: ['handler'], types: ['STALL'], order: 'fifo', capacity: engines },
      commandQueue: { from: ['handler'], to: engineNames, types: ['RESUME'], order: 'fifo', capacity: engines },
      letGo: { from: ['driver'], to: ['reclaimer'], types: ['LET_GO'], order: 'fifo', capacity: pages },
      // Without these two channels driver and queue would be looked at together, and that is slow.
      queueing: { from: ['driver'], to: ['flushQueue'], types: ['QUEUE'], order: 'fifo', capacity: 4 },
      due: { from: ['flushQueue'], to: ['driver'], types: ['FLUSH_DUE'], order: 'fifo', capacity: 1 },
      invalidations: {
        from: ['driver', 'flushQueue', 'reclaimer'],
        to: ['invalidator'],
        types: ['INVALIDATE'],
        order: 'fifo',
        capacity: 4,
      },
    },
    blocking: ['QUEUE', 'BUFFER', 'COMPLETED', 'STALL', 'LET_GO', 'INVALIDATE'],
    unsent: 'ignore',
    properties: ({ always, happens }) => [
      // An invalidation waits for a DMA that is under way, which is not modelled: nothing is said of pages that the host takes at will.
      ...when(
        way !== 'iopf' && pages <= 8,
        always('a page is mapped while a DMA goes to it', (view) =>
          engineNames.every((name) => {
            const engine = view.get(name);
            return !engine.matches('transferring') || view.get(`page${engine.context.page!}`).matches('mapped');
          }),
        ),
      ),
      ...when(
        way !== 'iopf',
        always('only IOPF has faults', (view) => view.get('handler').matches('idle')),
      ),
      ...when(way === 'iopf', happens('a DMA faults', { type: 'FAULT' })),
      ...when(isEmulated && driver !== 'keeps', happens('an unmap is invalidated', { type: 'INVALIDATE' })),
    ],
  });
}

function timingOf({ trap, work, invalidation }: ComparedPoint, values: ComparedParameters): Timing {
  const { bytes, gbits, mark, pin, unpin } = values;
  return {
    // Full duplex is left out: the line is one way.
    resources: { line: { units: 1 } },
    actors: {
      driver: {
        RUN: [
          { in: 'preparing', takes: exponential(work) },
          { in: ['mapTrap', 'unmapTrap', 'flushTrap'], takes: trap },
          { in: 'pinning', takes: pin },
          { in: 'unmapping', takes: unpin },
          { in: ['marking', 'unmarking'], takes: mark },
          { takes: 0 },
        ],
      },
      flushQueue: { RUN: { takes: ({ context }) => (context.queued as number) * unpin } },
      invalidator: { RUN: invalidation / CLOCK },
      handler: { RUN: FAULT.handler },
      reclaimer: { RUN: unpin },
      'engine*': {
        RUN: [
          { in: 'translating', takes: 0 },
          { takes: (bytes * 8) / (gbits * 1000), uses: 'line' },
        ],
      },
    },
    channels: { eventQueue: { latency: FAULT.toHandler }, commandQueue: { latency: FAULT.toDevice } },
  };
}

export const comparators = defineStudy({
  name: 'comparators',
  title: 'Pinning, vIOMMU, coIOMMU and I/O page faults side by side',
  question:
    'How much of the pinned throughput do vIOMMU, coIOMMU and IOPF keep, and what do they cost for each buffer?',
  sources: ['D-19', 'seed:002', 'constants C.1, C.6'],
  parameters,
  seeds: 3,
  build(point: ComparedPoint, values) {
    const line = (values.bytes * 8) / (values.gbits * 1000);
    const isBusy = (snapshot: { matches(state: 'idle'): boolean }) => Number(!snapshot.matches('idle'));
    return {
      system: systemOf(point, values),
      timing: timingOf(point, values),
      measures: {
        counters: {
          buffers: { type: 'COMPLETED' },
          faults: { type: 'FAULT' },
          invalidations: { type: 'INVALIDATE' },
        },
        gauges: {
          driver: { actors: 'driver', value: isBusy },
          handler: { actors: 'handler', value: isBusy },
          reclaimer: { actors: 'reclaimer', value: isBusy },
          unmapping: {
            actors: 'driver',
            value: (snapshot) =>
              Number(['unmapTrap', 'unmapping', 'invalidating'].some((state) => snapshot.matches(state))),
          },
        },
      },
      // Slow ways transfer less in that time.
      time: values.buffers * line,
      read: ({ counters, gauges }) => {
        const { rate } = counters.buffers!;
        return {
          kept: 100 * rate * line,
          guestCpu: gauges.driver!.mean / rate,
          hostCpu: (gauges.handler!.mean + gauges.reclaimer!.mean) / rate,
          faults: counters.faults!.rate / rate,
          invalidations: counters.invalidations!.rate / rate,
          unmapCycles: (CLOCK * gauges.unmapping!.mean) / rate,
        };
      },
    };
  },
  async run({ parameters: values, simulate }) {
    const { trap, work, invalidation, engines } = values;
    const usual = { trap, work, invalidation, engines };
    const all = await simulate(DRIVERS.flatMap((driver) => WAYS.map((way) => ({ way, driver, ...usual }))));
    const doubted = await simulate(
      [
        ...[0.5, 1, 2, 4, 8].map((other) => ({ ...usual, trap: other })),
        { ...usual, work: work / 4 },
        { ...usual, work: work * 4 },
        { ...usual, invalidation: UNMAP_MEASURED },
      ].flatMap((other) => WAYS.map((way) => ({ way, driver: 'returns' as const, ...other }))),
    );
    const overlapped = await simulate(
      [1, 2, 4, 8].flatMap((other) => WAYS.map((way) => ({ way, driver: 'fresh' as const, ...usual, engines: other }))),
    );
    const traced = [
      ...[0.1, 0.3, 1].map((other) => ({ ...usual, work: other })),
      { ...usual, work: 0.1, invalidation: UNMAP_MEASURED },
    ];
    const fitted: TracedTrap[] = [];
    for (const costs of traced) fitted.push(await tracedTrap(costs, simulate));
    return {
      answer: answerOf(all, fitted),
      tables: [
        ...DRIVERS.map((driver) => wayTable(driver, all)),
        ...sensitivityTables({ doubted, overlapped, fitted }),
      ],
      plots: [wayPlot(doubted)],
      notes: [
        'kept %: of the line rate, which the pinned way has where the driver is not slower than the line.',
        'us: CPU time for a buffer, with what it spins. guest: its vCPU, with the traps; host: the fault handler and who takes back.',
        'Of a fault 8.9 of 10.5 us are interrupt, wake-ups, CMD_RESUME and retry: how much of it is CPU time is unknown; none is counted.',
        'Only the work of the driver has chance in it: exponential times.',
      ],
    };
  },
});

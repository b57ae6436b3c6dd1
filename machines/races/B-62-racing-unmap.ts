/**
 * An unmap hits a running fault handler (B-62). Is the IOPF handler of VFIO type1, as posted in 2021, safe against the MMU
 * notifier?
 *
 * Devices of a guest touch pages that are not mapped; the SMMU stalls them, the handler gets the page and maps it, the
 * stall is retried. Meanwhile the host reclaims pages: it clears the CPU's entry, the MMU notifier takes the page out of
 * the IOMMU, the frame is freed and soon belongs to another page. Between GUP and the map the handler holds a frame that
 * nobody but itself connects with the page: an unmap in that gap finds nothing to take out, unless a lock keeps it waiting
 * or a sequence tells the handler of it.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { dmaStream } from '../hardware/smmu/dma-stream.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { evtqThread } from '../kernel/arm-smmu-v3/evtq.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { invalidateSequence } from '../kernel/mm/invalidate-sequence.ts';
import { page } from '../kernel/mm/page.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { reclaimStartEnd } from '../kernel/mm/reclaim-start-end.ts';
import { stallAndNotifierEvents } from '../kernel/tracepoints.ts';
import { type SequenceSample, vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { mappedBit } from '../kernel/vfio-type1/mapped-bit.ts';
import { vfioMmuNotifier } from '../kernel/vfio-type1/mmu-notifier.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import {
  bitmapFollowsPageTable,
  NO_DMA_TO_FREED_FRAME,
  noDmaToFreedFrame,
  tlbFollowsPageTable,
} from '../monitors/stale-translation.ts';
import { everyStallHasOneOwner } from '../monitors/stalled-transactions.ts';
import { alike, interchangeable, names, pairs } from '../parts/names.ts';
import { framesParameter } from '../rigs/parameters.ts';
import { messagesIn, sizeOf } from '../rigs/stress.ts';

const protections = {
  fixed: { holdsLockOverGup: true, samples: 'never', kswapd: reclaim },
  'fixed-seq': { holdsLockOverGup: false, samples: 'before-gup', kswapd: reclaimStartEnd },
  'no-lock-over-gup': { holdsLockOverGup: false, samples: 'never', kswapd: reclaim },
  'late-seq': { holdsLockOverGup: false, samples: 'after-gup', kswapd: reclaimStartEnd },
} as const satisfies Record<string, { holdsLockOverGup: boolean; samples: SequenceSample; kswapd: unknown }>;

export const racingUnmap = defineScenario({
  name: 'racing-unmap',
  title: 'Reclaim unmaps a page while the VFIO fault handler is about to map it',
  sources: ['B-62', 'B-42', 'seed:001', '13ec9308a857'],
  group: 'iopf',
  observed: stallAndNotifierEvents,
  parameters: z.object({
    devices: z.number().int().min(1).max(4).default(2).describe('devices that can stall, with one DMA at a time each'),
    pages: z.number().int().min(1).max(16).default(2).describe('pages that they touch'),
    frames: framesParameter,
    workers: z.number().int().min(1).max(4).default(2).describe('workers of the iopf work queue'),
    eventQueueEntries: z
      .number()
      .int()
      .min(1)
      .max(4)
      .default(1)
      .describe('entries of the event queue; with fewer than devices, stalls have to wait for room'),
    putEarly: z
      .boolean()
      .default(false)
      .describe('the handler drops its reference on the page straight after GUP, not after the map'),
  }),
  variants: {
    fixed: {
      title: 'holds the container lock from before GUP until after the map; the notifier takes it too',
      expected: { verdict: 'holds' },
    },
    'fixed-seq': {
      title: 'drops the lock over GUP, and checks a sequence, sampled before GUP, in the section that maps',
      expected: { verdict: 'holds' },
    },
    'no-lock-over-gup': {
      title: 'drops the lock over GUP, and nothing tells the handler of an unmap in between',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME },
    },
    'late-seq': {
      title: 'as fixed-seq, but samples the sequence after GUP',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME },
    },
  },
  stress: {
    unit: 'SMMU',
    devices: 'devices',
    queueEntries: 'eventQueueEntries',
    pages: 'pages',
    parameters: { pages: 16, frames: 4 },
    pressure: ['RECLAIM'],
    counters: {
      stalls: { type: 'STALL' },
      'early retries': { type: 'RETRY_EARLY' },
      retries: { type: 'RESUME', where: ({ retry }) => retry === true },
      refusals: { type: 'RESUME', where: ({ retry }) => retry === false },
      DMAs: { type: 'DMA' },
      accesses: { type: 'ACCESS' },
      aborts: { type: 'TERMINATE' },
      'references taken': { type: 'GET' },
      'references dropped': { type: 'PUT' },
    },
    balances: [
      { name: 'each stall ends', left: ['stalls'], right: ['early retries', 'retries', 'refusals'] },
      { name: 'each DMA ends', left: ['DMAs'], right: ['accesses', 'aborts'] },
      { name: 'each reference to a frame is dropped', left: ['references taken'], right: ['references dropped'] },
    ],
    gauges: {
      EVTQ: sizeOf('evtq', 'records'),
      'stalls without a record': sizeOf('evtq', 'unrecorded'),
      CMDQ: messagesIn('commands'),
      'work queue': sizeOf('workQueue', 'queued'),
      'free frames': sizeOf('freeList', 'frames'),
    },
    latencies: {
      'stalled transaction': { actors: 'dev', states: ['stalled'] },
      'container lock': { actors: 'containerLock', states: ['held'] },
      'reclaim of a page': { actors: 'kswapd', states: ['notifyingStart', 'unmapping', 'notifying', 'unmapped'] },
    },
  },
  build({ devices, pages, frames, workers, eventQueueEntries, putEarly }, variant) {
    const deviceNames = names('dev', devices);
    const pageNames = names('page', pages);
    const frameNames = names('frame', frames || pages);
    const workerNames = names('worker', workers);
    const entryOf = pairs(pageNames, names('iopte', pages));
    const tlbOf = pairs(pageNames, names('tlb', pages));
    const bitOf = pairs(pageNames, names('mapped', pages));
    const coreOf = pairs(deviceNames, names('core', devices));
    const allPages = alike(pages, 'page', 'iopte', 'tlb', 'mapped');
    const { holdsLockOverGup, samples, kswapd } = protections[variant];

    const hardware = combineActors(
      family('dev', devices, (index) =>
        actor(dmaStream, { input: { name: `dev${index}`, eventQueue: 'evtq', tlbs: tlbOf }, rest: ['idle'] }),
      ),
      family('tlb', pages, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
      {
        cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: tlbOf } }),
        evtq: actor(eventQueue, {
          input: { entries: eventQueueEntries },
          choices: deviceNames.flatMap((stag) => [
            { type: 'WRITE_RECORD' as const, stag },
            { type: 'RETRY_EARLY' as const, stag },
          ]),
          rest: ({ context }) => context.records.length === 0 && Object.keys(context.unrecorded).length === 0,
        }),
      },
    );
    const memory = combineActors(
      family('page', pages, (index) => actor(page, { input: { name: `page${index}`, freeList: 'freeList' } })),
      family('frame', frameNames.length, (index) =>
        actor(frame, { input: { name: `frame${index}`, freeList: 'freeList' } }),
      ),
      {
        freeList: actor(freeList, { input: { frames: frameNames } }),
        kswapd: actor(kswapd, {
          input: { name: 'kswapd', notifier: 'notifier' },
          choices: [{ type: 'RUN' }, ...pageNames.map((page) => ({ type: 'RECLAIM' as const, page }))],
          rest: ['idle'],
        }),
      },
    );
    const faultCore = combineActors(
      {
        evtqThread: actor(evtqThread, {
          input: { name: 'evtqThread', queue: 'evtq', cores: coreOf },
          choices: [{ type: 'RUN' }],
          rest: ['idle'],
        }),
        smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
        workQueue: actor(workQueue),
      },
      family('core', devices, (index) =>
        actor(iopfCore, {
          input: { name: `core${index}`, device: 'smmuDriver', workQueue: 'workQueue' },
        }),
      ),
    );
    const shared = {
      lock: 'containerLock',
      mapped: bitOf,
      entries: entryOf,
      sequence: 'sequence',
    };
    const vfio = combineActors(
      family('worker', workers, (index) =>
        actor(vfioIopfHandler, {
          input: {
            ...shared,
            name: `worker${index}`,
            workQueue: 'workQueue',
            cores: coreOf,
            holdsLockOverGup,
            samples,
            putsPage: putEarly ? 'after-gup' : 'after-map',
          },
          choices: [{ type: 'RUN' }],
          rest: ['idle'],
        }),
      ),
      {
        notifier: actor(vfioMmuNotifier, {
          input: { ...shared, name: 'notifier', commandQueue: 'cmdq' },
          choices: [{ type: 'RUN' }],
          rest: ['idle'],
        }),
        containerLock: actor(mutex, { rest: ['free'] }),
        sequence: actor(invalidateSequence),
      },
      family('mapped', pages, () => actor(mappedBit)),
      family('iopte', pages, () => actor(iommuPageTableEntry)),
    );
    const guest = {
      guest: actor(guestDriver, {
        input: {},
        choices: deviceNames.flatMap((device) =>
          pageNames.map((page) => ({ type: 'POST_DMA' as const, device, page })),
        ),
        rest: () => true,
      }),
    };

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(guest, hardware, faultCore, vfio, memory),
      channels: {
        commands: {
          to: ['cmdq'],
          types: ['TLBI', 'SYNC', 'RESUME'],
          order: 'fifo',
          // A TLBI with its SYNC and the answer to each device, so that nobody ever waits for room.
          capacity: devices + 2,
        },
      },
      blocking: ['DMA', 'ACQUIRE', 'TAKE', 'READ', 'ISOLATE', 'SYNC'],
      // Frames are not: the free list hands out the first one.
      symmetry: interchangeable(alike(devices, 'dev', 'core'), alike(workers, 'worker'), allPages),
      population: allPages,
      properties: ({ happens, reachable }) => [
        noDmaToFreedFrame(),
        ...tlbFollowsPageTable(
          pageNames.map((page) => ({ tlb: tlbOf[page]!, entry: entryOf[page]! })),
          'containerLock',
        ),
        ...bitmapFollowsPageTable(
          pageNames.map((page) => ({ page, mapped: bitOf[page]!, entry: entryOf[page]! })),
          'containerLock',
        ),
        ...everyStallHasOneOwner({ cores: coreOf, eventQueue: 'evtq', evtqThread: 'evtqThread', commands: 'commands' }),
        // Nothing is mapped but by the fault handler, so every access comes after a fault.
        happens('a DMA is done after its page was faulted in', { type: 'ACCESS' }),
        happens('a frame is reclaimed', { type: 'REMOVED' }),
        happens('a page that was mapped for devices is taken away', { type: 'CLEAR_MAPPED' }),
        reachable('an unmap hits a handler that has got the page and not mapped it', (view) => {
          const { page } = view.get('kswapd').context;
          if (page === null || view.get('notifier').matches('idle')) return false;
          return workerNames.some((worker) => {
            const handler = view.get(worker);
            return handler.matches('mapping') && handler.context.page === page;
          });
        }),
        ...(devices > eventQueueEntries
          ? [
              reachable(
                'a stall waits inside the SMMU for room in the event queue',
                (view) => Object.keys(view.get('evtq').context.unrecorded).length > 0,
              ),
            ]
          : []),
        ...(devices > 1 && workers > 1
          ? [
              reachable('two handlers are at work on the same page', (view) => {
                const atWork = workerNames.flatMap((worker) => view.get(worker).context.page ?? []);
                return new Set(atWork).size < atWork.length;
              }),
            ]
          : []),
        ...(samples === 'before-gup' ? [happens('a handler has to retry', { type: 'CHANGED' })] : []),
      ],
    });
  },
});

/**
 * An unmap hits a running fault handler (B-62). Is the IOPF handler of VFIO type1, as posted in 2021, safe against the MMU
 * notifier?
 *
 * Devices of a guest touch pages that are not mapped; the SMMU stalls them, the handler gets the page and maps it, the
 * stall is retried. Meanwhile the host reclaims pages: it clears the CPU's entry, the MMU notifier takes the page out of
 * the IOMMU, the frame is freed and soon belongs to another page. Between GUP and the map the handler holds a frame that
 * nobody but itself connects with the page: an unmap in that gap finds nothing to take out, unless a lock keeps it waiting
 * or a sequence tells the handler of it.
 *
 * The lock is no way out. The series holds it over GUP, which waits for the lock of a page that is on its way out; reclaim holds
 * that page's lock when its notifier waits for the container's (B-73).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { vcpu } from '../guest/vcpu.ts';
import { invalidateSequence } from '../kernel/mm/invalidate-sequence.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { reclaimStartEnd } from '../kernel/mm/reclaim-start-end.ts';
import { stallAndNotifierEvents } from '../kernel/tracepoints.ts';
import { vfioIopfLateSequence } from '../kernel/vfio-type1/iopf-late-sequence.ts';
import { vfioIopfPutEarly } from '../kernel/vfio-type1/iopf-put-early.ts';
import { vfioIopfSequence } from '../kernel/vfio-type1/iopf-sequence.ts';
import { vfioIopfUnlocked } from '../kernel/vfio-type1/iopf-unlocked.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { vfioMmuNotifier } from '../kernel/vfio-type1/mmu-notifier.ts';
import { vfioMmuNotifierStartEnd } from '../kernel/vfio-type1/mmu-notifier-start-end.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { framesParameter } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { messagesIn, sizeOf } from '../rigs/stress.ts';
import { bitsTellTheTruth, tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';

/** As posted: one callback, after the CPU's entry was cleared. */
const oneCallback = { notifier: inThread(vfioMmuNotifier), kswapd: reclaim };
/** As in KVM: callbacks on both sides, with a sequence that they count. */
const sequence = { sequence: 'sequence' };
const bothSides = { notifier: inThread(vfioMmuNotifierStartEnd, sequence), kswapd: reclaimStartEnd };

const versions = {
  fixed: { ...bothSides, handler: inThread(vfioIopfSequence, sequence) },
  'lock-over-gup': { ...oneCallback, handler: inThread(vfioIopfHandler) },
  'no-lock-over-gup': { ...oneCallback, handler: inThread(vfioIopfUnlocked) },
  'late-seq': { ...bothSides, handler: inThread(vfioIopfLateSequence, sequence) },
  'put-early': { ...bothSides, handler: inThread(vfioIopfPutEarly, sequence) },
};

export const racingUnmap = defineScenario({
  name: 'racing-unmap',
  title: 'Reclaim unmaps a page while the VFIO fault handler is about to map it',
  sources: ['B-62', 'B-73', 'B-42', 'seed:001', '13ec9308a857'],
  group: 'iopf',
  observed: stallAndNotifierEvents,
  parameters: z.object({
    devices: z.number().int().min(1).max(4).default(2).describe('devices that can stall, with one DMA at a time each'),
    pages: z.number().int().min(1).max(16).default(2).describe('pages that they touch'),
    frames: framesParameter,
    eventQueueEntries: z
      .number()
      .int()
      .min(1)
      .max(4)
      .default(1)
      .describe('entries of the event queue; with fewer than devices, stalls have to wait for room'),
  }),
  variants: {
    fixed: {
      title: 'drops the lock over GUP, and checks a sequence, sampled before GUP, in the section that maps',
      expected: { verdict: 'holds', counts: [29_682, 103_748], reduced: [7_450, 26_098] },
    },
    'lock-over-gup': {
      title: 'holds the container lock from before GUP until after the map; the notifier takes it too (v3)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 9 },
    },
    'no-lock-over-gup': {
      title: 'drops the lock over GUP, and nothing tells the handler of an unmap in between',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 11 },
    },
    'late-seq': {
      title: 'as fixed, but samples the sequence after GUP',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 13 },
    },
    'put-early': {
      title: 'as fixed, but drops its reference to the frame straight after GUP, not after the map',
      expected: { verdict: 'holds', counts: [29_138, 100_396], reduced: [7_314, 25_260] },
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
      'free frames': sizeOf('freeList', 'frames'),
    },
    latencies: {
      'stalled transaction': { actors: 'dev', states: ['stalled'] },
      'container lock': { actors: 'containerLock', states: ['held'] },
      'reclaim of a page': { actors: 'kswapd', states: ['notifyingStart', 'unmapping', 'notifying', 'unmapped'] },
    },
  },
  build({ devices, pages, frames, eventQueueEntries }, variant) {
    const deviceNames = names('dev', devices);
    const pageNames = names('page', pages);
    const { handler, notifier, kswapd } = versions[variant];
    const guest = {
      actors: {
        guest: actor(guestDriver, {
          input: {},
          choices: deviceNames.flatMap((device) =>
            pageNames.map((page) => ({ type: 'POST_DMA' as const, device, page })),
          ),
          rest: () => true,
        }),
        vcpu: actor(vcpu, { choices: pageNames.map((page) => ({ type: 'TOUCH' as const, page })), rest: () => true }),
      },
    };
    const rig = assemble(
      guest,
      stallPath({ devices, entries: eventQueueEntries, tlbs: tlbsOf(pages), commands: 2 }),
      vfioContainer({ pages, handler, notifier }),
      hostMemory({ pages, frames: frames || pages, kswapd }),
      { actors: { sequence: actor(invalidateSequence) } },
    );

    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.pages),
      population: rig.things.pages,
      properties: ({ happens, reachable }) => [
        ...rig.always,
        ...bitsTellTheTruth(pages),
        // Nothing is mapped but by the fault handler, so every access comes after a fault.
        happens('a DMA is done after its page was faulted in', { type: 'ACCESS' }),
        happens('a frame is reclaimed', { type: 'REMOVED' }),
        happens('a page that was mapped for devices is taken away', { type: 'CLEAR_MAPPED' }),
        reachable('an unmap hits a handler that has got the page and not mapped it', (view) => {
          const { page } = view.get('kswapd').context;
          if (page === null || view.get('notifier').matches('idle')) return false;
          return view.get('handler').matches('mapping') && view.get('handler').context.page === page;
        }),
        ...(devices > eventQueueEntries
          ? [
              reachable(
                'a stall waits inside the SMMU for room in the event queue',
                (view) => Object.keys(view.get('evtq').context.unrecorded).length > 0,
              ),
            ]
          : []),
        ...(variant === 'fixed' ? [happens('a handler has to retry', { type: 'CHANGED' })] : []),
      ],
    });
  },
});

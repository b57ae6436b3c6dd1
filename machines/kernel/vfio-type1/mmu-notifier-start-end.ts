/**
 * An MMU notifier as in `mmu-notifier.ts`, with callbacks before and after the CPU's entry changes (`../mm/reclaim-start-end.ts`).
 * invalidate_range_start() unmaps, and begins an invalidation of the sequence; invalidate_range_end() ends it. Both do so with the lock
 * held, as KVM's callbacks do (kvm_main.c kvm_mmu_invalidate_begin() and _end()). The series has none of it.
 *
 * `mmu-notifier-without-sync.ts` leaves the invalidation of the IOTLB out.
 */
import { send } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { vfioMmuNotifierConfig, vfioMmuNotifierParts, vfioMmuNotifierStates } from './mmu-notifier.ts';

/** What versions of it are made of. */
export const startEndParts = vfioMmuNotifierParts.extend({
  actions: {
    beginInvalidation: send(({ context }) => context.sequence!, 'BEGIN'),
    endInvalidation: send(({ context }) => context.sequence!, 'END'),
  },
});

export const startEndStates = {
  ...without(vfioMmuNotifierStates, 'invalidating'),
  idle: startEndParts.createStateConfig({
    on: {
      INVALIDATE_RANGE_START: { target: 'starting', actions: 'beginCallback' },
      INVALIDATE_RANGE_END: { target: 'ending', actions: 'beginCallback' },
    },
  }),
  starting: startEndParts.createStateConfig({
    on: { RUN: { target: 'findingDma', actions: ['lock', 'beginInvalidation', 'findDma'] } },
  }),
  // Without a dma, where ranges come and go (`vfio-dma.ts`), there is nothing to unmap.
  findingDma: startEndParts.createStateConfig({
    on: {
      ...vfioMmuNotifierStates.findingDma.on,
      NO_DMA: { target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] },
    },
  }),
  ending: startEndParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['lock', 'endInvalidation', 'unlock', 'replyNotified', 'endCallback'] } },
  }),
};

export const vfioMmuNotifierStartEnd = startEndParts.createMachine({
  id: 'vfioMmuNotifierStartEnd',
  ...vfioMmuNotifierConfig,
  states: startEndStates,
});

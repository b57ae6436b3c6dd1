/**
 * A thread that reclaims pages (kswapd), as far as I/O is concerned: vmscan.c shrink_folio_list() with rmap.c
 * try_to_unmap(), for one page at a time. It calls the MMU notifier of VFIO and waits for it; which callbacks there are,
 * and when, is the `protocol`:
 *
 *   'secondary-tlb'   clear the CPU's entry, then invalidate_range(), then free the frame
 *   'start-end'       invalidate_range_start(), clear the entry, invalidate_range_end(), then free the frame
 *
 * List 'ISOLATE' as `blocking`: a page without a frame cannot be reclaimed.
 *
 * Simplifications: the thread picks any page at any time; the callback is always allowed to sleep (really
 * invalidate_range() could be called under a page table lock, B-57; here it is the call that
 * __mmu_notifier_invalidate_range_end() made after that lock was dropped); the page table lock is the atomicity of a step.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

/** Which callbacks of the MMU notifier a shadow page table relies on. */
export type NotifierProtocol = 'secondary-tlb' | 'start-end';

export type ReclaimEvent =
  /** Memory is short: reclaim this page. */
  | { type: 'RECLAIM'; page: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'MAPPED' }
  | { type: 'NOT_MAPPED' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' }
  | { type: 'REMOVED' }
  | { type: 'KEPT' };

export const reclaim = setup({
  types: {
    input: {} as { name: string; notifier: string; protocol: NotifierProtocol },
    context: {} as { name: string; notifier: string; protocol: NotifierProtocol; page: string | null },
    events: {} as ReclaimEvent,
  },
  guards: {
    hasStartAndEnd: ({ context }) => context.protocol === 'start-end',
  },
  actions: {
    isolate: call(
      from('RECLAIM', ({ event }) => event.page),
      'ISOLATE',
    ),
    setPage: assign(from('RECLAIM', ({ event }) => ({ page: event.page }))),
    clearPage: assign({ page: null }),
    notifyStart: call('notifier', ({ context }) => ({ type: 'INVALIDATE_RANGE_START', page: context.page! })),
    clearCpuEntry: send('page', 'UNMAP'),
    notifyEnd: call('notifier', ({ context }) => ({ type: 'INVALIDATE_RANGE_END', page: context.page! })),
    notifyRange: call('notifier', ({ context }) => ({ type: 'INVALIDATE_RANGE', page: context.page! })),
    removeMapping: call('page', 'REMOVE'),
  },
}).createMachine({
  id: 'reclaim',
  context: ({ input }) => ({ ...input, page: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { RECLAIM: { target: 'isolating', actions: ['setPage', 'isolate'] } },
    },
    // Left within the step that entered it, as is `removing`.
    isolating: {
      on: {
        MAPPED: [
          { guard: 'hasStartAndEnd', target: 'notifyingStart', actions: 'notifyStart' },
          { target: 'unmapping' },
        ],
        NOT_MAPPED: 'unmapped',
      },
    },
    // Inside mmu_notifier_invalidate_range_start(): the page is still mapped.
    notifyingStart: {
      on: { NOTIFIED: 'unmapping' },
    },
    // rmap.c try_to_unmap_one(): ptep_clear_flush() under the page table lock, then the callback.
    unmapping: {
      on: {
        RUN: [
          { guard: 'hasStartAndEnd', target: 'notifying', actions: ['clearCpuEntry', 'notifyEnd'] },
          { target: 'notifying', actions: ['clearCpuEntry', 'notifyRange'] },
        ],
      },
    },
    // Inside invalidate_range() or mmu_notifier_invalidate_range_end(): no page table maps the frame any more.
    notifying: {
      on: { NOTIFIED: 'unmapped' },
    },
    // vmscan.c __remove_mapping(): freed, unless somebody has got hold of the page meanwhile.
    unmapped: {
      on: { RUN: { target: 'removing', actions: 'removeMapping' } },
    },
    removing: {
      on: {
        REMOVED: { target: 'idle', actions: 'clearPage' },
        KEPT: { target: 'idle', actions: 'clearPage' },
      },
    },
  },
});

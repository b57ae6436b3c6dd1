/**
 * A thread that reclaims pages (kswapd), as far as I/O is concerned: vmscan.c shrink_folio_list() with rmap.c
 * try_to_unmap(), for one page at a time. It calls the MMU notifier of VFIO and waits for it:
 *
 *   clear the CPU's entry, then invalidate_range(), then free the frame
 *
 * `reclaim-start-end.ts` calls the notifier before and after it clears the entry.
 *
 * It holds the page's lock all the time, the callback included. List 'ISOLATE' as `blocking`: a page without a frame cannot be
 * reclaimed.
 *
 * Simplifications: the thread picks any page at any time; the callback is always allowed to sleep (really
 * invalidate_range() could be called under a page table lock, B-57; here it is the call that
 * __mmu_notifier_invalidate_range_end() made after that lock was dropped); the page table lock is the atomicity of a step.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

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

export interface ReclaimInput {
  readonly name: string;
  readonly notifier: string;
  /** Of versions that take it: the page table lock. */
  readonly ptl?: string;
}

/** What such threads are made of. */
export const reclaimParts = setup({
  types: {
    input: {} as ReclaimInput,
    context: {} as ReclaimInput & { readonly page: string | null },
    events: {} as ReclaimEvent,
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
});

export const reclaimConfig = {
  context: ({ input }: { input: ReclaimInput }) => ({ ...input, page: null }),
  initial: 'idle',
} as const;

/** A version that does one thing otherwise replaces a state. */
export const reclaimStates = {
  idle: reclaimParts.createStateConfig({
    on: { RECLAIM: { target: 'isolating', actions: ['setPage', 'isolate'] } },
  }),
  // Left within the step that entered it, as is `removing`.
  isolating: reclaimParts.createStateConfig({
    on: { MAPPED: 'unmapping', NOT_MAPPED: 'unmapped' },
  }),
  // rmap.c try_to_unmap_one(): ptep_clear_flush() under the page table lock, then the callback.
  unmapping: reclaimParts.createStateConfig({
    on: { RUN: { target: 'notifying', actions: ['clearCpuEntry', 'notifyRange'] } },
  }),
  // Inside the callback: no page table maps the frame any more.
  notifying: reclaimParts.createStateConfig({
    on: { NOTIFIED: 'unmapped' },
  }),
  // vmscan.c __remove_mapping(): freed, unless somebody has a reference to it.
  unmapped: reclaimParts.createStateConfig({
    on: { RUN: { target: 'removing', actions: 'removeMapping' } },
  }),
  removing: reclaimParts.createStateConfig({
    on: {
      REMOVED: { target: 'idle', actions: 'clearPage' },
      KEPT: { target: 'idle', actions: 'clearPage' },
    },
  }),
};

export const reclaim = reclaimParts.createMachine({ id: 'reclaim', ...reclaimConfig, states: reclaimStates });

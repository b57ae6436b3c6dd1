/**
 * The ranges that vfio_pin_pages() has pinned for a device: `pinned_range_list` and `selective_faulting` in `struct vfio_iopf_group` of the
 * VFIO type1 IOPF series (v3 patch 7). They are under the container's lock, so whoever sends to it holds that lock.
 *
 * `selective_faulting` is set by the first pin, and never cleared.
 *
 * Simplifications: each page is pinned once, so there is no count; ranges do not merge or split; memory for them is there (the series pins
 * into a copy of the list, and keeps the old one where that fails).
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type PinnedRangesEvent =
  /** vfio_find_range(): the reply is RANGE. */
  | { type: 'FIND_RANGE'; page: string; by: string }
  /** vfio_add_to_range_list() */
  | { type: 'ADD_RANGE'; page: string }
  /** vfio_remove_from_range_list() */
  | { type: 'REMOVE_RANGE'; page: string };

export const pinnedRanges = setup({
  types: {
    context: {} as { readonly pages: readonly string[]; readonly selective: boolean },
    events: {} as PinnedRangesEvent,
  },
  actions: {
    replyRange: reply(
      from('FIND_RANGE', ({ context: { pages, selective }, event }) => {
        return { type: 'RANGE', pinned: pages.includes(event.page), selective };
      }),
    ),
    add: assign(
      from('ADD_RANGE', ({ context, event }) => ({ pages: [...context.pages, event.page], selective: true })),
    ),
    remove: assign(
      from('REMOVE_RANGE', ({ context, event }) => ({ pages: context.pages.filter((page) => page !== event.page) })),
    ),
  },
}).createMachine({
  id: 'pinnedRanges',
  context: { pages: [], selective: false },
  on: {
    FIND_RANGE: { actions: 'replyRange' },
    ADD_RANGE: { actions: 'add' },
    REMOVE_RANGE: { actions: 'remove' },
  },
});

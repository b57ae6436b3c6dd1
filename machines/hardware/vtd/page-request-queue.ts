/**
 * The IOMMU's page request queue as its driver sees it: a ring that the hardware fills and one interrupt thread
 * empties.
 *
 * The thread reads the oldest entry and gives its room back after it has reported it (VT-d writes its head register at
 * the end, intel/prq.c prq_event_thread()), so "no entry of this device" means that none is in hand either.
 * List 'PAGE_REQUEST', 'PEEK' and 'DRAIN' as `blocking`.
 *
 * Simplifications: it never overflows, because a function without a credit waits (`../smmu/pri-queue.ts` has the
 * overflow rules); room is given back entry by entry and not once per pass; drain is one wait instead of VT-d's loop
 * of scan, wait and drain descriptor.
 */
import { setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PageRequest } from '../pcie/page-request.ts';

export type PageRequestQueueEvent =
  | ({ type: 'PAGE_REQUEST' } & PageRequest)
  /** The interrupt thread reads the oldest entry; the reply is ENTRY. */
  | { type: 'PEEK'; by: string }
  /** The interrupt thread has done with the oldest entry. */
  | { type: 'ADVANCE' }
  /** Waits until nothing of this device is in the queue (intel/prq.c intel_iommu_drain_pasid_prq()). */
  | { type: 'DRAIN'; device: string };

const ring = entriesIn('entries');

export const pageRequestQueue = setup({
  types: {
    input: {} as { entries: number },
    context: {} as { readonly capacity: number; readonly entries: readonly PageRequest[] },
    events: {} as PageRequestQueueEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isNotEmpty: ring.isNotEmpty,
    hasNoneOf: ({ context, event }) =>
      event.type === 'DRAIN' && context.entries.every(({ device }) => device !== event.device),
  },
  actions: {
    store: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    handOldest: reply(({ context }) => ({ type: 'ENTRY', request: context.entries[0]! })),
    freeOldest: ring.drop(),
  },
}).createMachine({
  id: 'pageRequestQueue',
  context: ({ input }) => ({ capacity: input.entries, entries: [] }),
  on: {
    PAGE_REQUEST: { guard: 'hasRoom', actions: 'store' },
    PEEK: { guard: 'isNotEmpty', actions: 'handOldest' },
    ADVANCE: { guard: 'isNotEmpty', actions: 'freeOldest' },
    // Nothing to do: that it is not refused is what the caller waited for.
    DRAIN: { guard: 'hasNoneOf' },
  },
});

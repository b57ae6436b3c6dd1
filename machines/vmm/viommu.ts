/**
 * The IOMMU that a VMM emulates for its guest, in caching mode, in front of VFIO (QEMU hw/i386/intel_iommu.c vtd_process_inv_desc(),
 * vtd_sync_shadow_page_table(); hw/vfio/common.c vfio_iommu_map_notify()): for an invalidation it looks at the guest's page table, maps or unmaps in
 * the host what it finds there, and completes the invalidation when that is done.
 *
 * List 'INVALIDATE' as `blocking`: the VMM does one thing after the other (under its big lock), and the trapped CPU waits.
 *
 * Simplification: the guest invalidates what it has changed, and nothing else.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

export type ViommuEvent =
  /** The reply is DONE, when the host has followed. */
  | { type: 'INVALIDATE'; page: string; entry: string; by: string }
  /** What the guest's page table says. */
  | { type: 'PHYS'; frame: string | null }
  | { type: 'DONE' };

export interface ViommuInput {
  readonly name: string;
  /** VFIO's container. */
  readonly vfio: string;
}

export const viommu = setup({
  types: {
    input: {} as ViommuInput,
    context: {} as ViommuInput & { readonly page: string | null; readonly caller: string | null },
    events: {} as ViommuEvent,
  },
  guards: { isMapped: ({ event }) => event.type === 'PHYS' && event.frame !== null },
  actions: {
    keepRequest: assign(from('INVALIDATE', ({ event }) => ({ page: event.page, caller: event.by }))),
    walkGuestTable: call(
      from('INVALIDATE', ({ event }) => event.entry),
      'IOVA_TO_PHYS',
    ),
    map: call('vfio', ({ context }) => ({ type: 'MAP_DMA', page: context.page! })),
    unmap: call('vfio', ({ context }) => ({ type: 'UNMAP_DMA', page: context.page! })),
    complete: send('caller', 'DONE'),
    forgetRequest: assign({ page: null, caller: null }),
  },
}).createMachine({
  id: 'viommu',
  context: ({ input }) => ({ ...input, page: null, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { INVALIDATE: { target: 'walking', actions: ['keepRequest', 'walkGuestTable'] } } },
    // Left within the step that entered it.
    walking: {
      on: {
        PHYS: [
          { guard: 'isMapped', target: 'syncing', actions: 'map' },
          { target: 'syncing', actions: 'unmap' },
        ],
      },
    },
    syncing: { on: { DONE: { target: 'idle', actions: ['complete', 'forgetRequest'] } } },
  },
});

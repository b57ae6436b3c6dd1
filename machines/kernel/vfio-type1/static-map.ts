/**
 * VFIO type1 without I/O page faults: a user's thread in the ioctls MAP_DMA and UNMAP_DMA of a container, vfio_dma_do_map() with
 * vfio_pin_map_dma(), and vfio_dma_do_unmap() with vfio_unmap_unpin(). A range is pinned, charged and mapped as a whole before the ioctl
 * returns, and stays where it is until it is unmapped: there is no MMU notifier.
 *
 *   MAP_DMA:    GUP, which keeps its reference; test the limit; charge, or put the page; map
 *   UNMAP_DMA:  unmap, TLBI and CMD_SYNC, wait for it; put the page; take it off the charge
 *
 *   `static-map-unpins-early.ts`   puts the page before the invalidation is complete
 *   `static-map-never-pins.ts`     keeps no reference
 *
 * All of it is under `iommu->lock`. There is one thread for each container, so that lock is not there.
 *
 * List 'GUP' as `blocking`. At rest in `unmapped` and `mapped`.
 *
 * Simplifications: a range is one page; one domain; memory for the page table is there; GUP fails only without a frame.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type StaticMapEvent =
  | { type: 'MAP_DMA' }
  | { type: 'UNMAP_DMA' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'GOT'; frame: string }
  | { type: 'ROOM' }
  | { type: 'OVER_LIMIT' }
  | { type: 'CHARGED' }
  | { type: 'SYNC_COMPLETE' };

export interface StaticMapInput {
  readonly name: string;
  readonly page: string;
  /** The page's IOMMU page table entry. */
  readonly entry: string;
  /** What the user has locked (`locked-vm.ts`). */
  readonly account: string;
  readonly commandQueue: string;
}

/** What versions of it are made of. */
export const staticMapParts = setup({
  types: {
    input: {} as StaticMapInput,
    context: {} as StaticMapInput & { readonly frame: string | null },
    events: {} as StaticMapEvent,
  },
  actions: {
    getUserPage: call('page', 'GUP'),
    keepFrame: assign(from('GOT', ({ event }) => ({ frame: event.frame }))),
    testLimit: call('account', 'TEST_LIMIT'),
    charge: call('account', 'CHARGE_PAGE'),
    uncharge: send('account', 'UNCHARGE_PAGE'),
    map: send('entry', ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true })),
    unmap: send('entry', 'UNMAP'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page })),
    issueSync: call('commandQueue', 'SYNC'),
    putPage: send('frame', 'PUT'),
    forgetFrame: assign({ frame: null }),
  },
});

export const staticMapConfig = {
  context: ({ input }: { input: StaticMapInput }) => ({ ...input, frame: null }),
  initial: 'unmapped',
} as const;

/** A version that does one thing otherwise replaces states. */
export const staticMapStates = {
  unmapped: staticMapParts.createStateConfig({ on: { MAP_DMA: 'pinning' } }),
  // vfio_pin_pages_remote() -> vaddr_get_pfns() -> pin_user_pages_remote(FOLL_LONGTERM), then the test of the limit
  pinning: staticMapParts.createStateConfig({
    on: {
      RUN: { actions: 'getUserPage' },
      GOT: { actions: ['keepFrame', 'testLimit'] },
      ROOM: 'charging',
      OVER_LIMIT: { target: 'unmapped', actions: ['putPage', 'forgetFrame'] },
    },
  }),
  // vfio_lock_acct(), once for all that was pinned
  charging: staticMapParts.createStateConfig({
    on: {
      RUN: { actions: 'charge' },
      CHARGED: 'mapping',
      OVER_LIMIT: { target: 'unmapped', actions: ['putPage', 'forgetFrame'] },
    },
  }),
  // vfio_iommu_map()
  mapping: staticMapParts.createStateConfig({ on: { RUN: { target: 'mapped', actions: 'map' } } }),
  mapped: staticMapParts.createStateConfig({ on: { UNMAP_DMA: 'unmapping' } }),
  // iommu_unmap_fast(), iommu_iotlb_sync()
  unmapping: staticMapParts.createStateConfig({
    on: { RUN: { target: 'syncing', actions: ['unmap', 'issueTlbi', 'issueSync'] } },
  }),
  syncing: staticMapParts.createStateConfig({ on: { SYNC_COMPLETE: 'synced' } }),
  // vfio_sync_unpin() -> vfio_unpin_pages_remote()
  synced: staticMapParts.createStateConfig({
    on: { RUN: { target: 'unpinned', actions: ['putPage', 'forgetFrame'] } },
  }),
  // vfio_lock_acct()
  unpinned: staticMapParts.createStateConfig({ on: { RUN: { target: 'unmapped', actions: 'uncharge' } } }),
};

export const staticMap = staticMapParts.createMachine({
  id: 'staticMap',
  ...staticMapConfig,
  states: staticMapStates,
});

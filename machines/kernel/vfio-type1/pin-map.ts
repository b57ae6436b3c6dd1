/**
 * VFIO type1 as it is without I/O page faults: VFIO_IOMMU_MAP_DMA pins pages and maps them, VFIO_IOMMU_UNMAP_DMA unmaps them, and unpins them when
 * the IOTLB is clean (vfio_iommu_type1.c vfio_pin_map_dma(), vfio_unmap_unpin()). The reply to both is DONE.
 *
 *   map:     GUP, keep the page pinned, IOMMU map
 *   unmap:   IOMMU unmap, TLBI and CMD_SYNC, wait; unpin
 *
 * The container's lock is held all the time, so list 'MAP_DMA' and 'UNMAP_DMA' as `blocking`. `pin-map-unpins-first.ts` unpins with the unmap.
 *
 * Simplifications: one page for each call; accounting, and memory that is short, are left out.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type PinMapEvent =
  | { type: 'MAP_DMA'; page: string; by: string }
  | { type: 'UNMAP_DMA'; page: string; by: string }
  /** The scheduler lets the calling thread run. */
  | { type: 'RUN' }
  | { type: 'GOT'; frame: string }
  | { type: 'PHYS'; frame: string | null }
  | { type: 'UNMAPPED'; whole: boolean }
  | { type: 'SYNC_COMPLETE' };

export interface PinMapInput {
  readonly name: string;
  /** The IOMMU page table entry of each page. */
  readonly entries: Readonly<Record<string, string>>;
  readonly commandQueue: string;
}

export interface PinMapWork {
  readonly page: string | null;
  readonly frame: string | null;
  readonly caller: string | null;
}
const NO_CALL = { page: null, frame: null, caller: null } as const satisfies PinMapWork;

/** What versions of it are made of. */
export const pinMapParts = setup({
  types: { input: {} as PinMapInput, context: {} as PinMapInput & PinMapWork, events: {} as PinMapEvent },
  actions: {
    keepCall: assign(from(['MAP_DMA', 'UNMAP_DMA'], ({ event }) => ({ page: event.page, caller: event.by }))),
    pin: call('page', 'GUP'),
    keepFrame: assign(from(['GOT', 'PHYS'], ({ event }) => ({ frame: event.frame }))),
    map: send(
      ({ context }) => context.entries[context.page!]!,
      ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true }),
    ),
    lookUpFrame: call(({ context }) => context.entries[context.page!]!, 'IOVA_TO_PHYS'),
    unmap: call(({ context }) => context.entries[context.page!]!, 'UNMAP_FAST'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page! })),
    issueSync: call('commandQueue', 'SYNC'),
    unpin: send('frame', 'PUT'),
    replyDone: send('caller', 'DONE'),
    forgetCall: assign(NO_CALL),
  },
});

export const pinMapConfig = {
  context: ({ input }: { input: PinMapInput }) => ({ ...input, ...NO_CALL }),
  initial: 'idle',
} as const;

export const pinMapStates = {
  idle: pinMapParts.createStateConfig({
    on: {
      MAP_DMA: { target: 'toPin', actions: 'keepCall' },
      UNMAP_DMA: { target: 'toUnmap', actions: 'keepCall' },
    },
  }),
  // vfio_pin_pages_remote(): waits for the page's lock.
  toPin: pinMapParts.createStateConfig({ on: { RUN: { target: 'pinning', actions: 'pin' } } }),
  // Left within the step that entered it, as are `lookingUp` and `unmapping`.
  pinning: pinMapParts.createStateConfig({ on: { GOT: { target: 'pinned', actions: 'keepFrame' } } }),
  pinned: pinMapParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['map', 'replyDone', 'forgetCall'] } },
  }),
  toUnmap: pinMapParts.createStateConfig({ on: { RUN: { target: 'lookingUp', actions: 'lookUpFrame' } } }),
  lookingUp: pinMapParts.createStateConfig({
    on: { PHYS: { target: 'unmapping', actions: ['keepFrame', 'unmap'] } },
  }),
  unmapping: pinMapParts.createStateConfig({
    on: { UNMAPPED: { target: 'syncing', actions: ['issueTlbi', 'issueSync'] } },
  }),
  syncing: pinMapParts.createStateConfig({ on: { SYNC_COMPLETE: 'synced' } }),
  synced: pinMapParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['unpin', 'replyDone', 'forgetCall'] } },
  }),
};

export const pinMap = pinMapParts.createMachine({ id: 'pinMap', ...pinMapConfig, states: pinMapStates });

/**
 * A thread of user space that maps a range and unmaps it again, in a container with I/O page faults: VFIO_IOMMU_MAP_DMA and UNMAP_DMA of the series
 * (v3 patch 6). To map is to link the dma; to unmap is to unmap what its bits say that faults have mapped.
 *
 *   MAP_DMA:     lock; link the dma; unlock
 *   UNMAP_DMA:   lock; bit set: IOMMU unmap, TLBI and CMD_SYNC, wait; unlink and free the dma; unlock
 *
 * `ioctls-late-enable.ts` enables faults when there is a mapping already.
 *
 * Simplifications: the range is one page; v3 unlinks the dma before it unmaps, which nobody without the lock can see.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type VfioIoctlsEvent =
  | { type: 'MAP_DMA' }
  | { type: 'UNMAP_DMA' }
  /** VFIO_IOMMU_ENABLE_IOPF. Only with `ioctls-late-enable.ts`, as is GOT. */
  | { type: 'ENABLE_IOPF' }
  | { type: 'GOT'; frame: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'DMA_FOUND'; mapped: boolean }
  | { type: 'UNMAPPED'; whole: boolean }
  | { type: 'SYNC_COMPLETE' };

export interface VfioIoctlsInput {
  readonly name: string;
  readonly page: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  readonly dma: string;
  readonly entry: string;
  readonly commandQueue: string;
}

/** What versions of it are made of. */
export const vfioIoctlsParts = setup({
  types: {
    input: {} as VfioIoctlsInput,
    context: {} as VfioIoctlsInput & { readonly frame: string | null },
    events: {} as VfioIoctlsEvent,
  },
  guards: { isMapped: ({ event }) => event.type === 'DMA_FOUND' && event.mapped },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    link: send('dma', 'LINK'),
    find: call('dma', 'FIND'),
    unmap: call('entry', 'UNMAP_FAST'),
    clearMappedBit: send('dma', 'CLEAR_MAPPED'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page })),
    issueSync: call('commandQueue', 'SYNC'),
    removeDma: send('dma', 'UNLINK'),
  },
});

export const vfioIoctlsConfig = {
  context: ({ input }: { input: VfioIoctlsInput }) => ({ ...input, frame: null }),
} as const;

export const vfioIoctlsStates = {
  unmapped: vfioIoctlsParts.createStateConfig({
    on: { MAP_DMA: { target: 'mapped', actions: ['lock', 'link', 'unlock'] } },
  }),
  mapped: vfioIoctlsParts.createStateConfig({ on: { UNMAP_DMA: 'locking' } }),
  locking: vfioIoctlsParts.createStateConfig({ on: { RUN: { target: 'looking', actions: ['lock', 'find'] } } }),
  // Left within the step that entered it, as is `unmapping`.
  looking: vfioIoctlsParts.createStateConfig({
    on: {
      DMA_FOUND: [
        { guard: 'isMapped', target: 'unmapping', actions: 'unmap' },
        { target: 'unmapped', actions: ['removeDma', 'unlock'] },
      ],
    },
  }),
  unmapping: vfioIoctlsParts.createStateConfig({
    on: { UNMAPPED: { target: 'syncing', actions: ['clearMappedBit', 'issueTlbi', 'issueSync'] } },
  }),
  syncing: vfioIoctlsParts.createStateConfig({ on: { SYNC_COMPLETE: 'synced' } }),
  synced: vfioIoctlsParts.createStateConfig({
    on: { RUN: { target: 'unmapped', actions: ['removeDma', 'unlock'] } },
  }),
};

export const vfioIoctlsV3 = vfioIoctlsParts.createMachine({
  id: 'vfioIoctlsV3',
  ...vfioIoctlsConfig,
  initial: 'unmapped',
  states: vfioIoctlsStates,
});

/**
 * The fault handler of VFIO IOPF v1 (January 2021, patch 2 of 4), vfio_iommu_type1_dynamic_dma_map(), with the bitmap of a range that
 * the user may unmap at any time (`vfio-dma-v1.ts`, `map-dma-v1.ts`). It runs in the queue thread of the IOMMU driver, one fault after the
 * other (`../iommu/v5.12.ts`); each RUN is that thread going on. `iopf-v1.ts` is the same function as far as the limit goes.
 *
 *   lock; look up the range and the bit; pin, charge; map, set the bit; unlock; answer
 *
 * A page that is pinned and cannot be mapped is put again, and taken off the charge, as in v3 2/8. Others do one thing otherwise:
 *
 *   `dynamic-dma-map-v1.ts`           as posted: such a page stays pinned and charged
 *   `dynamic-dma-map-unlocked.ts`     drops the lock over GUP
 *   `dynamic-dma-map-looks-again.ts`  as well, and looks the range up again
 *
 * Simplifications: the range allows the access, and GUP finds a frame; looking up group and container is not there (B-54, B-55); one
 * domain. When iommu_map() has no memory for a table is a choice, MAP_FAILS.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { type DeviceFaultCall, type DeviceFaultWork, respond } from '../iommu/v5.12.ts';

export type DynamicDmaMapEvent =
  | DeviceFaultCall
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** It runs, and vfio_iommu_map() fails. */
  | { type: 'MAP_FAILS' }
  | { type: 'DMA_FOUND'; mapped: boolean }
  | { type: 'NO_DMA' }
  | { type: 'GOT'; frame: string }
  | { type: 'CHARGED' }
  | { type: 'OVER_LIMIT' };

export interface DynamicDmaMapInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The range with its bitmap (`vfio-dma-v1.ts`). */
  readonly dma: string;
  /** The IOMMU page table entry of each page. */
  readonly entries: Readonly<Record<string, string>>;
  /** What the user has locked (`locked-vm.ts`). */
  readonly account: string;
}

const NO_WORK = { request: null, caller: null, frame: null } as const;

/** What versions of it are made of. */
export const dynamicDmaMapParts = setup({
  types: {
    input: {} as DynamicDmaMapInput,
    /** The frame is what GUP returned. */
    context: {} as DynamicDmaMapInput & DeviceFaultWork & { readonly frame: string | null },
    events: {} as DynamicDmaMapEvent,
  },
  guards: {
    isMapped: from('DMA_FOUND', ({ event }) => event.mapped),
  },
  actions: {
    beginWork: assign(from('DEVICE_FAULT', ({ event }) => ({ request: event.request, caller: event.by }))),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    findDma: call('dma', ({ context }) => ({ type: 'FIND_DMA', page: context.request!.page })),
    getUserPage: call(({ context }) => context.request!.page, 'GUP'),
    keepFrame: assign(from('GOT', ({ event }) => ({ frame: event.frame }))),
    charge: call('account', 'CHARGE_PAGE'),
    uncharge: send('account', 'UNCHARGE_PAGE'),
    map: send(
      ({ context }) => context.entries[context.request!.page]!,
      ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true }),
    ),
    setMapped: send('dma', ({ context }) => ({ type: 'SET_MAPPED', page: context.request!.page })),
    putPage: send('frame', 'PUT'),
    respond: respond(),
    returnToCaller: send('caller', 'HANDLED'),
    endWork: assign(NO_WORK),
  },
});

export const dynamicDmaMapConfig = {
  context: ({ input }: { input: DynamicDmaMapInput }) => ({ ...input, ...NO_WORK }),
  initial: 'idle',
} as const;

/** A version that does one thing otherwise replaces states. */
export const dynamicDmaMapStates = {
  idle: dynamicDmaMapParts.createStateConfig({
    on: { DEVICE_FAULT: { target: 'locking', actions: 'beginWork' } },
  }),
  // mutex_lock(&iommu->lock), vfio_find_dma()
  locking: dynamicDmaMapParts.createStateConfig({
    on: { RUN: { target: 'findingDma', actions: ['lock', 'findDma'] } },
  }),
  // Left within the step that entered it, as are `gettingPage` and `charging`.
  findingDma: dynamicDmaMapParts.createStateConfig({
    on: {
      DMA_FOUND: [
        // Another device's fault has mapped it.
        { guard: 'isMapped', target: 'succeeded', actions: 'unlock' },
        { target: 'pinning' },
      ],
      NO_DMA: { target: 'failed', actions: 'unlock' },
    },
  }),
  // vfio_pin_page_external(): pin_user_pages_remote(), then vfio_lock_acct()
  pinning: dynamicDmaMapParts.createStateConfig({
    on: { RUN: { target: 'gettingPage', actions: 'getUserPage' } },
  }),
  gettingPage: dynamicDmaMapParts.createStateConfig({
    on: { GOT: { target: 'charging', actions: ['keepFrame', 'charge'] } },
  }),
  charging: dynamicDmaMapParts.createStateConfig({
    on: {
      CHARGED: 'mapping',
      OVER_LIMIT: { target: 'failed', actions: ['putPage', 'unlock'] },
    },
  }),
  // vfio_iommu_map(), bitmap_set(), mutex_unlock(&iommu->lock)
  mapping: dynamicDmaMapParts.createStateConfig({
    on: {
      RUN: { target: 'succeeded', actions: ['map', 'setMapped', 'unlock'] },
      MAP_FAILS: { target: 'failed', actions: ['putPage', 'uncharge', 'unlock'] },
    },
  }),
  // iommu_page_response(), after the lock was dropped
  succeeded: dynamicDmaMapParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'success' } }, 'returnToCaller', 'endWork'] },
    },
  }),
  failed: dynamicDmaMapParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'invalid' } }, 'returnToCaller', 'endWork'] },
    },
  }),
};

export const dynamicDmaMap = dynamicDmaMapParts.createMachine({
  id: 'dynamicDmaMap',
  ...dynamicDmaMapConfig,
  states: dynamicDmaMapStates,
});

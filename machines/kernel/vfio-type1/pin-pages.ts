/**
 * A mediator (the driver of the vendor in the host) that locks a page down at run time: when the guest registers a ring with the device it
 * calls vfio_pin_pages(), and only then lets the device use the ring; when the guest takes it back, vfio_unpin_pages(). Here pinning maps
 * the page, which the author of the series thought right in the end (21 May 2021), and unpinning unmaps it. Nobody posted that.
 *
 *   pin:    GUP, which keeps its reference; lock; map and set the bit, unless that is so; add the range; unlock
 *   unpin:  lock; remove the range; unmap, clear the bit, TLBI and CMD_SYNC, wait for it; put the page; unlock
 *
 * GUP is before the lock. The kernel holds `iommu->lock` over it, which with an MMU notifier that takes the same lock is the deadlock of B-73.
 *
 *   `pin-pages-v3.ts`                maps nothing, and unmaps nothing
 *   `pin-pages-leaves-mapping.ts`    maps, and unmaps nothing
 *   `pin-pages-never.ts`             lets the device use the ring at once
 *
 * List 'ACQUIRE', 'GUP' and 'DMA' as `blocking`: a ring that is not registered takes no DMA. At rest in `unregistered` and `registered`.
 *
 * Simplifications: one ring of one page, for one device, which does not use it any more when the guest takes it back; charging the page to the
 * user always succeeds, and memory is never short; one domain.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type PinPagesEvent =
  /** The guest registers the ring, and takes it back. */
  | { type: 'REGISTER_RING' }
  | { type: 'UNREGISTER_RING' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'GOT'; frame: string }
  | { type: 'DMA_FOUND'; mapped: boolean }
  | { type: 'UNMAPPED'; whole: boolean }
  | { type: 'SYNC_COMPLETE' }
  /** The guest's driver has put something into the ring, and rings the doorbell of the device. */
  | { type: 'DMA'; page: string; write: boolean };

export interface PinPagesInput {
  readonly name: string;
  readonly device: string;
  readonly page: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The page's bit in the dma's bitmap, and its IOMMU page table entry. */
  readonly mapped: string;
  readonly entry: string;
  /** What is pinned for the device (`pinned-ranges.ts`). */
  readonly ranges: string;
  readonly commandQueue: string;
}

/** What versions of it are made of. */
export const pinPagesParts = setup({
  types: {
    input: {} as PinPagesInput,
    context: {} as PinPagesInput & { readonly frame: string | null },
    events: {} as PinPagesEvent,
  },
  guards: {
    isMapped: ({ event }) => event.type === 'DMA_FOUND' && event.mapped,
  },
  actions: {
    getUserPage: call('page', 'GUP'),
    keepFrame: assign(from('GOT', ({ event }) => ({ frame: event.frame }))),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    findDma: call('mapped', 'FIND'),
    map: send('entry', ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true })),
    setMappedBit: send('mapped', 'SET_MAPPED'),
    addRange: send('ranges', ({ context }) => ({ type: 'ADD_RANGE', page: context.page })),
    removeRange: send('ranges', ({ context }) => ({ type: 'REMOVE_RANGE', page: context.page })),
    unmap: call('entry', 'UNMAP_FAST'),
    clearMappedBit: send('mapped', 'CLEAR_MAPPED'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page })),
    issueSync: call('commandQueue', 'SYNC'),
    putPage: send('frame', 'PUT'),
    forgetFrame: assign({ frame: null }),
    forwardDma: send(
      'device',
      from('DMA', ({ event }) => ({ type: 'DMA', page: event.page, write: event.write })),
    ),
  },
});

export const pinPagesConfig = {
  context: ({ input }: { input: PinPagesInput }) => ({ ...input, frame: null }),
  initial: 'unregistered',
} as const;

/** A version that does one thing otherwise replaces states. */
export const pinPagesStates = {
  unregistered: pinPagesParts.createStateConfig({ on: { REGISTER_RING: 'pinning' } }),
  // vfio_pin_page_external() -> vaddr_get_pfns() -> pin_user_pages_remote()
  pinning: pinPagesParts.createStateConfig({
    on: {
      RUN: { actions: 'getUserPage' },
      GOT: { target: 'pinned', actions: 'keepFrame' },
    },
  }),
  pinned: pinPagesParts.createStateConfig({
    on: { RUN: { target: 'mapping', actions: ['lock', 'findDma'] } },
  }),
  // Left within the step that entered it, as are `unmapping` and `unmapped`.
  mapping: pinPagesParts.createStateConfig({
    on: {
      DMA_FOUND: [
        // A fault of another device has mapped it: the same frame, as long as the bit is set.
        { guard: 'isMapped', target: 'registered', actions: ['addRange', 'unlock'] },
        { target: 'registered', actions: ['map', 'setMappedBit', 'addRange', 'unlock'] },
      ],
    },
  }),
  registered: pinPagesParts.createStateConfig({
    on: { DMA: { actions: 'forwardDma' }, UNREGISTER_RING: 'unpinning' },
  }),
  unpinning: pinPagesParts.createStateConfig({
    on: { RUN: { target: 'unmapping', actions: ['lock', 'removeRange', 'findDma'] } },
  }),
  unmapping: pinPagesParts.createStateConfig({
    on: {
      DMA_FOUND: [
        { guard: 'isMapped', target: 'unmapped', actions: 'unmap' },
        { target: 'unregistered', actions: ['putPage', 'forgetFrame', 'unlock'] },
      ],
    },
  }),
  unmapped: pinPagesParts.createStateConfig({
    on: { UNMAPPED: { target: 'syncing', actions: ['clearMappedBit', 'issueTlbi', 'issueSync'] } },
  }),
  syncing: pinPagesParts.createStateConfig({
    on: { SYNC_COMPLETE: 'synced' },
  }),
  synced: pinPagesParts.createStateConfig({
    on: { RUN: { target: 'unregistered', actions: ['putPage', 'forgetFrame', 'unlock'] } },
  }),
};

/** vfio_unpin_pages() of a version that leaves the mapping to the MMU notifier. */
export const leavesMapping = pinPagesParts.createStateConfig({
  on: {
    RUN: { target: 'unregistered', actions: ['lock', 'removeRange', 'putPage', 'forgetFrame', 'unlock'] },
  },
});

export const pinPages = pinPagesParts.createMachine({ id: 'pinPages', ...pinPagesConfig, states: pinPagesStates });

/**
 * The fault handler of the VFIO type1 IOPF series, vfio_iommu_type1_dma_map_iopf() (v3, April 2021: patch 2, and patch 3, since which it
 * keeps no page pinned). It is registered with iommu_register_device_fault_handler(), so it runs in the queue thread of the IOMMU
 * driver, under the device's lock (`../iommu/v5.12.ts`), one fault after the other; each RUN is that thread going on.
 *
 *   lock; look up the dma and its bit; GUP; map, set the bit, put the page; unlock; answer
 *
 * The container's lock is held from before GUP until after the map, and the MMU notifier takes the same lock. GUP waits for the page's
 * lock, which reclaim holds when it calls the notifier: a deadlock (B-73). The other versions here drop the lock over GUP:
 *
 *   `iopf-unlocked.ts`        nothing tells the handler of an unmap in between
 *   `iopf-sequence.ts`        a sequence does, as in KVM
 *   `iopf-late-sequence.ts`   the sequence is read too late
 *
 * Simplifications: no pre-mapping of neighbours (patch 4 of v3; in v2 it is a part of patch 3); the dma is always found and allows the access, and GUP fails only where no frame
 * is left; looking up group and container is not modelled (`iopf-lookup-v3.ts` has it; B-55); the ioctls and vfio_wait(), which drops the lock
 * to wait for user space, are not there; the lock of `mm` (mmap_lock) is not there (`iopf-mmap-lock.ts` has it); one domain. GUP may itself reclaim, and so call the notifier (B-58): not here.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { type DeviceFaultCall, type DeviceFaultWork, respond } from '../iommu/v5.12.ts';

export type VfioIopfHandlerEvent =
  | DeviceFaultCall
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'DMA_FOUND'; mapped: boolean }
  /** Only of `vfio-dma.ts`: no dma covers the address. */
  | { type: 'NO_DMA' }
  | { type: 'GOT'; frame: string }
  | { type: 'NO_MEMORY' }
  /** Replies of the page table entry, to versions that look at what iommu_map() returns. */
  | { type: 'MAPPED' }
  | { type: 'EEXIST' }
  /** Replies of the sequence, to versions that ask it. */
  | { type: 'CHANGED' }
  | { type: 'UNCHANGED' }
  /** The reply of `pinned-ranges.ts`, to versions that ask it. */
  | { type: 'RANGE'; pinned: boolean; selective: boolean }
  /** Replies of the account of locked memory (`mapped-list.ts`), to versions that keep what they map pinned. */
  | { type: 'CHARGED' }
  | { type: 'OVER_LIMIT' };

export interface VfioIopfInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The bit of each page in the dma's bitmap. */
  readonly mapped: Readonly<Record<string, string>>;
  /** The IOMMU page table entry of each page. */
  readonly entries: Readonly<Record<string, string>>;
  /** Of versions that check one: the sequence of the MMU notifier (`../mm/invalidate-sequence.ts`). */
  readonly sequence?: string;
  /** Of versions that take it: the lock of the address space. */
  readonly mmapLock?: string;
  /** Of versions with a second domain: the entry of each page there. */
  readonly secondEntries?: Readonly<Record<string, string>>;
  /** Of versions for devices that bear faults in some places only: the ranges of each such device's group (`pinned-ranges.ts`). */
  readonly ranges?: Readonly<Record<string, string>>;
  /** Of versions that pre-map: the pages of the dma in order, the pages after it, and IOPF_PREMAP_LEN. */
  readonly premap?: { readonly dma: readonly string[]; readonly after: readonly string[]; readonly length: number };
  /** Of versions that keep what they map pinned: the account of locked memory. */
  readonly account?: string;
}

/** What a handler knows while it is at work. */
export interface VfioIopfWork extends DeviceFaultWork {
  readonly page: string | null;
  /** What GUP returned. */
  readonly frame: string | null;
  /** Of versions that pre-map: the pages that may follow. */
  readonly ahead?: readonly string[];
}

export const NO_WORK = { request: null, page: null, frame: null, caller: null } as const satisfies VfioIopfWork;

/** What versions of the handler are made of. */
export const vfioIopfParts = setup({
  types: {
    input: {} as VfioIopfInput,
    context: {} as VfioIopfInput & VfioIopfWork,
    events: {} as VfioIopfHandlerEvent,
  },
  guards: {
    isMapped: ({ event }) => event.type === 'DMA_FOUND' && event.mapped,
  },
  actions: {
    beginWork: assign(
      from('DEVICE_FAULT', ({ event }) => ({ request: event.request, page: event.request.page, caller: event.by })),
    ),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    findDma: call(({ context }) => context.mapped[context.page!]!, 'FIND'),
    getUserPage: call('page', 'GUP'),
    keepFrame: assign(from('GOT', ({ event }) => ({ frame: event.frame }))),
    map: send(
      ({ context }) => context.entries[context.page!]!,
      ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true }),
    ),
    setMappedBit: send(({ context }) => context.mapped[context.page!]!, 'SET_MAPPED'),
    putPage: send('frame', 'PUT'),
    forgetFrame: assign({ frame: null }),
    respond: respond(),
    returnToCaller: send('caller', 'HANDLED'),
    endWork: assign(NO_WORK),
  },
});

export const vfioIopfConfig = {
  context: ({ input }: { input: VfioIopfInput }) => ({ ...input, ...NO_WORK }),
  initial: 'idle',
} as const;

/** A version that does one thing otherwise replaces a state. */
export const vfioIopfStates = {
  idle: vfioIopfParts.createStateConfig({
    on: { DEVICE_FAULT: { target: 'locking', actions: 'beginWork' } },
  }),
  // mutex_lock(&iommu->lock), vfio_find_dma_valid()
  locking: vfioIopfParts.createStateConfig({
    on: { RUN: { target: 'findingDma', actions: ['lock', 'findDma'] } },
  }),
  // Left within the step that entered it.
  findingDma: vfioIopfParts.createStateConfig({
    on: {
      DMA_FOUND: [
        // The bit is set: another fault on the page has mapped it. Success, without a look at the page table.
        { guard: 'isMapped', target: 'responding', actions: 'unlock' },
        { target: 'dmaFound' },
      ],
    },
  }),
  dmaFound: vfioIopfParts.createStateConfig({
    // vfio_pin_page_external() -> vaddr_get_pfns() -> pin_user_pages_remote()
    on: { RUN: { target: 'gettingPage', actions: 'getUserPage' } },
  }),
  // Left within the step that entered it.
  gettingPage: vfioIopfParts.createStateConfig({
    on: {
      GOT: { target: 'mapping', actions: 'keepFrame' },
      NO_MEMORY: { target: 'failed', actions: 'unlock' },
    },
  }),
  // vfio_iommu_map(), bitmap_set(), put_pfn(), mutex_unlock(&iommu->lock)
  mapping: vfioIopfParts.createStateConfig({
    on: { RUN: { target: 'responding', actions: ['map', 'setMappedBit', 'putPage', 'forgetFrame', 'unlock'] } },
  }),
  // iommu_page_response(), after the lock was dropped
  responding: vfioIopfParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'success' } }, 'returnToCaller', 'endWork'] },
    },
  }),
  // Without a frame: IOMMU_PAGE_RESP_INVALID, and the transaction is aborted.
  failed: vfioIopfParts.createStateConfig({
    on: {
      RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'invalid' } }, 'returnToCaller', 'endWork'] },
    },
  }),
};

export const vfioIopfHandler = vfioIopfParts.createMachine({
  id: 'vfioIopfHandler',
  ...vfioIopfConfig,
  states: vfioIopfStates,
});

/**
 * A worker of the iopf work queue that runs the fault handler of the VFIO type1 IOPF series,
 * vfio_iommu_type1_dma_map_iopf() (v3, April 2021), for groups of one request.
 *
 *   take a group; lock; look up the dma and its bit; [unlock]; GUP; [lock, check, look up again]; map, set the bit; unlock;
 *   answer; if there is no memory for the page: [unlock], answer Invalid
 *
 * The inputs that make the difference:
 *
 * - `holdsLockOverGup`: the series keeps the container's lock from before GUP until after the map, and the MMU notifier
 *   takes the same lock. Otherwise the lock is dropped around GUP, which may sleep for long.
 * - `samples`: without the lock, when the sequence of `../mm/invalidate-sequence.ts` is read. It has to be before GUP.
 * - `putsPage`: when the reference that GUP took is dropped. The series does it after the map. It makes no difference to
 *   whether a translation can outlive its frame: a reference keeps the frame from being freed only until it is dropped.
 * - `asksTable`: what it takes for the page to be mapped already. The series believes the bit; with this it looks at the
 *   IOMMU page table as well, and maps again what is not there. Only together with `holdsLockOverGup`.
 *
 * Simplifications: no pre-mapping of neighbours; the dma is always found, and GUP fails only where no frame is left;
 * looking up group and container is not modelled (B-55 is about that); nobody else takes the lock for long (ioctls).
 * GUP with the lock held may itself call the notifier, which then waits for its own thread (B-58): not here, since nothing
 * that GUP does here calls it.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from, send, tell } from '../../parts/call.ts';
import type { IopfGroup } from '../io-pgfault/group.ts';

/** When the handler reads the sequence of the MMU notifier; `never` without one. */
export type SequenceSample = 'never' | 'before-gup' | 'after-gup';

export type VfioIopfHandlerEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'WORK'; group: IopfGroup }
  | { type: 'DMA_FOUND'; mapped: boolean }
  | { type: 'PHYS'; frame: string | null }
  | { type: 'GOT'; frame: string }
  | { type: 'NO_MEMORY' }
  | { type: 'CHANGED' }
  | { type: 'UNCHANGED' };

interface Wiring {
  name: string;
  workQueue: string;
  /** The container's lock (`iommu->lock`). */
  lock: string;
  /** The bit of each page in the dma's bitmap. */
  mapped: Readonly<Record<string, string>>;
  /** The IOMMU page table entry of each page. */
  entries: Readonly<Record<string, string>>;
  /** The iopf core of each device. */
  cores: Readonly<Record<string, string>>;
  sequence: string;
  holdsLockOverGup: boolean;
  samples: SequenceSample;
  putsPage: 'after-gup' | 'after-map';
  asksTable: boolean;
}

export const vfioIopfHandler = setup({
  types: {
    input: {} as Omit<Wiring, 'asksTable'> & { asksTable?: boolean },
    context: {} as Wiring & {
      group: IopfGroup | null;
      page: string | null;
      /** What GUP returned. */
      frame: string | null;
    },
    events: {} as VfioIopfHandlerEvent,
  },
  guards: {
    isMapped: ({ event }) => event.type === 'DMA_FOUND' && event.mapped,
    isMappedByBit: ({ context, event }) => event.type === 'DMA_FOUND' && event.mapped && context.asksTable,
    isMappedInTable: ({ event }) => event.type === 'PHYS' && event.frame !== null,
    holdsLockOverGup: ({ context }) => context.holdsLockOverGup,
    samplesBeforeGup: ({ context }) => context.samples === 'before-gup',
    samplesAfterGup: ({ context }) => context.samples === 'after-gup',
    neverSamples: ({ context }) => context.samples === 'never',
  },
  actions: {
    takeWork: call('workQueue', 'TAKE'),
    beginGroup: assign(from('WORK', ({ event }) => ({ group: event.group, page: event.group.requests[0]!.page }))),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    findDma: call(({ context }) => context.mapped[context.page!]!, 'FIND'),
    sampleSequence: call('sequence', 'SAMPLE'),
    checkSequence: call('sequence', 'CHECK'),
    getUserPage: call('page', 'GUP'),
    keepFrame: assign(from('GOT', ({ event }) => ({ frame: event.frame }))),
    // put_page(), if this is where the reference is dropped.
    putPageAfterGup: enqueueActions(({ context, enqueue }) => {
      if (context.putsPage === 'after-gup') tell(enqueue, context.frame!, { type: 'PUT' });
    }),
    putPageAfterMap: enqueueActions(({ context, enqueue }) => {
      if (context.putsPage === 'after-map') tell(enqueue, context.frame!, { type: 'PUT' });
    }),
    forgetFrame: assign({ frame: null }),
    map: send(
      ({ context }) => context.entries[context.page!]!,
      ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true }),
    ),
    lookUpEntry: call(({ context }) => context.entries[context.page!]!, 'IOVA_TO_PHYS'),
    setMappedBit: send(({ context }) => context.mapped[context.page!]!, 'SET_MAPPED'),
    respond: send(
      ({ context }) => context.cores[context.group!.device]!,
      ({ context }, { code }: { code: ResponseCode }) => ({ type: 'RESPOND', group: context.group!, code }),
    ),
    finishWork: call('workQueue', 'DONE'),
    freeGroup: assign({ group: null, page: null }),
  },
}).createMachine({
  id: 'vfioIopfHandler',
  context: ({ input }) => ({ asksTable: false, ...input, group: null, page: null, frame: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { RUN: { target: 'taking', actions: 'takeWork' } },
    },
    // Left within the step that entered it, as are `findingDma`, `askingTable`, `gettingPage`, `pageGot`, `checking` and `findingDmaAgain`.
    taking: {
      on: { WORK: { target: 'locking', actions: 'beginGroup' } },
    },
    // mutex_lock(&iommu->lock)
    locking: {
      on: { RUN: { target: 'findingDma', actions: ['lock', 'findDma'] } },
    },
    findingDma: {
      on: {
        DMA_FOUND: [
          { guard: 'isMappedByBit', target: 'askingTable', actions: 'lookUpEntry' },
          // The bit is set: another fault on the page has mapped it. Success, without a look at the page table.
          { guard: 'isMapped', target: 'responding', actions: 'unlock' },
          { guard: 'holdsLockOverGup', target: 'dmaFound' },
          { guard: 'samplesBeforeGup', target: 'dmaFound', actions: ['sampleSequence', 'unlock'] },
          { target: 'dmaFound', actions: 'unlock' },
        ],
      },
    },
    // Only with `asksTable`.
    askingTable: {
      on: {
        PHYS: [
          { guard: 'isMappedInTable', target: 'responding', actions: 'unlock' },
          // The bit lies: the page is mapped as if for the first time.
          { target: 'dmaFound' },
        ],
      },
    },
    dmaFound: {
      // vfio_pin_page_external() -> vaddr_get_pfns() -> pin_user_pages_remote()
      on: { RUN: { target: 'gettingPage', actions: 'getUserPage' } },
    },
    gettingPage: {
      on: {
        GOT: { target: 'pageGot', actions: ['keepFrame', 'putPageAfterGup'] },
        NO_MEMORY: [{ guard: 'holdsLockOverGup', target: 'failed', actions: 'unlock' }, { target: 'failed' }],
      },
    },
    pageGot: {
      always: [{ guard: 'samplesAfterGup', target: 'sampling' }, { target: 'mapping' }],
    },
    // Too late: an invalidation between GUP and here goes unnoticed. KVM made the mistake with what it had read of the VMA
    // (arch/arm64/kvm/mmu.c user_mem_abort() before 13ec9308a857).
    sampling: {
      on: { RUN: { target: 'mapping', actions: 'sampleSequence' } },
    },
    mapping: {
      on: {
        RUN: [
          // vfio_iommu_map(), bitmap_set(), put_pfn(), mutex_unlock(&iommu->lock)
          {
            guard: 'holdsLockOverGup',
            target: 'responding',
            actions: ['map', 'setMappedBit', 'putPageAfterMap', 'forgetFrame', 'unlock'],
          },
          { guard: 'neverSamples', target: 'findingDmaAgain', actions: ['lock', 'findDma'] },
          // As with kvm_host.h mmu_invalidate_retry(): the check and the map are in one section of the lock.
          { target: 'checking', actions: ['lock', 'checkSequence'] },
        ],
      },
    },
    checking: {
      on: {
        CHANGED: { target: 'locking', actions: ['putPageAfterMap', 'forgetFrame', 'unlock'] },
        UNCHANGED: { target: 'findingDmaAgain', actions: 'findDma' },
      },
    },
    // The lock was dropped, so another fault on the page may have mapped it meanwhile.
    findingDmaAgain: {
      on: {
        DMA_FOUND: [
          { guard: 'isMapped', target: 'responding', actions: ['putPageAfterMap', 'forgetFrame', 'unlock'] },
          {
            target: 'responding',
            actions: ['map', 'setMappedBit', 'putPageAfterMap', 'forgetFrame', 'unlock'],
          },
        ],
      },
    },
    responding: {
      // After the lock was dropped: iommu_page_response().
      on: {
        RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'success' } }, 'finishWork', 'freeGroup'] },
      },
    },
    // Without a frame: IOMMU_PAGE_RESP_INVALID, and the transaction is aborted.
    failed: {
      on: {
        RUN: { target: 'idle', actions: [{ type: 'respond', params: { code: 'invalid' } }, 'finishWork', 'freeGroup'] },
      },
    },
  },
});

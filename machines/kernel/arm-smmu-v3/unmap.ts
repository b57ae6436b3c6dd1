/**
 * A thread in the host that maps one page for devices with ATS and takes it away again: iommu_map(), iommu_unmap() with
 * the invalidations of arm-smmu-v3.c arm_smmu_iotlb_sync(), then the frame goes back to the allocator.
 *
 *   clear the entry -> TLBI -> SYNC -> ATC_INV -> SYNC -> free
 *
 * What `invalidation` changes:
 *
 *   'tlb-first'   as above: arm_smmu_tlb_inv_range_domain(), then arm_smmu_atc_inv_domain(); each waits for its CMD_SYNC
 *   'atc-first'   ATC_INV -> SYNC -> TLBI -> SYNC, as before 353e3cf8590c (v5.4)
 *   'no-sync'     the thread is content when CONS has moved past ATC_INV; no CMD_SYNC follows
 *
 * Simplifications: one page; all devices of the domain are told, whether they have used the page or not (as in the
 * kernel); clearing the entry and putting the first commands in the queue are one step, since the queue is consumed in
 * steps of its own; mapping takes no invalidation (as in the kernel: nothing invalid is held).
 */
import { assign, enqueueActions, setup } from 'xstate';
import { call, from, send, tell } from '../../parts/call.ts';

export type Invalidation = 'tlb-first' | 'atc-first' | 'no-sync';

export type UnmapThreadEvent =
  | { type: 'MAP_BUFFER' }
  | { type: 'UNMAP_BUFFER' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FRAME'; frame: string; for: string }
  | { type: 'NO_FRAME'; for: string }
  | { type: 'CONSUMED' }
  | { type: 'SYNC_COMPLETE' }
  | { type: 'FREED' };

interface Wiring {
  name: string;
  page: string;
  /** The page's entry in the IOMMU page table. */
  entry: string;
  freeList: string;
  commandQueue: string;
  /** The devices in the domain. */
  devices: readonly string[];
  invalidation: Invalidation;
}

export const unmapThread = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & {
      frame: string | null;
      /** Commands that CONS has still to move past. */
      unconsumed: number;
    },
    events: {} as UnmapThreadEvent,
  },
  guards: {
    invalidatesAtcFirst: ({ context }) => context.invalidation === 'atc-first',
    doesNotSync: ({ context }) => context.invalidation === 'no-sync',
    isLastConsumed: ({ context }) => context.unconsumed === 1,
  },
  actions: {
    allocateFrame: call('freeList', ({ context }) => ({
      type: 'ALLOCATE_FRAME',
      page: context.page,
      for: context.name,
    })),
    keepFrame: assign(from('FRAME', ({ event }) => ({ frame: event.frame }))),
    map: send('entry', ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true })),
    unmap: send('entry', 'UNMAP'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page })),
    issueAtcInv: enqueueActions(({ context, enqueue }) => {
      for (const device of context.devices) {
        const command = { type: 'ATC_INV', device, page: context.page, by: context.name };
        tell(enqueue, context.commandQueue, command);
      }
      enqueue.assign({ unconsumed: context.devices.length });
    }),
    countConsumed: assign({ unconsumed: ({ context }) => context.unconsumed - 1 }),
    issueSync: call('commandQueue', 'SYNC'),
    freeFrame: call('frame', 'FREE'),
    forgetFrame: assign({ frame: null }),
  },
}).createMachine({
  id: 'unmapThread',
  context: ({ input }) => ({ ...input, frame: null, unconsumed: 0 }),
  initial: 'unmapped',
  on: {
    CONSUMED: { actions: 'countConsumed' },
  },
  states: {
    unmapped: {
      on: { MAP_BUFFER: { target: 'allocating', actions: 'allocateFrame' } },
    },
    // Left within the step that entered it, as is `freeing`.
    allocating: {
      on: {
        FRAME: { target: 'mapped', actions: ['keepFrame', 'map'] },
        // -ENOMEM for whoever asked.
        NO_FRAME: 'unmapped',
      },
    },
    mapped: {
      on: {
        UNMAP_BUFFER: [
          {
            guard: 'invalidatesAtcFirst',
            target: 'firstInvalidation',
            actions: ['unmap', 'issueAtcInv', 'issueSync'],
          },
          // SMMUv3 3.21.1: the entry is cleared first, then the TLB is invalidated.
          { target: 'firstInvalidation', actions: ['unmap', 'issueTlbi', 'issueSync'] },
        ],
      },
    },
    firstInvalidation: {
      on: { SYNC_COMPLETE: 'firstDone' },
    },
    firstDone: {
      on: {
        RUN: [
          { guard: 'invalidatesAtcFirst', target: 'secondInvalidation', actions: ['issueTlbi', 'issueSync'] },
          { guard: 'doesNotSync', target: 'waitingForCons', actions: 'issueAtcInv' },
          // SMMUv3 3.9.1: the TLB first, or the device can fill its ATC from it again.
          { target: 'secondInvalidation', actions: ['issueAtcInv', 'issueSync'] },
        ],
      },
    },
    secondInvalidation: {
      on: { SYNC_COMPLETE: 'invalidated' },
    },
    // Consumed is not completed: the Invalidate Request may still be on its way.
    waitingForCons: {
      on: {
        CONSUMED: [
          { guard: 'isLastConsumed', target: 'invalidated', actions: 'countConsumed' },
          { actions: 'countConsumed' },
        ],
      },
    },
    invalidated: {
      on: { RUN: { target: 'freeing', actions: 'freeFrame' } },
    },
    freeing: {
      on: { FREED: { target: 'unmapped', actions: 'forgetFrame' } },
    },
  },
});

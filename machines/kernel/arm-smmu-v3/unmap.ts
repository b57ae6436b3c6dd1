/**
 * A thread in the host that maps one page for devices with ATS and takes it away again: iommu_map(), iommu_unmap() with
 * the invalidations of arm-smmu-v3.c arm_smmu_iotlb_sync(), then the frame goes back to the allocator.
 *
 *   clear the entry -> TLBI -> SYNC -> ATC_INV -> SYNC -> free
 *
 * As arm_smmu_tlb_inv_range_domain() and then arm_smmu_atc_inv_domain() do it since 353e3cf8590c (v5.4), to v6.18, each with a CMD_SYNC
 * that is waited for. Since 587bb3e56a2c and 4202fddd01c7 it is one function, arm_smmu_domain_inv_range(), which goes through a
 * sorted array of what to invalidate, TLBs first, with a CMD_SYNC before the first ATC (arm_smmu_invs_end_batch()): the same order.
 *
 * Simplifications: one page; all devices of the domain are told, whether they have used the page or not (as in the
 * kernel); clearing the entry and putting the first commands in the queue are one step, since the queue is consumed in
 * steps of its own; mapping takes no invalidation (as in the kernel: nothing invalid is held); the set of devices is constant and ATS is
 * always on: what an attach, or enabling ATS, owes to an unmap that goes on meanwhile (smp_mb() and `nr_ats_masters` to v6.18, since
 * then the array's RCU and its read lock, taken where it has an ATC) is left out here;
 * `unmap-asks-domain.ts` and `unmap-counts-ats.ts` have what there is to v6.18.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { call, from, send, tell } from '../../parts/call.ts';

export type UnmapThreadEvent =
  | { type: 'MAP_BUFFER' }
  | { type: 'UNMAP_BUFFER' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FRAME'; frame: string; for: string }
  | { type: 'NO_FRAME'; for: string }
  | { type: 'CONSUMED' }
  | { type: 'SYNC_COMPLETE' }
  /** The domain has nobody with an ATC. */
  | { type: 'NO_ATS' }
  /** What the domain's `nr_ats_masters` is. */
  | { type: 'NR_ATS'; count: number }
  | { type: 'FREED' };

export interface UnmapInput {
  name: string;
  page: string;
  /** The page's entry in the IOMMU page table. */
  entry: string;
  freeList: string;
  commandQueue: string;
  /** The devices in the domain. */
  devices: readonly string[];
  /** For versions that ask it for them, a `domain.ts`. */
  domain?: string;
}

/** What threads that unmap are made of. */
export const unmapParts = setup({
  types: {
    input: {} as UnmapInput,
    context: {} as UnmapInput & {
      frame: string | null;
      /** Commands that CONS has still to move past. */
      unconsumed: number;
      /** For versions that read it: `nr_ats_masters`. */
      nrAts: number;
    },
    events: {} as UnmapThreadEvent,
  },
  guards: {
    countsNone: ({ event }) => event.type === 'NR_ATS' && event.count === 0,
    hasCountedNone: ({ context }) => context.nrAts === 0,
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
    invalidateAtcs: call(
      ({ context }) => context.domain!,
      ({ context }) => ({ type: 'ATC_INV_DOMAIN', page: context.page }),
    ),
    readNrAts: call(({ context }) => context.domain!, 'READ_NR_ATS'),
    keepNrAts: assign({ nrAts: from('NR_ATS', ({ event }) => event.count) }),
    forgetNrAts: assign({ nrAts: 0 }),
    countConsumed: assign({ unconsumed: ({ context }) => context.unconsumed - 1 }),
    issueSync: call('commandQueue', 'SYNC'),
    freeFrame: call('frame', 'FREE'),
    forgetFrame: assign({ frame: null }),
  },
});

/** A version with another order replaces states. */
export const unmapStates = {
  unmapped: unmapParts.createStateConfig({
    on: { MAP_BUFFER: { target: 'allocating', actions: 'allocateFrame' } },
  }),
  // Left within the step that entered it, as is `freeing`.
  allocating: unmapParts.createStateConfig({
    on: {
      FRAME: { target: 'mapped', actions: ['keepFrame', 'map'] },
      // -ENOMEM for whoever asked.
      NO_FRAME: 'unmapped',
    },
  }),
  mapped: unmapParts.createStateConfig({
    // SMMUv3 3.21.1: the entry is cleared first, then the TLB is invalidated.
    on: { UNMAP_BUFFER: { target: 'firstInvalidation', actions: ['unmap', 'issueTlbi', 'issueSync'] } },
  }),
  firstInvalidation: unmapParts.createStateConfig({
    on: { SYNC_COMPLETE: 'firstDone' },
  }),
  firstDone: unmapParts.createStateConfig({
    // SMMUv3 3.9.1: the TLB first, or the device can fill its ATC from it again.
    on: { RUN: { target: 'secondInvalidation', actions: ['issueAtcInv', 'issueSync'] } },
  }),
  secondInvalidation: unmapParts.createStateConfig({
    on: { SYNC_COMPLETE: 'invalidated' },
  }),
  invalidated: unmapParts.createStateConfig({
    on: { RUN: { target: 'freeing', actions: 'freeFrame' } },
  }),
  freeing: unmapParts.createStateConfig({
    on: { FREED: { target: 'unmapped', actions: 'forgetFrame' } },
  }),
};

export const unmapConfig = {
  context: ({ input }: { input: UnmapInput }) => ({ ...input, frame: null, unconsumed: 0, nrAts: 0 }),
  initial: 'unmapped',
  on: { CONSUMED: { actions: 'countConsumed' } },
} as const;

export const unmapThread = unmapParts.createMachine({ id: 'unmapThread', ...unmapConfig, states: unmapStates });

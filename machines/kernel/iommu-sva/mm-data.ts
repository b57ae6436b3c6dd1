/**
 * `struct iommu_mm_data` of an mm, which is freed with the mm structure (kernel/fork.c __mmdrop(), iommu-sva.c mm_pasid_drop()), that is with
 * the last of: the reference that all users of the mm have together, and the one of the SVA domain. It leads to the mm's notifiers, and so
 * to what the IOMMU has cached.
 *
 * When it is freed it takes everything in silence, as memory does; `../../monitors/object-lifetime.ts` sees it, by the message FREE, which it
 * sends to itself.
 *
 * Simplification: one domain. `mm.ts` is an mm in which the PASID matters.
 */
import { assign, setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type SvaMmDataEvent =
  /** `mmgrab()` by the domain */
  | { type: 'MMGRAB' }
  /** `mmdrop()` */
  | { type: 'MMDROP' }
  /** `list_empty(&iommu_mm->sva_domains)` */
  | { type: 'READ_DOMAINS' }
  /** `mmu_notifier_arch_invalidate_secondary_tlbs(iommu_mm->mm)` */
  | { type: 'INVALIDATE_SECONDARY_TLBS' }
  /** `kfree()` */
  | { type: 'FREE' };

export const svaMmData = setup({
  types: {
    input: {} as { name: string; cache: string },
    context: {} as {
      readonly name: string;
      /** A `../../hardware/vtd/paging-structure-cache.ts`. */
      readonly cache: string;
      /** `mm_count` */
      readonly count: number;
    },
    events: {} as SvaMmDataEvent,
  },
  guards: {
    isLastReference: ({ context }) => context.count === 1,
  },
  actions: {
    grab: assign({ count: ({ context }) => context.count + 1 }),
    drop: assign({ count: ({ context }) => context.count - 1 }),
    free: send('name', 'FREE'),
    invalidate: send('cache', 'INVALIDATE'),
  },
}).createMachine({
  id: 'svaMmData',
  context: ({ input }) => ({ ...input, count: 1 }),
  initial: 'live',
  states: {
    live: {
      on: {
        MMGRAB: { actions: 'grab' },
        MMDROP: [{ guard: 'isLastReference', target: 'dead', actions: ['drop', 'free'] }, { actions: 'drop' }],
        READ_DOMAINS: {},
        INVALIDATE_SECONDARY_TLBS: { actions: 'invalidate' },
      },
    },
    dead: { on: { FREE: 'freed' } },
    freed: { on: { MMGRAB: {}, MMDROP: {}, READ_DOMAINS: {}, INVALIDATE_SECONDARY_TLBS: {}, FREE: {} } },
  },
});

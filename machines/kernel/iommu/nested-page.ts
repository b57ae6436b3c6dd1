/**
 * One page of a process of a guest, as a device with nested translation meets it: stage 1 is the guest's page table, and leads to a guest
 * physical address; stage 2 is the host's, and leads to memory. The device gets a translation when both have an entry.
 *
 *   neither, stage2Only -HANDLE_FAULT, by the guest-> stage1Only, both       a fault of stage 1
 *   stage1Only -MAP_STAGE2, by the host-> both                               a fault of stage 2
 *
 * A page request has the address that the device used, and does not say at which stage the translation ended (PCIe 10.4.1: there is no field
 * for it), so whoever wants to know walks stage 1 by itself, by WALK. An event record of an SMMU says it (S2 of the record, SMMUv3 7.3).
 *
 * Simplifications: the page has one guest physical address, so a host that has walked stage 1 before the guest took the page away maps the
 * right one, too early; no TLB, as in `../iommu-sva/page.ts`; the guest's table itself is always mapped at stage 2 (a miss in the walk of stage 1 is a
 * fault of stage 2 as well, SMMUv3 3.12); guest and host can always bring the page in.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type NestedPageEvent =
  /** ATS Translation Request; the reply is TRANSLATED. */
  | { type: 'TRANSLATE'; by: string }
  /** Software in the host walks stage 1; the reply is STAGE, and says whose fault it is. */
  | { type: 'WALK'; by: string }
  /** handle_mm_fault() in the guest: stage 1 has an entry; the reply is FAULT_HANDLED. */
  | { type: 'HANDLE_FAULT'; by: string }
  /** iommu_map() in the host: stage 2 has an entry. */
  | { type: 'MAP_STAGE2' }
  /** A CPU of the guest touches the page first, and so stage 1 has an entry. */
  | { type: 'TOUCH' }
  /** The guest takes the page away from its process. */
  | { type: 'UNMAP_STAGE1' };

export const nestedPage = setup({
  types: {
    input: {} as { name: string },
    context: {} as { name: string },
    events: {} as NestedPageEvent,
  },
  actions: {
    completeTranslation: reply(({ context }, { faultAt }: { faultAt: 1 | 2 | null }) => ({
      type: 'TRANSLATED',
      page: context.name,
      present: faultAt === null,
      faultAt,
    })),
    tellStage: reply((_, { stage }: { stage: 1 | 2 }) => ({ type: 'STAGE', stage })),
    replyHandled: reply({ type: 'FAULT_HANDLED', ok: true }),
  },
}).createMachine({
  id: 'nestedPage',
  context: ({ input }) => ({ name: input.name }),
  initial: 'neither',
  states: {
    neither: {
      on: {
        TRANSLATE: { actions: { type: 'completeTranslation', params: { faultAt: 1 } } },
        WALK: { actions: { type: 'tellStage', params: { stage: 1 } } },
        HANDLE_FAULT: { target: 'stage1Only', actions: 'replyHandled' },
        MAP_STAGE2: 'stage2Only',
        TOUCH: 'stage1Only',
        UNMAP_STAGE1: {},
      },
    },
    stage1Only: {
      on: {
        TRANSLATE: { actions: { type: 'completeTranslation', params: { faultAt: 2 } } },
        WALK: { actions: { type: 'tellStage', params: { stage: 2 } } },
        HANDLE_FAULT: { actions: 'replyHandled' },
        MAP_STAGE2: 'both',
        TOUCH: {},
        UNMAP_STAGE1: 'neither',
      },
    },
    stage2Only: {
      on: {
        TRANSLATE: { actions: { type: 'completeTranslation', params: { faultAt: 1 } } },
        WALK: { actions: { type: 'tellStage', params: { stage: 1 } } },
        HANDLE_FAULT: { target: 'both', actions: 'replyHandled' },
        MAP_STAGE2: {},
        TOUCH: 'both',
        UNMAP_STAGE1: {},
      },
    },
    both: {
      on: {
        TRANSLATE: { actions: { type: 'completeTranslation', params: { faultAt: null } } },
        // Somebody else was quicker; for the host there is nothing to do.
        WALK: { actions: { type: 'tellStage', params: { stage: 2 } } },
        HANDLE_FAULT: { actions: 'replyHandled' },
        MAP_STAGE2: {},
        TOUCH: {},
        UNMAP_STAGE1: 'stage2Only',
      },
    },
  },
});

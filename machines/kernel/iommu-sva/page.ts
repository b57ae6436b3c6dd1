/**
 * One page of an address space that CPU and devices share (SVA): present in the page table or not.
 *
 * Simplifications: no TLB between the table and the device, so a translation is right at the moment it is given, and
 * reclaim needs no invalidation; no rights; the memory behind the page is not modelled.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type SvaPageEvent =
  /** ATS Translation Request; the reply is TRANSLATED. */
  | { type: 'TRANSLATE'; by: string }
  /** iommu_sva_handle_mm(): the reply is FAULT_HANDLED. */
  | { type: 'HANDLE_FAULT'; by: string }
  /** The mm takes the page away. */
  | { type: 'RECLAIM' };

export const svaPage = setup({
  types: {
    input: {} as { name: string },
    context: {} as { name: string },
    events: {} as SvaPageEvent,
  },
  actions: {
    completeTranslation: reply(({ context }, { present }: { present: boolean }) => ({
      type: 'TRANSLATED',
      page: context.name,
      present,
    })),
    replyHandled: reply({ type: 'FAULT_HANDLED', ok: true }),
  },
}).createMachine({
  id: 'svaPage',
  context: ({ input }) => ({ name: input.name }),
  initial: 'notPresent',
  states: {
    notPresent: {
      on: {
        TRANSLATE: { actions: { type: 'completeTranslation', params: { present: false } } },
        HANDLE_FAULT: { target: 'present', actions: 'replyHandled' },
      },
    },
    present: {
      on: {
        TRANSLATE: { actions: { type: 'completeTranslation', params: { present: true } } },
        // Another group on the same page was quicker: handle_mm_fault() finds nothing to do.
        HANDLE_FAULT: { actions: 'replyHandled' },
        RECLAIM: 'notPresent',
      },
    },
  },
});

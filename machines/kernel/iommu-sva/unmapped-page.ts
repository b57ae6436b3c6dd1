/**
 * One page of an address space where nothing is mapped: what asks for it is refused (iommu-sva.c iommu_sva_handle_mm(), vma_lookup() finds
 * nothing). A request without the right to what it asks for, a process that has exited and a fault that fails end the same way.
 *
 * The same messages as to `page.ts`.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type UnmappedPageEvent = { type: 'TRANSLATE'; by: string } | { type: 'HANDLE_FAULT'; by: string };

export const unmappedPage = setup({
  types: {
    input: {} as { name: string },
    context: {} as { readonly name: string },
    events: {} as UnmappedPageEvent,
  },
  actions: {
    completeTranslation: reply(({ context }) => ({ type: 'TRANSLATED', page: context.name, present: false })),
    refuse: reply({ type: 'FAULT_HANDLED', ok: false }),
  },
}).createMachine({
  id: 'unmappedPage',
  context: ({ input }) => ({ name: input.name }),
  on: {
    TRANSLATE: { actions: 'completeTranslation' },
    HANDLE_FAULT: { actions: 'refuse' },
  },
});

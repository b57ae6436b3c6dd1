/**
 * `iommu_sva_mms`: the address spaces that are bound to devices, for who has to reach all of them (iommu-sva.c, since e37d5a2d60a3). It is
 * protected by `iommu_sva_lock`.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type SvaMmListEvent =
  | { type: 'LIST_ADD'; mm: string }
  | { type: 'LIST_DEL'; mm: string }
  /** The reply is LISTED, with the names of `mm-data.ts`. */
  | { type: 'READ_LIST'; by: string };

export const svaMmList = setup({
  types: { context: {} as { readonly mms: readonly string[] }, events: {} as SvaMmListEvent },
  actions: {
    add: assign({ mms: from('LIST_ADD', ({ context, event }) => [...context.mms, event.mm]) }),
    remove: assign({ mms: from('LIST_DEL', ({ context, event }) => context.mms.filter((mm) => mm !== event.mm)) }),
    replyListed: reply(({ context }) => ({ type: 'LISTED', mms: context.mms })),
  },
}).createMachine({
  id: 'svaMmList',
  context: { mms: [] },
  on: {
    LIST_ADD: { actions: 'add' },
    LIST_DEL: { actions: 'remove' },
    READ_LIST: { actions: 'replyListed' },
  },
});

/**
 * `iopf_group_list` of the VFIO type1 IOPF series (v3 patch 2, filled since patch 5): by which the fault handler finds the container of a device.
 *
 * Simplifications: one group of devices; `iopf_group_list_lock` is never held over a sleep, so it is expressed by each function
 * being one step.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type IopfGroupListEvent =
  /** vfio_find_iopf_group(): the reply is IOPF_GROUP or NO_IOPF_GROUP. */
  | { type: 'FIND_IOPF_GROUP'; by: string }
  /** vfio_link_iopf_group() */
  | { type: 'LINK_IOPF_GROUP' }
  /** vfio_unlink_iopf_group() */
  | { type: 'UNLINK_IOPF_GROUP' };

/** What versions of it are made of. */
export const iopfGroupListParts = setup({
  types: { context: {}, events: {} as IopfGroupListEvent },
  actions: { replyFound: reply('IOPF_GROUP'), replyNotFound: reply('NO_IOPF_GROUP') },
});

export const iopfGroupListStates = {
  empty: iopfGroupListParts.createStateConfig({
    on: { FIND_IOPF_GROUP: { actions: 'replyNotFound' }, LINK_IOPF_GROUP: 'linked' },
  }),
  linked: iopfGroupListParts.createStateConfig({
    on: { FIND_IOPF_GROUP: { actions: 'replyFound' }, LINK_IOPF_GROUP: {} },
  }),
};

export const iopfGroupList = iopfGroupListParts.createMachine({
  id: 'iopfGroupList',
  context: {},
  initial: 'empty',
  states: iopfGroupListStates,
});

/** The list of `iopf-group-list.ts` with a group that is attached from the start, and is unlinked some day. */
import { iopfGroupListParts, iopfGroupListStates } from './iopf-group-list.ts';

export const iopfGroupListLinked = iopfGroupListParts.createMachine({
  id: 'iopfGroupListLinked',
  context: {},
  initial: 'linked',
  states: {
    linked: iopfGroupListParts.createStateConfig({
      on: { FIND_IOPF_GROUP: iopfGroupListStates.linked.on.FIND_IOPF_GROUP, UNLINK_IOPF_GROUP: 'empty' },
    }),
    empty: iopfGroupListParts.createStateConfig({
      on: { FIND_IOPF_GROUP: iopfGroupListStates.empty.on.FIND_IOPF_GROUP },
    }),
  },
});

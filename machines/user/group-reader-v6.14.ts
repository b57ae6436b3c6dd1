/**
 * The thread of `group-reader.ts` on a kernel of v6.14, before 091ab6d70dc4, as far as a copy goes that fails in the middle of a group:
 * the messages that are copied count (`done`), their group is put back, and the loop takes it again; what is left of the buffer is too small for it
 * now, so the read returns the messages of a group that is still waiting to be read, under a cookie that is erased.
 *
 * Simplification: the buffer has no room for more than one group. If it has, or if the first copy of the read fails, the read never returns (B-48).
 */
import { without } from '../parts/states.ts';
import { groupReaderConfig, groupReaderParts, groupReaderStates } from './group-reader.ts';

export const groupReaderV614 = groupReaderParts.createMachine({
  id: 'groupReaderV614',
  ...groupReaderConfig,
  states: {
    ...without(groupReaderStates, 'readFailed'),
    copyingMessage: groupReaderParts.createStateConfig({
      on: {
        ...groupReaderStates.copyingMessage.on,
        // xa_erase(), iommufd_fault_deliver_restore(), the same group again, `count - done` is too small for it; `done` is not 0
        COPY_FAILED: { target: 'handling', actions: ['putBack', 'unlock'] },
      },
    }),
  },
});

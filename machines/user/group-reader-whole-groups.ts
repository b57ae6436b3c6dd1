/**
 * The thread of `group-reader.ts` on a kernel with 091ab6d70dc4 and without 172fc8b19825, its child: of a group whose copy fails nothing
 * counts, so the buffer is large enough for it when the loop takes it again, and its copy fails again.
 */
import { without } from '../parts/states.ts';
import { groupReaderConfig, groupReaderParts, groupReaderStates } from './group-reader.ts';

export const groupReaderWholeGroups = groupReaderParts.createMachine({
  id: 'groupReaderWholeGroups',
  ...groupReaderConfig,
  states: {
    ...without(groupReaderStates, 'readFailed'),
    copyingMessage: groupReaderParts.createStateConfig({
      on: {
        ...groupReaderStates.copyingMessage.on,
        COPY_FAILED: { target: 'goingOn', actions: ['putBack', 'forgetGroup'] },
      },
    }),
    // The list is not empty, the group was put back.
    goingOn: groupReaderParts.createStateConfig({
      on: { RUN: { target: 'fetching', actions: 'fetch' } },
    }),
  },
});

/**
 * The thread of `group-reader.ts` on a kernel before aaca2aa: a write that cannot copy its first response returns the rc of
 * copy_from_user(), which is the number of bytes that were not copied. That is the size of a response, as success is.
 */
import { without } from '../parts/states.ts';
import { groupReaderConfig, groupReaderParts, groupReaderStates } from './group-reader.ts';

export const groupReaderShortCount = groupReaderParts.createMachine({
  id: 'groupReaderShortCount',
  ...groupReaderConfig,
  states: {
    ...without(groupReaderStates, 'writeFailed'),
    copyingResponse: groupReaderParts.createStateConfig({
      on: {
        ...groupReaderStates.copyingResponse.on,
        // `done == 0 ? rc : done`
        COPY_FAILED: { target: 'idle', actions: ['unlock', 'forgetGroup'] },
      },
    }),
  },
});

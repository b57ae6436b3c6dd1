/**
 * The thread of `group-reader.ts` on a kernel with 172fc8b19825 and without 091ab6d70dc4 (there is none): a read whose copy fails leaves
 * both loops, and returns the messages that are copied, if there are any, of a group that it has put back.
 */
import { groupReaderConfig, groupReaderParts, groupReaderStates } from './group-reader.ts';

export const groupReaderLeavesLoop = groupReaderParts.createMachine({
  id: 'groupReaderLeavesLoop',
  ...groupReaderConfig,
  states: {
    ...groupReaderStates,
    copyingMessage: groupReaderParts.createStateConfig({
      on: {
        ...groupReaderStates.copyingMessage.on,
        COPY_FAILED: [
          // `done == 0 ? rc : done`
          { guard: 'hasCopiedSome', target: 'handling', actions: ['putBack', 'unlock'] },
          { target: 'readFailed', actions: ['putBack', 'unlock'] },
        ],
      },
    }),
  },
});

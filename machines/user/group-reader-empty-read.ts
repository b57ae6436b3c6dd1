/**
 * The thread of `group-reader.ts` on a kernel before 47916a54eeb2: a read into a buffer that is too small for the first group returns 0,
 * which tells nobody that it is the buffer. poll() says that there is something to read, as before.
 */
import { without } from '../parts/states.ts';
import { groupReaderConfig, groupReaderParts, groupReaderStates } from './group-reader.ts';

export const groupReaderEmptyRead = groupReaderParts.createMachine({
  id: 'groupReaderEmptyRead',
  ...groupReaderConfig,
  states: {
    ...without(groupReaderStates, 'refused'),
    fetching: groupReaderParts.createStateConfig({
      on: {
        FETCHED: [
          { guard: 'isTooSmall', target: 'idle', actions: ['refuseFetched', 'unlock'] },
          { target: 'reading', actions: 'noteCookie' },
        ],
      },
    }),
  },
});

/**
 * A user-space thread that handles faults, on a kernel of v6.11 to v6.13. When a copy of its read fails, the group is taken off the
 * list all the same, and the loop around it goes on with the next one: a read into memory that is not mapped loses every group.
 * Its write is that of `reader-v6.14.ts`.
 */
import { userReaderConfig, userReaderParts, userReaderStates } from './reader.ts';
import { userReaderV614States as later } from './reader-v6.14.ts';

const { reading } = later;

export const userReaderV611 = userReaderParts.createMachine({
  id: 'userReaderV611',
  ...userReaderConfig,
  states: {
    ...later,
    readFailed: userReaderStates.readFailed,
    reading: userReaderParts.createStateConfig({
      ...reading,
      states: {
        ...reading.states,
        copying: {
          on: {
            ...reading.states.copying.on,
            // xa_erase(), and list_del() after the loop over the faults.
            COPY_FAILED: { target: 'goingOn', actions: ['eraseCookie', 'forgetCookie'] },
          },
        },
        goingOn: { on: { RUN: { target: '#fetchingNext', actions: 'fetchNext' } } },
      },
    }),
    fetchingNext: userReaderParts.createStateConfig({
      id: 'fetchingNext',
      on: {
        FETCHED: { target: 'reading', actions: 'noteCookie' },
        // -EFAULT
        NO_GROUP: { target: 'readFailed', actions: 'unlock' },
      },
    }),
  },
});

/**
 * The reader of `reader.ts` in a process that ends: a thread in user space, or one that waits for a group to read, is gone at once, one
 * in a call when that returns. A group in its hand is never answered by it. List 'EXIT' as `blocking`.
 */
import { userReaderConfig, userReaderParts, userReaderStates } from './reader.ts';

export const userReaderExits = userReaderParts.createMachine({
  id: 'userReaderExits',
  ...userReaderConfig,
  states: {
    ...userReaderStates,
    idle: { ...userReaderStates.idle, on: { ...userReaderStates.idle.on, EXIT: 'exited' } },
    handling: { ...userReaderStates.handling, on: { ...userReaderStates.handling.on, EXIT: 'exited' } },
    exited: {},
  },
});

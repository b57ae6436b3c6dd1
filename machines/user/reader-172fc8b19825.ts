/**
 * A user-space thread that handles faults, on a kernel from 172fc8b19825 to aaca2aa: its read returns when a copy fails, its write still
 * tells a number that looks like success (`reader-v6.14.ts`).
 */
import { without } from '../parts/states.ts';
import { userReaderConfig, userReaderParts, userReaderStates } from './reader.ts';
import { userReaderV614States } from './reader-v6.14.ts';

export const userReader172fc8b19825 = userReaderParts.createMachine({
  id: 'userReader172fc8b19825',
  ...userReaderConfig,
  states: { ...without(userReaderStates, 'writeFailed'), writing: userReaderV614States.writing },
});

/** The read of `posted-read.ts` of a user that takes a completion with 0 for the end of the file, and does not post it again. */

import { without } from '../parts/states.ts';
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';
import { postedReadStates } from './posted-read.ts';

export const postedReadEndsAt0 = faultReaderParts.createMachine({
  id: 'postedReadEndsAt0',
  ...faultReaderConfig,
  states: {
    ...without(postedReadStates, 'completedWith0'),
    reading: { on: { GROUP: { target: 'handling', actions: 'noteGroup' }, NO_GROUP: 'ended' } },
    ended: {},
  },
});

/** The thread of `stall-term.ts` that lets the stream go on at once: a record that is still to be answered names a STAG that another stall may have by then. */
import { straightLine } from '../../parts/straight-line.ts';
import { stallTermConfig, stallTermParts } from './stall-term.ts';

export const stallTermThreadUndrained = stallTermParts.createMachine({
  id: 'stallTermThreadUndrained',
  ...stallTermConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    ...straightLine(
      { active: 'abortStream', aborting: 'terminate', terminated: ['acknowledge', 'restartStream'] },
      'idle',
    ),
  },
});

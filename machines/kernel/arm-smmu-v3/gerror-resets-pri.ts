/**
 * The handler of `gerror.ts` that makes good what the abort has lost, in no release: the function stops asking, what is in the queue is handled, its
 * PRI is reset, which forgets the group that nobody will answer, and then the error is acknowledged and PRI is on again.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { gerrorConfig, gerrorParts } from './gerror.ts';

export const gerrorHandlerResetsPri = gerrorParts.createMachine({
  id: 'gerrorHandlerResetsPri',
  ...gerrorConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    ...straightLine(
      {
        active: 'disablePri',
        disabled: ['awaitEmpty', 'awaitThread'],
        drained: 'resetPri',
        reset: ['acknowledge', 'enablePri'],
      },
      'idle',
    ),
  },
});

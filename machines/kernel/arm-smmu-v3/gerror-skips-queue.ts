/**
 * The handler of `gerror-resets-pri.ts` that resets the PRI of the function with requests of it in the queue: their answers come when the indexes are
 * in use again.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { gerrorConfig, gerrorParts } from './gerror.ts';

export const gerrorHandlerSkipsQueue = gerrorParts.createMachine({
  id: 'gerrorHandlerSkipsQueue',
  ...gerrorConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    ...straightLine({ active: 'disablePri', disabled: 'resetPri', reset: ['acknowledge', 'enablePri'] }, 'idle'),
  },
});

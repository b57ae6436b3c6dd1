/** The thread of `drain-overflow-v7.0.ts` that does not look whether PRO is set. In no release: it shows what the second look is not for. */
import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { drainOverflowConfig, drainOverflowParts, drainOverflowStates } from './drain-overflow-v7.0.ts';

export const drainOverflowUnseen = drainOverflowParts.createMachine({
  id: 'drainOverflowUnseen',
  ...drainOverflowConfig,
  states: {
    ...without(drainOverflowStates, 'submitted', 'waiting'),
    ...straightLine({ scanned: 'reinit' }, 'drained'),
  },
});

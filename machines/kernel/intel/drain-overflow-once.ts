/**
 * The thread of `drain-overflow-v7.0.ts` that has the hardware drain once more when the overflow that it saw is over, and does not look again: what
 * overflows then is of others, since its own PASID has no entry. In no release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { drainOverflowConfig, drainOverflowParts, drainOverflowStates } from './drain-overflow-v7.0.ts';

export const drainOverflowOnce = drainOverflowParts.createMachine({
  id: 'drainOverflowOnce',
  ...drainOverflowConfig,
  states: { ...drainOverflowStates, ...straightLine({ waiting: 'awaitPass' }, 'drained') },
});

/**
 * The thread of `drain-prq-one-at-a-time.ts` that waits for the end of one pass, and does not scan again: that pass may have read the tail
 * before the device's last request came. In no release: intel_iommu_drain_pasid_prq() goes back to its scan.
 */
import { without } from '../../parts/states.ts';
import { drainPrqOneAtATimeStates } from './drain-prq-one-at-a-time.ts';
import { drainPrqConfig, drainPrqParts } from './drain-prq-v7.0.ts';

export const drainPrqScansOnce = drainPrqParts.createMachine({
  id: 'drainPrqScansOnce',
  ...drainPrqConfig,
  states: {
    ...without(drainPrqOneAtATimeStates, 'rescanning'),
    waiting: drainPrqParts.createStateConfig({ on: { RUN: { target: 'drained', actions: ['awaitPass', 'unlock'] } } }),
  },
});

/** The thread of `drain-prq.ts` that holds a mutex of the IOMMU over the whole drain, so that a completion has one waiter. No kernel has it. */
import { drainConfig, drainParts, drainStates } from './drain-prq.ts';

export const drainThreadSerialized = drainParts.createMachine({
  id: 'drainThreadSerialized',
  ...drainConfig,
  states: {
    ...drainStates,
    attached: { on: { DETACH: { target: 'detaching', actions: 'stopDevice' } } },
    detaching: { on: { RUN: { target: 'armed', actions: 'lock' } } },
    drained: { on: { RUN: { target: 'detached', actions: ['reinit', 'unlock'] } } },
  },
});

/**
 * The process of `bind.ts` that clears its descriptor, and waits for the event queue and its thread before it goes on, as
 * arm_smmu_flush_evtq() of the series of 2018 to 2020 did. List 'EMPTY' and 'SYNCHRONIZE_IRQ' as `blocking`.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';

export const svaBindDrainsEvents = svaBindParts.createMachine({
  id: 'svaBindDrainsEvents',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: ['drainEventQueue', 'synchronizeIrq'],
        drained: 'eraseHandle',
        detached: 'putPasid',
      },
      'unbound',
    ),
  },
});

/**
 * The process of `bind-frees-domain.ts` with the drain that "iommu/arm-smmu-v3: Drain in-flight fault handlers" (May 2026, version 2, 4 of 11) puts
 * between the change of the descriptor and the end of the attach: poll until the event queue is empty, synchronize_irq(), iopf_queue_flush_dev().
 * Not in 7.0.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';
import { awaitingSync } from './bind-awaits-commands.ts';

export const svaBindDrains2026 = svaBindParts.createMachine({
  id: 'svaBindDrains2026',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: 'drainEventQueue',
        polled: 'synchronizeIrq',
        drained: 'startFlush',
        flushing: ['awaitFlush', 'eraseHandle'],
        flushed: 'issueSync',
      },
      'syncing',
    ),
    syncing: awaitingSync,
    ...straightLine({ synced: 'putPasid' }, 'unbound'),
  },
});

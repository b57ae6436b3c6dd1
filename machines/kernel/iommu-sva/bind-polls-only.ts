/**
 * The process of `bind-drains-2026.ts` without synchronize_irq(): the thread gives the slot back before it reports the record.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';
import { awaitingSync } from './bind-awaits-commands.ts';

export const svaBindPollsOnly = svaBindParts.createMachine({
  id: 'svaBindPollsOnly',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: 'drainEventQueue',
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

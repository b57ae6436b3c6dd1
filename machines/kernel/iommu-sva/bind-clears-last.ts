/**
 * The process of `bind-awaits-commands.ts` that clears its descriptor when it has waited: what is retried meanwhile may stall again. In no
 * release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';
import { awaitingSync } from './bind-awaits-commands.ts';

export const svaBindClearsLast = svaBindParts.createMachine({
  id: 'svaBindClearsLast',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine(
      {
        stopped: ['drainEventQueue', 'synchronizeIrq'],
        drained: 'startFlush',
        flushing: ['awaitFlush', 'eraseHandle'],
        flushed: 'issueSync',
      },
      'syncing',
    ),
    syncing: awaitingSync,
    ...straightLine({ synced: ['clearDescriptor', 'putPasid'] }, 'unbound'),
  },
});

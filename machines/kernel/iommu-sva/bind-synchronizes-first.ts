/**
 * The process of `bind-drains-2026.ts` with the first two waits the other way round: the thread may take a record between them.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';
import { awaitingSync } from './bind-awaits-commands.ts';

export const svaBindSynchronizesFirst = svaBindParts.createMachine({
  id: 'svaBindSynchronizesFirst',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: 'synchronizeIrq',
        synchronized: 'drainEventQueue',
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

/**
 * The process of `bind-flushes-work.ts` that waits for the command queue in the end, by a CMD_SYNC, so that an answer in it has reached its
 * transaction. In no release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';

/** Another version that waits for the command queue has this state. */
export const awaitingSync = svaBindParts.createStateConfig({ on: { SYNC_COMPLETE: 'synced' } });

export const svaBindAwaitsCommands = svaBindParts.createMachine({
  id: 'svaBindAwaitsCommands',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: ['drainEventQueue', 'synchronizeIrq'],
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

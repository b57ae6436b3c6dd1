/** The process of `bind-drains-events.ts` that flushes the work queue as well; that series had both. List 'FLUSHED' as `blocking`, too. */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';

export const svaBindFlushesWork = svaBindParts.createMachine({
  id: 'svaBindFlushesWork',
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
        detached: 'putPasid',
      },
      'unbound',
    ),
  },
});

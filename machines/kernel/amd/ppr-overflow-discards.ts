/** The thread of `ppr-overflow-v7.0.ts` that discards what waits for the rest of its group before it restarts the log. No kernel has it. */
import { pprOverflowConfig, pprOverflowParts, pprOverflowStates } from './ppr-overflow-v7.0.ts';

export const pprOverflowThreadDiscards = pprOverflowParts.createMachine({
  id: 'pprOverflowThreadDiscards',
  ...pprOverflowConfig,
  states: {
    ...pprOverflowStates,
    overflowed: { on: { RUN: { target: 'discarded', actions: 'discardPartial' } } },
    discarded: { on: { RUN: { target: 'woken', actions: ['restart', 'endPass'] } } },
  },
});

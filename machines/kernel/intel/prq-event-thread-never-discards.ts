/**
 * The thread of `prq-event-thread-recovers.ts` without its discard: it clears PRO and leaves partial groups where they are. VT-d had no
 * version of it with a partial list; the handler of AMD's log restarts that after an overflow and discards nothing (amd/ppr.c, v6.9).
 */
import { prqRecoveringConfig, prqRecoveringParts, prqRecoveringStates } from './prq-event-thread-recovers.ts';

const { discarding: _, ...states } = {
  ...prqRecoveringStates,
  readingStatus: prqRecoveringParts.createStateConfig({
    on: { STATUS: [{ guard: 'mayRecover', target: 'clearing' }, { target: 'returning' }] },
  }),
};

export const prqThreadNeverDiscards = prqRecoveringParts.createMachine({
  id: 'prqThreadNeverDiscards',
  ...prqRecoveringConfig,
  states,
});

/**
 * The thread of `evtq-overflow.ts` to v6.3: it sets OVACKFLG in its copy of CONS only, which goes out with the next entry that it takes.
 */
import { evtqOverflow, evtqOverflowConfig, evtqOverflowStates } from './evtq-overflow.ts';

export const evtqOverflowThreadV63 = evtqOverflow.createMachine({
  id: 'evtqOverflowThreadV63',
  ...evtqOverflowConfig,
  states: {
    ...evtqOverflowStates,
    acknowledging: evtqOverflow.createStateConfig({ on: { RUN: { target: 'returning', actions: 'setOvackflg' } } }),
  },
});

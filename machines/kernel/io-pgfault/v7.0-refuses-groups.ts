/**
 * The core of `v7.0.ts` that answers a group which it cannot hand to a handler once: its last request is answered, and takes along what
 * it would have completed; one that is not the last has no answer of its own. The fix that B-81 asks for, in no release.
 */
import { iopfCoreV70Config, iopfCoreV70Parts, iopfCoreV70States } from './v7.0.ts';

export const iopfCoreRefusesGroups = iopfCoreV70Parts.createMachine({
  id: 'iopfCoreRefusesGroups',
  ...iopfCoreV70Config,
  states: {
    ...iopfCoreV70States,
    finding: iopfCoreV70Parts.createStateConfig({
      on: {
        ...iopfCoreV70States.finding.on,
        NO_HANDLE: [
          { guard: 'isLast', target: 'ready', actions: ['answerInvalid', 'discardIndex', 'endReport'] },
          { target: 'ready', actions: 'endReport' },
        ],
      },
    }),
  },
});

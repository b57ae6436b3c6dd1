/**
 * The core of `v7.0-compares-pasids.ts` that discards what a last request without a handle would have completed, as
 * `v7.0-refuses-groups.ts` does. In no release.
 */
import { iopfCoreV70Config, iopfCoreV70Parts, iopfCoreV70States } from './v7.0.ts';
import { comparesPasids } from './v7.0-compares-pasids.ts';

export const iopfCoreDiscardsRefused = iopfCoreV70Parts.createMachine({
  id: 'iopfCoreDiscardsRefused',
  ...iopfCoreV70Config,
  states: {
    ...iopfCoreV70States,
    finding: iopfCoreV70Parts.createStateConfig({
      on: {
        ...iopfCoreV70States.finding.on,
        ...comparesPasids,
        NO_HANDLE: [
          { guard: 'isLast', target: 'ready', actions: ['answerInvalid', 'discardIndex', 'endReport'] },
          { target: 'ready', actions: 'endReport' },
        ],
      },
    }),
  },
});

/** The thread of `reader-fetch-steps.ts` that does not put the group back when there is no memory for its cookie. In no release. */
import { fetchStepsConfig, fetchStepsParts, fetchStepsStates } from './reader-fetch-steps.ts';

export const userReaderForgets = fetchStepsParts.createMachine({
  id: 'userReaderForgets',
  ...fetchStepsConfig,
  states: {
    ...fetchStepsStates,
    taken: fetchStepsParts.createStateConfig({
      on: {
        RUN: fetchStepsStates.taken.on.RUN,
        NO_MEMORY: { target: 'idle', actions: ['unlock', 'forget'] },
      },
    }),
  },
});

/**
 * The thread of `sva-unbind-v7.0.ts` with a tear-down that drains wherever it may sleep, whatever the entry says. No kernel has it. Nobody has to
 * remember then that the mm died first.
 */

import { tearDownParts } from './pasid-tear-down.ts';
import { svaUnbindConfig, svaUnbindStates } from './sva-unbind-v7.0.ts';

export const svaUnbindAlwaysDrains = tearDownParts.createMachine({
  id: 'svaUnbindAlwaysDrains',
  ...svaUnbindConfig,
  states: {
    ...svaUnbindStates,
    reading: {
      on: {
        ENTRY: [
          { guard: 'isPresent', target: 'invalidating', actions: 'clearPresent' },
          { target: 'draining', actions: 'clearEntry' },
        ],
      },
    },
  },
});

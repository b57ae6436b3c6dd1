/** The thread of `bond-v6.11.ts` that sets the handle's device before it drops `iommu_sva_lock`. */
import { without } from '../../parts/states.ts';
import { svaBondConfig, svaBondParts, svaBondStates } from './bond-v6.11.ts';

export const svaBond = svaBondParts.createMachine({
  id: 'svaBond',
  ...svaBondConfig,
  states: {
    ...without(svaBondStates, 'published'),
    searching: {
      on: { FOUND: 'bonded', NOT_FOUND: { target: 'bonded', actions: ['allocHandle', 'setDomain', 'setDevice'] } },
    },
  },
});

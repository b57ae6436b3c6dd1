/**
 * The thread of `bond-v6.11.ts` from v6.8, 65d4418c5002, to v6.10: it searches the list of the mm for a handle with its device, and both
 * device and domain of a new handle are set when the lock has been dropped. Who does not find the handle attaches the PASID a second time,
 * and gets -EBUSY (`refused`).
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBondConfig, svaBondParts, svaBondStates } from './bond-v6.11.ts';

export const svaBondV68 = svaBondParts.createMachine({
  id: 'svaBondV68',
  ...svaBondConfig,
  states: {
    ...svaBondStates,
    idle: { on: { BIND: { target: 'searching', actions: 'searchList' } } },
    searching: {
      on: { FOUND: 'bonded', NOT_FOUND: { target: 'published', actions: 'allocHandle' }, BUSY: 'refused' },
    },
    ...straightLine({ published: 'setDevice', half: 'setDomain' }, 'bonded'),
    refused: { type: 'final' },
  },
});

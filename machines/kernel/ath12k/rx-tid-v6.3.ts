/**
 * The queue of `rx-tid.ts` from v6.3 to 3bf2e57e7d6c (v6.17): when the command cannot be sent, its memory is unmapped and freed
 * all the same, and the device is not told.
 */
import { without } from '../../parts/states.ts';
import { rxTidConfig, rxTidParts, rxTidStates } from './rx-tid.ts';

export const rxTidV63 = rxTidParts.createMachine({
  id: 'rxTidV63',
  ...rxTidConfig,
  states: {
    ...without(rxTidStates, 'pending'),
    posting: rxTidParts.createStateConfig({
      on: { POSTED: 'deleting', RING_FULL: 'cleaning' },
    }),
  },
});

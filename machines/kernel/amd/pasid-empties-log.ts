/** The thread of `pasid-v7.0.ts` that waits for an empty log and then for the work queue, but not for the interrupt thread. In no release. */
import { straightLine } from '../../parts/straight-line.ts';
import { pasidThreadConfig, pasidThreadParts, pasidThreadStates } from './pasid-v7.0.ts';

export const pasidThreadEmptiesLog = pasidThreadParts.createMachine({
  id: 'pasidThreadEmptiesLog',
  ...pasidThreadConfig,
  states: {
    ...pasidThreadStates,
    ...straightLine({ stopped: 'awaitEmptyLog', emptied: 'awaitWork', waited: 'eraseHandle' }, 'erased'),
  },
});

/** The thread of `pasid-v7.0.ts` that waits for the work queue only. In no release. */
import { straightLine } from '../../parts/straight-line.ts';
import { pasidThreadConfig, pasidThreadParts, pasidThreadStates } from './pasid-v7.0.ts';

export const pasidThreadFlushes = pasidThreadParts.createMachine({
  id: 'pasidThreadFlushes',
  ...pasidThreadConfig,
  states: { ...pasidThreadStates, ...straightLine({ stopped: 'awaitWork', waited: 'eraseHandle' }, 'erased') },
});

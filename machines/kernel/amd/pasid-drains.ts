/**
 * The thread of `pasid-v7.0.ts` that waits, before it erases the handle, for an empty log, then for the interrupt thread to sleep, then for
 * the work queue. The fix that B-83 asks for, in no release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { pasidThreadConfig, pasidThreadParts, pasidThreadStates } from './pasid-v7.0.ts';

export const pasidThreadDrains = pasidThreadParts.createMachine({
  id: 'pasidThreadDrains',
  ...pasidThreadConfig,
  states: {
    ...pasidThreadStates,
    ...straightLine(
      { stopped: 'awaitEmptyLog', emptied: 'awaitThread', drained: 'awaitWork', waited: 'eraseHandle' },
      'erased',
    ),
  },
});

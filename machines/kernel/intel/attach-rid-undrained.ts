/** The thread of `attach-rid-v6.14.ts` that does not drain, as before c43e1ccdebf2: that came with the support, so no release is without. */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { attachRidStates } from './attach-rid-v6.14.ts';
import { iommufdAttachConfig, iommufdAttachParts } from './attach-v7.0.ts';

export const attachRidThreadUndrained = iommufdAttachParts.createMachine({
  id: 'attachRidThreadUndrained',
  ...iommufdAttachConfig,
  states: { ...without(attachRidStates, 'drained'), ...straightLine({ cleared: 'eraseHandle' }, 'erased') },
});

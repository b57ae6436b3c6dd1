/**
 * The fault data of `v5.12-nested-index.ts` as it was posted (RFC v3, 1/8): a fault of a stage that nobody asked for returns from within the
 * lock. The driver aborts the access, and the next report of the device waits for a lock that its own thread has.
 */

import { nestedDeviceFaultConfig, nestedDeviceFaultParts } from './v5.12-nested.ts';
import { nestedDeviceFaultByIndexStates } from './v5.12-nested-index.ts';

export const nestedDeviceFaultV3 = nestedDeviceFaultParts.createMachine({
  id: 'nestedDeviceFaultV3',
  ...nestedDeviceFaultConfig,
  states: {
    ...nestedDeviceFaultByIndexStates,
    registered: nestedDeviceFaultParts.createStateConfig({
      on: {
        ...nestedDeviceFaultByIndexStates.registered.on,
        REPORT: [
          { guard: 'isWanted', target: 'inHandler', actions: ['lockDevice', 'linkFault', 'callHandler'] },
          // return -EOPNOTSUPP, with param->lock held
          { actions: ['lockDevice', 'refuse', 'returnError'] },
        ],
      },
    }),
  },
});

/** VFIO type1 as in `pin-map.ts` that unpins a page with its unmap, and not when the IOTLB is clean. In no release: vfio_sync_unpin() says why. */
import { pinMapConfig, pinMapParts, pinMapStates } from './pin-map.ts';

export const pinMapUnpinsFirst = pinMapParts.createMachine({
  id: 'pinMapUnpinsFirst',
  ...pinMapConfig,
  states: {
    ...pinMapStates,
    unmapping: pinMapParts.createStateConfig({
      on: { UNMAPPED: { target: 'syncing', actions: ['unpin', 'issueTlbi', 'issueSync'] } },
    }),
    synced: pinMapParts.createStateConfig({ on: { RUN: { target: 'idle', actions: ['replyDone', 'forgetCall'] } } }),
  },
});

/** The ioctls of `static-map.ts`, where UNMAP_DMA puts the page when it has unmapped it, before the IOTLB is synced. Nobody posted it. */
import { without } from '../../parts/states.ts';
import { staticMapConfig, staticMapParts, staticMapStates } from './static-map.ts';

export const staticMapUnpinsEarly = staticMapParts.createMachine({
  id: 'staticMapUnpinsEarly',
  ...staticMapConfig,
  states: {
    ...without(staticMapStates, 'unpinned'),
    unmapping: staticMapParts.createStateConfig({
      on: { RUN: { target: 'unpinnedEarly', actions: ['unmap', 'putPage', 'forgetFrame'] } },
    }),
    unpinnedEarly: staticMapParts.createStateConfig({
      on: { RUN: { target: 'syncing', actions: ['issueTlbi', 'issueSync'] } },
    }),
    synced: staticMapParts.createStateConfig({ on: { RUN: { target: 'unmapped', actions: 'uncharge' } } }),
  },
});

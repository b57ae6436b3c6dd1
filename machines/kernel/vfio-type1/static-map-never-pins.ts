/**
 * The ioctls of `static-map.ts`, where MAP_DMA puts the page when it has mapped it. Without faults and without an MMU notifier that cannot be right: it
 * is what a pin is for.
 */
import { without } from '../../parts/states.ts';
import { staticMapConfig, staticMapParts, staticMapStates } from './static-map.ts';

export const staticMapNeverPins = staticMapParts.createMachine({
  id: 'staticMapNeverPins',
  ...staticMapConfig,
  states: {
    ...without(staticMapStates, 'unpinned'),
    mapping: staticMapParts.createStateConfig({
      on: { RUN: { target: 'mapped', actions: ['map', 'putPage', 'forgetFrame'] } },
    }),
    synced: staticMapParts.createStateConfig({ on: { RUN: { target: 'unmapped', actions: 'uncharge' } } }),
  },
});

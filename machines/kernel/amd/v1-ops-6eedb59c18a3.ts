/**
 * The thread of `v1-ops.ts` from 6eedb59c18a3 to 1e56310b40fd (v5.12 to v6.16): root and mode are two words, and whoever walks
 * reads one after the other, the mode first (io_pgtable.c alloc_pte(), fetch_pte()). No sequence count.
 */
import { without } from '../../parts/states.ts';
import { v1OpsConfig, v1OpsParts, v1OpsStates } from './v1-ops.ts';

export const v1Ops6eedb59c18a3 = v1OpsParts.createMachine({
  id: 'v1Ops6eedb59c18a3',
  ...v1OpsConfig,
  states: {
    ...without(v1OpsStates, 'sampling', 'checking'),
    idle: v1OpsParts.createStateConfig({
      on: { ...v1OpsStates.idle.on, UNMAP: { guard: 'isMapped', target: 'readingMode', actions: 'begin' } },
    }),
    sizing: v1OpsParts.createStateConfig({
      on: {
        ...v1OpsStates.sizing.on,
        MODE: [{ guard: 'isTooSmall', target: 'growing' }, { target: 'readingMode' }],
      },
    }),
    linking: v1OpsParts.createStateConfig({
      on: {
        ...v1OpsStates.linking.on,
        ROOT: { target: 'rooted', actions: ['linkOldRoot', 'publishRoot'] },
      },
    }),
    rooted: v1OpsParts.createStateConfig({
      on: { RUN: { target: 'published', actions: 'publishMode' } },
    }),
    readingRoot: v1OpsParts.createStateConfig({
      on: { ...v1OpsStates.readingRoot.on, ROOT: { target: 'walking', actions: ['keepRoot', 'startWalk'] } },
    }),
  },
});

/**
 * The thread of `v1-ops.ts` from eb791aa70b90 to 6eedb59c18a3 (v5.7 to v5.11, amd/iommu.c): root and mode are one word,
 * `domain->pt_root`, that is read and written at once. It is written last, when the device table has the new root.
 */
import { without } from '../../parts/states.ts';
import { v1OpsConfig, v1OpsParts, v1OpsStates } from './v1-ops.ts';

export const v1OpsEb791aa70b90 = v1OpsParts.createMachine({
  id: 'v1OpsEb791aa70b90',
  ...v1OpsConfig,
  states: {
    ...without(v1OpsStates, 'sampling', 'readingMode', 'readingRoot', 'checking', 'rooted', 'published'),
    idle: v1OpsParts.createStateConfig({
      on: { ...v1OpsStates.idle.on, UNMAP: { guard: 'isMapped', target: 'reading', actions: 'begin' } },
    }),
    sizing: v1OpsParts.createStateConfig({
      on: {
        ...v1OpsStates.sizing.on,
        MODE: [{ guard: 'isTooSmall', target: 'growing' }, { target: 'reading' }],
      },
    }),
    linking: v1OpsParts.createStateConfig({
      on: {
        RUN: { actions: 'readBoth' },
        ROOT_AND_MODE: { target: 'linked', actions: ['linkOldRoot', 'updateDeviceTable'] },
      },
    }),
    // amd_iommu_domain_set_pgtable()
    linked: v1OpsParts.createStateConfig({
      on: { RUN: { target: 'sizing', actions: ['publishBoth', 'useSpare', 'unlock'] } },
    }),
    // amd_iommu_domain_get_pgtable()
    reading: v1OpsParts.createStateConfig({
      on: { RUN: { actions: 'readBoth' }, ROOT_AND_MODE: { target: 'walking', actions: ['keepBoth', 'startWalk'] } },
    }),
  },
});

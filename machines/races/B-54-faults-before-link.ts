/**
 * B-54: VFIO's series for I/O page faults switches faults on for the devices of a group, and only then links the group, by which
 * the fault handler gets from the device to the container. A fault in between finds no container: the handler returns -ENODEV,
 * the SMMU's driver answers Failure, and an access is aborted that could have been served. In the review of v3 (Williamson, May
 * 2021): first what is looked up, then what looks it up.
 *
 * It needs a device that is at work while its group is attached to a container that has memory mapped. Before faults are on, an
 * access to what is not mapped is aborted in any case (`unregistered`), which is as it should be.
 *
 * Simplification: the device does not stop for the attach.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { deviceFaultRegisters } from '../kernel/iommu/v5.12-register.ts';
import { attachGroupLinksFirst } from '../kernel/vfio-type1/attach-group-links-first.ts';
import { attachGroupV3 } from '../kernel/vfio-type1/attach-group-v3.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { vfioLookup } from '../rigs/vfio-lookup.ts';

const FOUND = 'a fault that is delivered finds its container';

export const faultsBeforeLink = defineScenario({
  name: 'faults-before-link',
  title: 'Faults are switched on for a device before its container can be found',
  sources: ['B-54', 'VFIO IOPF v3 vfio_iommu_type1_enable_iopf(), vfio_iommu_type1_attach_group()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('devices of the group that is attached'),
  }),
  variants: {
    fixed: { title: 'links the group, then switches faults on', expected: { verdict: 'holds', counts: [138, 305] } },
    'link-last': {
      title: 'switches faults on, then links the group (v3)',
      expected: { verdict: 'violated', property: FOUND, length: 6 },
    },
  },
  build({ devices }, variant) {
    const attach = variant === 'fixed' ? attachGroupLinksFirst : attachGroupV3;
    const rig = assemble(
      stallPath({ devices, entries: devices, tlbs: { page0: 'tlb0' }, fault: deviceFaultRegisters }),
      { actors: { guest: startsDma(names('dev', devices), ['page0']) } },
      vfioLookup,
      {
        actors: {
          vfio: actor(attach, {
            input: { name: 'vfio', lock: 'containerLock', list: 'groupList', handlers: names('core', devices) },
            choices: [{ type: 'ATTACH_GROUP' }, { type: 'RUN' }],
            rest: ['detached', 'attached'],
          }),
        },
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ always, happens, reachable }) => [
        ...rig.always,
        always(FOUND, (view) => !view.get('handler').matches('notFound')),
        ...rig.shows,
        happens('an access is aborted because faults are not on', { type: 'TERMINATE' }),
        reachable('a fault is handled while the group is being attached', (view) => {
          return view.get('handler').matches('looking') && view.get('containerLock').matches('held');
        }),
      ],
    });
  },
});

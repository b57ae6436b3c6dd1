/**
 * B-55: the fault handler of VFIO's series finds its container through an object for the group of devices, under a lock of the list that it is in,
 * and follows it when it has dropped that lock. Detaching unlinks the object and frees it, and only then switches the device's faults off:
 * whoever has found it follows freed memory. Williamson saw it in the review of v3 (May 2021), and that unlink and disable are the wrong way round.
 *
 * To swap them is not enough. Unregistering the handler waits for the device's lock, under which the handler runs, and detaching
 * holds the container's lock all the time, which the handler wants (B-78): a deadlock in place of the use after free. Both end where the handler
 * is unregistered before the container's lock is taken. What it is called for after that is refused by iommu_report_device_fault().
 *
 * The review has the handler wait for the container's lock while the detach goes on, because unregistering fails (-EBUSY). With
 * v5.12's iommu.c it does not fail, it waits; the handler has to be between its look-up and that lock. Our reading of the posted series.
 *
 * Simplifications: as in `faults-before-link`; the group does not come back.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { deviceFaultUnregisters } from '../kernel/iommu/v5.12-unregister.ts';
import { detachGroupFreesFirst } from '../kernel/vfio-type1/detach-frees-group.ts';
import { detachGroupUnregistersFirst } from '../kernel/vfio-type1/detach-unregisters-first.ts';
import { detachGroupWaitsFirst } from '../kernel/vfio-type1/detach-waits-first.ts';
import { detachGroupWaitsLast } from '../kernel/vfio-type1/detach-waits-last.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { IOPF_GROUP_LIFETIME, vfioLookupInMemory } from '../rigs/vfio-lookup.ts';

const versions = {
  fixed: detachGroupWaitsFirst,
  'frees-first': detachGroupFreesFirst,
  'unregisters-first': detachGroupUnregistersFirst,
  'waits-last': detachGroupWaitsLast,
};

export const freedLookUp = defineScenario({
  name: 'freed-look-up',
  title: 'A group is detached while the fault handler follows what it was found by',
  sources: ['B-55', 'B-78', 'VFIO IOPF v3 vfio_iommu_type1_detach_group(), vfio_iommu_type1_dma_map_iopf()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('devices of the group'),
  }),
  variants: {
    fixed: {
      title: 'unregisters the handler, then takes the container lock, unlinks and frees',
      expected: { verdict: 'holds', counts: [331, 822] },
    },
    'frees-first': {
      title: 'unlinks and frees, then unregisters, all under the container lock (v3)',
      expected: { verdict: 'violated', property: IOPF_GROUP_LIFETIME, length: 9 },
    },
    'unregisters-first': {
      title: 'unregisters, then unlinks and frees, all under the container lock (as the review asked)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 8 },
    },
    'waits-last': {
      title: 'unlinks and frees under the container lock, and unregisters after it',
      expected: { verdict: 'violated', property: IOPF_GROUP_LIFETIME, length: 9 },
    },
  },
  build({ devices }, variant) {
    const [first, ...others] = names('core', devices).map((deviceFault, at) => {
      return { deviceFault, deviceLock: `paramLock${at}` };
    });
    const rig = assemble(
      stallPath({ devices, entries: devices, tlbs: { page0: 'tlb0' }, fault: deviceFaultUnregisters }),
      vfioLookupInMemory,
      {
        actors: {
          guest: startsDma(names('dev', devices), ['page0']),
          detach: actor(versions[variant], {
            input: {
              name: 'detach',
              lock: 'containerLock',
              ...first!,
              others,
              list: 'groupList',
              group: 'iopfGroup',
            },
            choices: [{ type: 'DETACH_GROUP' }, { type: 'RUN' }],
            rest: ['attached', 'detached'],
          }),
        },
        expects: ['containerLock', 'paramLock0', 'core0', 'groupList', 'iopfGroup'],
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        ...rig.always,
        ...rig.shows,
        happens('a fault finds no handler any more', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'failure' }),
        reachable('a group is detached while a fault of it is handled', (view) => {
          return !view.get('detach').matches('attached') && view.get('handler').matches('found');
        }),
        reachable('the group is detached', (view) => view.get('detach').matches('detached')),
      ],
    });
  },
});

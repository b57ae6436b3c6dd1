/**
 * B-72: a device is unbound from an address space (SVA) while groups of it wait in the work queue. In v6.16.0 VT-d took the device out of
 * its iopf queue first, before it tore the PASID down. Removal answers the groups that are pending and frees them, and a worker
 * that comes to one of them uses freed memory and frees it again. What should have waited for the worker, the drain and flush of
 * the tear-down, then returns at once, since nothing needs IOPF any more. f0b9d31c6edd tears down first.
 *
 * What is attached to the device itself still is removed first: B-75.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { unbindThread } from '../kernel/intel/svm-unbind.ts';
import { unbindThreadV616 } from '../kernel/intel/svm-unbind-v6.16.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { GROUP_LIFETIME, ownedGroups } from '../rigs/owned-groups.ts';
import { svaWorker } from '../rigs/sva-worker.ts';

export const removalBeforeFlush = defineScenario({
  name: 'removal-before-flush',
  title: 'A device leaves its iopf queue while the SVA worker still has a group of it',
  sources: [
    'B-72',
    'CVE-2025-38594',
    'f0b9d31c6edd',
    'drivers/iommu/intel/iommu.c blocking_domain_set_dev_pasid()',
    'drivers/iommu/io-pgfault.c iopf_queue_remove_device()',
  ],
  group: 'iopf',
  systems: ['iopf-core-v6.9', 'vtd-prq'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'the PASID is torn down, with a drain and a flush, and then the device removed (f0b9d31c6edd, v6.16.1)',
      expected: { verdict: 'holds', counts: [65, 131] },
    },
    'removed-first': {
      title: 'the device is removed, and then the drain and the flush return at once (v6.16.0)',
      expected: { verdict: 'violated', property: GROUP_LIFETIME, length: 6 },
    },
  },
  build({ groups }, variant) {
    const rig = assemble(
      { actors: { process: startsFaultingDma(['dev0'], names('prg', groups)) } },
      ownedGroups({ handlers: ['sva'], groups, param: faultParam9759ae2cee7c }),
      svaWorker,
      {
        actors: {
          unbind0: actor(variant === 'fixed' ? unbindThread : unbindThreadV616, {
            input: { name: 'unbind0', device: 'dev0', core: 'param0', queue: 'prq', workQueue: 'sva' },
            choices: [{ type: 'UNBIND' }, { type: 'RUN' }],
            rest: ['bound'],
          }),
        },
        blocking: ['DRAIN', 'FLUSHED'],
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable, happens }) => [
        ...rig.always,
        happens('the worker answers a group', {
          to: 'dev0',
          type: 'PRG_RESPONSE',
          where: ({ code }) => code === 'success',
        }),
        happens('the device is removed', { type: 'REMOVE_DEVICE' }),
        reachable('the device is unbound while the worker has a group of it', (view) => {
          return view.get('unbind0').value === 'stopped' && view.get('sva').context.queued.length > 0;
        }),
      ],
    });
  },
});

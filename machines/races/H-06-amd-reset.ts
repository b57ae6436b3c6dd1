/**
 * H-06: a device of an AMD IOMMU is reset while processes are bound to it. Since 7.0 the PCI core has the IOMMU block the device first, PASIDs and
 * all, and keeps the attach handles for later. On AMD that flushes the work queue, then takes the device out of its iopf queue, while the device
 * still asks for pages and its handles are still found. A group that is queued in between is answered and freed by the removal, and the SVA worker
 * uses it, and frees it again. It is B-72 on another driver, which 7.0 made easy to come by.
 *
 * Fix: PRI off, drain, flush, remove. PRI off first is not enough (`pri-off-first`), since the log has entries.
 *
 * A candidate, by our own analysis of amd/iommu.c detach_device() and iommu.c pci_dev_reset_iommu_prepare() of 7.0 (kangharison/linux-study of July 2026).
 * It was never run on a kernel.
 *
 * Simplifications: `detach-device-v7.0.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { amdDetachDeviceDisablesFirst } from '../kernel/amd/detach-device-disables-first.ts';
import { amdDetachDeviceDrains } from '../kernel/amd/detach-device-drains.ts';
import { amdDetachDevice } from '../kernel/amd/detach-device-v7.0.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { GROUP_LIFETIME, ownedGroups } from '../rigs/owned-groups.ts';
import { svaWorker } from '../rigs/sva-worker.ts';
import { actorOf } from '../rigs/version.ts';

const violated = { verdict: 'violated', property: GROUP_LIFETIME } as const;

const threads = {
  fixed: amdDetachDeviceDrains,
  'v7.0': amdDetachDevice,
  'pri-off-first': amdDetachDeviceDisablesFirst,
};

export const amdReset = defineScenario({
  name: 'amd-reset',
  title: 'A device of an AMD IOMMU is reset while the SVA worker has a group of it',
  sources: [
    'H-06',
    'B-72',
    'drivers/iommu/amd/iommu.c detach_device()',
    'drivers/iommu/iommu.c pci_dev_reset_iommu_prepare()',
    'drivers/iommu/io-pgfault.c iopf_queue_remove_device()',
  ],
  group: 'iopf',
  systems: ['amd-ppr', 'host-sva'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'PRI off, the log drained, the work queue flushed, the device removed',
      expected: { verdict: 'holds', counts: [99, 221] },
    },
    'v7.0': {
      title: 'the work queue flushed, the device removed, PRI off (7.0)',
      expected: { ...violated, length: 8 },
    },
    'pri-off-first': {
      title: 'PRI off, the work queue flushed, the device removed',
      expected: { ...violated, length: 9 },
    },
  },
  build({ groups }, variant) {
    const rig = assemble(
      { actors: { process: startsFaultingDma(['dev0'], names('prg', groups)) } },
      ownedGroups({ handlers: ['sva'], groups, param: faultParam9759ae2cee7c }),
      svaWorker,
      {
        actors: {
          reset: actorOf(threads[variant], {
            input: { device: 'dev0', core: 'param0', queue: 'prq', workQueue: 'sva' },
            choices: [{ type: 'RESET' }, { type: 'RUN' }],
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
        reachable('a reset begins while the worker has a group', (view) => {
          return view.get('reset').value === 'detaching' && view.get('sva').context.queued.length > 0;
        }),
      ],
    });
  },
});

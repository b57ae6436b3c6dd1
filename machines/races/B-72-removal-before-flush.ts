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
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { unbindThread } from '../kernel/intel/svm-unbind.ts';
import { unbindThreadV616 } from '../kernel/intel/svm-unbind-v6.16.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { svaHandler } from '../kernel/iommu-sva/handler.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { names, pairs } from '../parts/names.ts';

const RUN = { type: 'RUN' } as const;
const LIFETIME = 'nobody touches a freed group, and no group is freed twice';

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
      expected: { verdict: 'violated', property: LIFETIME, length: 6 },
    },
  },
  build({ groups }, variant) {
    const indexes = names('prg', groups);
    const groupNames = names('group', groups);
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          process: actor(guestDriver, {
            input: {},
            choices: indexes.map((index) => ({ type: 'POST_FAULTING_DMA' as const, device: 'dev0', index })),
            rest: () => true,
          }),
          dev0: actor(faultingFunction, {
            input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
            rest: ({ context }) => Object.keys(context.posted).length === 0,
          }),
          prq: actor(pageRequestQueue, { input: { entries: groups } }),
          irq: actor(prqThread, {
            input: { name: 'irq', queue: 'prq', cores: { dev0: 'param0' } },
            choices: [RUN],
            rest: ['idle'],
          }),
          param0: actor(faultParam9759ae2cee7c, {
            input: {
              name: 'param0',
              device: 'dev0',
              groups: pairs(indexes, groupNames),
              handler: 'sva',
              handle: 'handle0',
            },
          }),
          sva: actor(svaHandler, { choices: [RUN], rest: ({ context }) => context.queued.length === 0 }),
          unbind0: actor(variant === 'fixed' ? unbindThread : unbindThreadV616, {
            input: { name: 'unbind0', device: 'dev0', core: 'param0', queue: 'prq', workQueue: 'sva' },
            choices: [{ type: 'UNBIND' }, RUN],
            rest: ['bound'],
          }),
        },
        family('group', groups, (index) =>
          actor(iopfGroupMemory, { input: { name: `group${index}`, index: `prg${index}`, param: 'param0' } }),
        ),
      ),
      blocking: ['REQUEST', 'PAGE_REQUEST', 'PEEK', 'DRAIN', 'FLUSHED'],
      properties: ({ always, reachable, happens, monitor }) => [
        monitor(LIFETIME, objectLifetime, { objects: groupNames, alloc: 'ALLOC', free: 'FREE' }),
        always('the device gets exactly one answer to each group', (view) => {
          return !view.get('dev0').matches('unexpectedIndex');
        }),
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

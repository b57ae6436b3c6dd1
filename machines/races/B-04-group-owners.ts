/**
 * B-04: a group that waits for user space has two owners. It is on its device's pending list, and in iommufd's deliver
 * list or response array. When a detach takes the device out of its iopf queue, removal answers the group and frees
 * it; after that a read, a write or the detach's own automatic response follows iommufd's pointer into freed memory.
 *
 * Three changes had to meet, each sound without the others: iommufd keeps groups (v6.11), removal frees what it
 * answers (9759ae2cee7c, the fix of B-03), and detach removes the device before it answers for the user (since the
 * drivers disable IOPF themselves, v6.16). The variants `removal-leaves-groups` and `answer-first` take back the
 * second and the third, and both hold: no use after free, and no leak either, because whoever holds a group frees it.
 * (No release was like the former; that B-03 was a leak in theory only is our conclusion.) 738e6f32e61d makes the
 * handler take the group off the pending list first, so that it has one owner.
 *
 * In all variants the hardware queue is drained before the device is removed, so no report is under way then. That is so for a PASID
 * on VT-d since v6.16.1, and with `answer-first` for VT-d in v6.14 and v6.15. Where nobody waits for the interrupt thread (what is
 * attached to the device itself, since v6.16; SMMUv3 in all versions), the fix does not help a group that is linked and not yet
 * dequeued: B-75.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { detachThread } from '../kernel/iommufd/detach.ts';
import { detachThreadV611 } from '../kernel/iommufd/detach-v6.11.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { faultQueueV614 } from '../kernel/iommufd/eventq-v6.14.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { alike, interchangeable, names } from '../parts/names.ts';
import { userSpaceFaults } from '../rigs/stress.ts';
import { userPage } from '../user/page.ts';
import { userReader } from '../user/reader.ts';

const LIFETIME = 'nobody touches a freed group, and no group is freed twice';

const faultParams = {
  fixed: faultParam,
  'two-owners': faultParam9759ae2cee7c,
  'removal-leaves-groups': faultParamV69,
  'answer-first': faultParam9759ae2cee7c,
};

export const groupOwners = defineScenario({
  name: 'group-owners',
  title: 'A page request group waits for user space while its device is detached',
  sources: [
    'B-04',
    'B-03',
    '738e6f32e61d',
    'CVE-2026-74520',
    '9759ae2cee7c',
    'CVE-2025-21770',
    'drivers/iommu/iommufd/eventq.c',
    'drivers/iommu/io-pgfault.c iopf_queue_remove_device()',
  ],
  group: 'iopf',
  parameters: z.object({
    devices: z.number().int().min(1).max(4).default(2).describe('devices that share one iommufd fault queue'),
    groups: z.number().int().min(1).max(4).default(2).describe('page request group indexes of each device'),
    readers: z.number().int().min(1).max(3).default(2).describe('user-space threads that read and answer faults'),
    entries: z.number().int().min(1).max(8).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the iommufd handler takes the group off the pending list, and is its one owner (738e6f32e61d)',
      expected: { verdict: 'holds', counts: [143_848, 518_560], reduced: [37_972, 138_565] },
    },
    'two-owners': {
      title: 'the group is on the pending list and in iommufd, and removal frees it (9759ae2cee7c)',
      expected: { verdict: 'violated', property: LIFETIME, length: 7 },
    },
    'removal-leaves-groups': {
      title: 'the group is on the pending list and in iommufd, and removal only answers it (as before 9759ae2cee7c)',
      expected: { verdict: 'holds', counts: [143_848, 518_560], reduced: [37_972, 138_565] },
    },
    'answer-first': {
      title:
        'the group is on the pending list and in iommufd, which answers before the removal (VT-d in v6.14 and v6.15)',
      expected: { verdict: 'holds', counts: [101_664, 364_672], reduced: [26_868, 97_621] },
    },
  },
  stress: { ...userSpaceFaults, pressure: ['DETACH'] },
  build({ devices: deviceCount, groups: groupCount, readers, entries }, variant) {
    const devices = Array.from({ length: deviceCount }, (_, index) => index);
    const groupsOf = (device: number) =>
      Array.from({ length: groupCount }, (_, index) => `group${device * groupCount + index}` as const);
    const groupNames = devices.flatMap(groupsOf);
    const params = Object.fromEntries(devices.map((index) => [`dev${index}`, `param${index}`]));
    const RUN = { type: 'RUN' } as const;

    const hardware = combineActors(
      family('dev', deviceCount, (index) =>
        actor(faultingFunction, {
          input: { name: `dev${index}`, queue: 'prq', pages: ['page0'] },
          rest: (snapshot) => Object.keys(snapshot.context.posted).length === 0,
        }),
      ),
      { prq: actor(pageRequestQueue, { input: { entries } }) },
    );
    const guest = {
      guest: actor(guestDriver, {
        input: {},
        choices: Object.keys(params).flatMap((device) =>
          names('prg', groupCount).map((index) => ({ type: 'POST_FAULTING_DMA' as const, device, index })),
        ),
        rest: () => true,
      }),
    };
    const kernel = combineActors(
      family('param', deviceCount, (index) =>
        actor(faultParams[variant], {
          input: {
            name: `param${index}`,
            device: `dev${index}`,
            groups: Object.fromEntries(groupsOf(index).map((group, prg) => [`prg${prg}`, group])),
            handler: 'fault',
            handle: `handle${index}`,
          },
        }),
      ),
      family('group', groupNames.length, (index) =>
        actor(iopfGroupMemory, {
          input: {
            name: `group${index}`,
            index: `prg${index % groupCount}`,
            param: `param${Math.floor(index / groupCount)}`,
          },
        }),
      ),
      {
        fault: actor(variant === 'fixed' ? faultQueue : faultQueueV614, { input: { mutex: 'mutex' } }),
        mutex: actor(mutex),
      },
    );
    const threads = combineActors(
      {
        irq: actor(prqThread, { input: { name: 'irq', queue: 'prq', cores: params }, choices: [RUN], rest: ['idle'] }),
      },
      family('reader', readers, (index) =>
        actor(userReader, {
          input: { name: `reader${index}`, faultQueue: 'fault', mutex: 'mutex', buffer: 'buffer' },
          choices: [RUN],
          rest: ['idle'],
        }),
      ),
      family('detach', deviceCount, (index) =>
        actor(variant === 'answer-first' ? detachThreadV611 : detachThread, {
          input: {
            name: `detach${index}`,
            device: `dev${index}`,
            param: `param${index}`,
            handle: `handle${index}`,
            queue: 'prq',
            faultQueue: 'fault',
            mutex: 'mutex',
          },
          choices: [{ type: 'DETACH' }, RUN],
          rest: ['attached'],
        }),
      ),
      // Always there: a copy takes a step, but does not fault.
      { buffer: actor(userPage, { input: { pager: 'none' } }) },
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(guest, hardware, kernel, threads),
      blocking: ['REQUEST', 'ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'DRAIN', 'FETCH'],
      // Groups of a device are not: a removal answers them in the order of their names.
      symmetry: interchangeable(
        alike(deviceCount, 'dev', 'param', 'handle', 'detach').map((own, index) => [...own, ...groupsOf(index)]),
        alike(readers, 'reader'),
      ),
      properties: ({ always, reachable, happens, monitor }) => [
        monitor(LIFETIME, objectLifetime, { objects: groupNames, alloc: 'ALLOC', free: 'FREE' }),
        ...devices.flatMap((index) => [
          always(`dev${index} gets exactly one answer to each group`, (view) => {
            return !view.get(`dev${index}`).matches('unexpectedIndex');
          }),
          always(`after dev${index} was detached, each of its groups has its answer`, (view) => {
            if (!view.get(`detach${index}`).matches('detached')) return true;
            return Object.keys(view.get(`dev${index}`).context.posted).length === 0;
          }),
          always(`after dev${index} was detached, its fault parameter is freed`, (view) => {
            return !view.get(`detach${index}`).matches('detached') || view.get(`param${index}`).matches('freed');
          }),
          always(`the fault parameter of dev${index} is not used after its last reference`, (view) => {
            return !view.get(`param${index}`).matches('usedAfterFree');
          }),
          ...groupsOf(index).map((group) =>
            always(`after dev${index} was detached, ${group} is freed`, (view) => {
              return !view.get(`detach${index}`).matches('detached') || view.get(group).matches('freed');
            }),
          ),
        ]),
        happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' }),
        happens('the user answers a group that a detach has answered already', { to: 'reader0', type: 'EINVAL' }),
        ...(variant === 'answer-first'
          ? []
          : [
              reachable('a device is removed while a group of it waits to be read', (view) => {
                return (
                  view.get('detach0').value === 'removed' &&
                  view.get('fault').context.deliver.some(({ handle }) => handle === 'handle0')
                );
              }),
              reachable('a device is removed while a group of it waits for its answer', (view) => {
                return (
                  view.get('detach0').value === 'removed' &&
                  Object.values(view.get('fault').context.response).some(({ handle }) => handle === 'handle0')
                );
              }),
              reachable('a fault parameter outlives the removal of its device', (view) => {
                return view.get('param0').matches('removed');
              }),
            ]),
        reachable('a device is detached', (view) => view.get('detach0').matches('detached')),
      ],
    });
  },
});

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
import { defineSystem } from '../../src/system/system.ts';
import { detachThread } from '../kernel/iommufd/detach.ts';
import { detachThreadV611 } from '../kernel/iommufd/detach-v6.11.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { iommufdFaults, presentBuffer } from '../rigs/iommufd.ts';
import { iommufdDetach, nothingIsLeft } from '../rigs/iommufd-detach.ts';
import { iommufdKernels } from '../rigs/iommufd-kernels.ts';
import { GROUP_LIFETIME, ownedGroups } from '../rigs/owned-groups.ts';
import { howMany } from '../rigs/parameters.ts';
import { userSpaceFaults } from '../rigs/stress.ts';

const { newest, 'v6.14': beforeFix, 'v6.11': oldest } = iommufdKernels;
const kernels = {
  fixed: newest,
  'two-owners': beforeFix,
  'removal-leaves-groups': { ...beforeFix, param: oldest.param },
  'answer-first': beforeFix,
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
  systems: ['iopf-core-v6.9', 'iommufd'],
  parameters: z.object({
    devices: howMany('devices that share one iommufd fault queue', { max: 4, default: 2 }),
    groups: howMany('page request group indexes of each device', { max: 4, default: 2 }),
    readers: howMany('user-space threads that read and answer faults', { max: 3, default: 2 }),
    entries: howMany('entries of the page request queue', { max: 8, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'the iommufd handler takes the group off the pending list, and is its one owner (738e6f32e61d)',
      expected: { verdict: 'holds', counts: [143_848, 518_560], reduced: [37_972, 138_565] },
    },
    'two-owners': {
      title: 'the group is on the pending list and in iommufd, and removal frees it (9759ae2cee7c)',
      expected: { verdict: 'violated', property: GROUP_LIFETIME, length: 7 },
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
  build({ devices, groups, readers, entries }, variant) {
    const deviceNames = names('dev', devices);
    const { param, queue } = kernels[variant];
    const rig = assemble(
      { actors: { guest: startsFaultingDma(deviceNames, names('prg', groups)) } },
      ownedGroups({ handlers: deviceNames.map(() => 'fault' as const), groups, entries, param }),
      iommufdFaults({ readers, queue, buffers: ['buffer'] }),
      iommufdDetach({ devices, detach: variant === 'answer-first' ? detachThreadV611 : detachThread }),
      presentBuffer,
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.readers),
      properties: ({ reachable, happens }) => [
        ...rig.always,
        ...nothingIsLeft(devices, groups),
        ...rig.shows,
        happens('the user answers a group that a detach has answered already', { to: 'reader0', type: 'EINVAL' }),
        ...when(
          variant !== 'answer-first',
          reachable('a device is removed while a group of it waits to be read', (view) => {
            const { deliver } = view.get('fault').context;
            return view.get('detach0').value === 'removed' && deliver.some(({ handle }) => handle === 'handle0');
          }),
          reachable('a device is removed while a group of it waits for its answer', (view) => {
            const waiting = Object.values(view.get('fault').context.response);
            return view.get('detach0').value === 'removed' && waiting.some(({ handle }) => handle === 'handle0');
          }),
          reachable('a fault parameter outlives the removal of its device', (view) => {
            return view.get('param0').matches('removed');
          }),
        ),
        reachable('a device is detached', (view) => view.get('detach0').matches('detached')),
      ],
    });
  },
});

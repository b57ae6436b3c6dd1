/**
 * H-11: iommufd has one attach handle for an IOMMU group, made by the first of its devices that is attached, and `handle->idev` stays
 * that device (iommufd/device.c iommufd_hwpt_attach_device()). A read of the fault queue tells the user `handle->idev->obj.id` as the
 * device that has faulted (iommufd/eventq.c iommufd_fault_fops_read()). So every fault of the second device is told as one of the first;
 * and when the first device is closed while the second one is still attached, the handle lives on, and the next read follows it to freed
 * memory, of which it copies a word to the user.
 *
 * Also, what the first device has in the queue is answered with the last device of the group only, when the first may be long unplugged.
 *
 * Fix (ours): name the device by `group->fault_param->dev`, and answer for a device when it leaves the group. The first alone
 * (`of-param`) names the right device, and follows a freed one still. Or refuse a page table that takes faults for a group of several
 * devices.
 *
 * A candidate, by our own analysis of iommufd/device.c and eventq.c of 7.0 (kangharison/linux-study, July 2026) and eventq.c of
 * linux-mm@53e28c639615, never run on a kernel. We found nothing that refuses such a group; PASIDs need ACS, and so mostly groups of
 * one, but page requests without PASID, and stalls, do not.
 *
 * Simplifications: a report, with its handler, is one step; a group that was read has its answer at once; a device is closed once.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { attachHandleOfGroup } from '../kernel/iommufd/attach-handle-of-group.ts';
import { closeDevice } from '../kernel/iommufd/close-device.ts';
import { iommufdDevice } from '../kernel/iommufd/device.ts';
import { devIdQueueV70 } from '../kernel/iommufd/eventq-dev-id.ts';
import { devIdQueueOfParam } from '../kernel/iommufd/eventq-dev-id-of-param.ts';
import { iommufdGroup } from '../kernel/iommufd/group.ts';
import { iommufdGroupAnswersEach } from '../kernel/iommufd/group-answers-each.ts';
import { exactlyOneAnswerTo } from '../monitors/fault-parameter.ts';
import { namedDevice } from '../monitors/named-device.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names, pairs } from '../parts/names.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { faultingFunctions } from '../rigs/faulting-functions.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { actorOf } from '../rigs/version.ts';
import { readsDevIds } from '../user/reads-dev-ids.ts';

const LIFETIME = 'nobody touches a device of iommufd, or the attach handle, after it was freed';
const NAMED = 'a fault is told as one of the device that has faulted';

const versions = {
  fixed: { queue: devIdQueueOfParam, group: iommufdGroupAnswersEach },
  'first-device': { queue: devIdQueueV70, group: iommufdGroup },
  'of-param': { queue: devIdQueueOfParam, group: iommufdGroup },
};

export const firstDeviceOfGroup = defineScenario({
  name: 'first-device-of-group',
  title: 'A fault of one device of a group is told as one of another device, which may be gone',
  sources: ['H-11', 'drivers/iommu/iommufd/device.c iommufd_hwpt_attach_device()', 'drivers/iommu/iommufd/eventq.c'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('devices of the IOMMU group'),
    indexes: z.number().int().min(1).max(2).default(1).describe('page request group indexes of each device'),
  }),
  variants: {
    fixed: {
      title: 'names the device of the group of faults, and answers for each device that leaves',
      expected: { verdict: 'holds', counts: [201, 560] },
    },
    'first-device': {
      title: 'names the device that was attached first (v6.11 to 7.0)',
      expected: { verdict: 'violated', property: NAMED, length: 3 },
    },
    'of-param': {
      title: 'names the device of the group of faults, and answers when the last device leaves',
      expected: { verdict: 'violated', property: LIFETIME, length: 8 },
    },
  },
  build({ devices, indexes }, variant) {
    const { queue, group } = versions[variant];
    const [deviceNames, idevs] = [names('dev', devices), names('idev', devices)];
    const rig = assemble(
      { actors: { guest: startsFaultingDma(deviceNames, names('prg', indexes)) }, blocking: ['REQUEST'] },
      faultingFunctions({ devices, indexes }),
      {
        actors: {
          prq: actor(pageRequestQueue, { input: { entries: devices * indexes } }),
          irq: inThread(prqThread)({
            name: 'irq',
            queue: 'prq',
            cores: pairs(
              deviceNames,
              deviceNames.map(() => 'fault'),
            ),
          }),
          fault: actorOf(queue, { input: { handle: 'handle', idevs: pairs(deviceNames, idevs) } }),
          reader: actor(readsDevIds, { input: { faultQueue: 'fault' }, choices: [{ type: 'RUN' }], rest: () => true }),
          handle: actor(attachHandleOfGroup, { input: { idev: 'idev0' } }),
          igroup: actorOf(group, { input: { devices: deviceNames, handle: 'handle', faultQueue: 'fault' } }),
        },
        blocking: ['PAGE_REQUEST', 'PEEK', 'READ', 'DRAIN'],
      },
      { actors: family('idev', devices, () => actor(iommufdDevice)) },
      {
        actors: family('close', devices, (at) =>
          actor(closeDevice, {
            input: { device: `dev${at}`, idev: `idev${at}`, igroup: 'igroup', queue: 'prq' },
            choices: [{ type: 'CLOSE' }, { type: 'RUN' }],
            rest: ['open', 'closed'],
          }),
        ),
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ monitor, reachable, happens }) => [
        ...rig.always,
        noUseAfterFree(LIFETIME, { objects: [...idevs, 'handle'], free: 'FREE', allocated: [...idevs, 'handle'] }),
        monitor(NAMED, namedDevice, { idevs: pairs(deviceNames, idevs) }),
        ...deviceNames.map(exactlyOneAnswerTo),
        happens('a fault of the first device is read', { to: 'idev0', type: 'READ_ID' }),
        ...(devices > 1
          ? [
              reachable('the first device is closed, and a fault of the second waits to be read', (view) => {
                const { deliver } = view.get('fault').context as { deliver: readonly { device: string }[] };
                return view.get('close0').matches('closed') && deliver.some(({ device }) => device === 'dev1');
              }),
            ]
          : []),
      ],
    });
  },
});

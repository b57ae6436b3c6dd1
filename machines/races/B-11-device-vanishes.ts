/**
 * B-11: the thread of VT-d's page request queue finds a device by the requester ID of a request, and reports the fault to it. The request
 * is there because the device posted it, and nothing keeps the device until it has been handled: it may be released in between, and the
 * thread then follows `dev->iommu` into freed memory. Looking the device up with a reference on its `struct device`, as to v6.8, does not
 * help, since `dev->iommu` goes when the IOMMU core releases the device.
 *
 * def054b01a86 holds a mutex, `iommu->iopf_lock`, over look-up and report, and release takes the device out of the tree under it: the
 * thread finds the whole device or nothing, and answers Invalid in its stead. `drain` is the other way, asked for in the review: no lock,
 * but the queue is drained before the device goes.
 *
 * What the device's domain takes away before, the fault parameter, is not under that lock. It has a reference count, which a reader may
 * find at 0, and so needs a grace period (`no-grace-period` has none). A device that was pulled out does not complete the invalidation of
 * its device-TLB either; to v6.8 it was tried for ever (`endless-invalidation`).
 *
 * Simplifications: the device does not come back; a report is handled in place (`../kernel/intel/prq-event-thread-steps.ts`).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { prqEventThreadSteps } from '../kernel/intel/prq-event-thread-steps.ts';
import { releaseDevice } from '../kernel/intel/release-device.ts';
import { releaseDeviceDrains } from '../kernel/intel/release-device-drains.ts';
import { releaseDeviceUnlocked } from '../kernel/intel/release-device-unlocked.ts';
import { releaseDeviceV68 } from '../kernel/intel/release-device-v6.8.ts';
import { refcount } from '../kernel/lib/refcount.ts';
import { refcountRcu } from '../kernel/lib/refcount-rcu.ts';
import { assemble } from '../rigs/assemble.ts';
import { vtdDescriptors } from '../rigs/vtd-descriptors.ts';
import {
  REMOVAL_ENDS,
  REMOVED_LIFETIME,
  removableFunction,
  removalWaitsForThread,
  threadFindsLess,
  vtdRemoval,
} from '../rigs/vtd-hot-unplug.ts';

const versions = {
  fixed: { removal: releaseDevice, param: refcountRcu },
  drain: { removal: releaseDeviceDrains, param: refcountRcu },
  'no-lock': { removal: releaseDeviceUnlocked, param: refcountRcu },
  'no-grace-period': { removal: releaseDevice, param: refcount },
  'endless-invalidation': { removal: releaseDeviceV68, param: refcountRcu },
};

export const deviceVanishes = defineScenario({
  name: 'device-vanishes',
  title: 'A device is removed between the look-up of its page request and the report',
  sources: [
    'B-11',
    'def054b01a86',
    'CVE-2024-35843',
    '80a9b50c0b9e',
    'drivers/iommu/intel/prq.c prq_event_thread()',
    'drivers/iommu/intel/dmar.c qi_check_fault()',
  ],
  group: 'iopf',
  systems: ['vtd-prq'],
  parameters: z.object({
    groups: z.number().int().min(1).max(4).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'look-up and report are under iopf_lock, and so is the removal from the tree (def054b01a86, v6.9)',
      expected: { verdict: 'holds', counts: [1_884, 4_664] },
    },
    drain: {
      title: 'no lock, but removal drains the page request queue first',
      expected: { verdict: 'holds', counts: [779, 1_775] },
    },
    'no-lock': {
      title: 'nothing is held between look-up and report (to v6.8)',
      expected: { verdict: 'violated', property: REMOVED_LIFETIME, length: 10 },
    },
    'no-grace-period': {
      title: 'the fault parameter is freed with its last reference, not a grace period later',
      expected: { verdict: 'violated', property: REMOVED_LIFETIME, length: 8 },
    },
    'endless-invalidation': {
      title: 'an invalidation that timed out is tried again, whether the device is there or not (to v6.8)',
      expected: { verdict: 'violated', property: REMOVAL_ENDS },
    },
  },
  build({ groups }, variant) {
    const { removal, param } = versions[variant];
    const rig = assemble(
      removableFunction(groups),
      vtdDescriptors({
        entries: groups,
        thread: prqEventThreadSteps,
        rcu: 'rcu',
        devices: { dev0: 'iommu0' } as const,
      }),
      vtdRemoval({ removal, param }),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        ...(variant === 'drain'
          ? [happens('removal waits for the end of a pass', { to: 'prqComplete', type: 'WAIT' })]
          : threadFindsLess),
        ...(variant === 'fixed' || variant === 'endless-invalidation' ? removalWaitsForThread : []),
      ],
    });
  },
});

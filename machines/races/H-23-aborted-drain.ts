/**
 * H-23: the drain of VT-d ends with descriptors for the hardware: a device-TLB invalidation and a wait descriptor with Page-request Drain. Another device
 * of the same IOMMU is pulled out while its device-TLB is invalidated. When that invalidation times out (ITE), the hardware aborts all wait
 * descriptors that are pending, and whoever of the pollers finds ITE first aborts what is in use: its own submission, and that of the others.
 *
 * To find out whether to try again, qi_check_fault() asks whether the device of ITE's requester ID is there (80a9b50c0b9e, v6.9). If it is gone, the one
 * who asks returns -ETIMEDOUT, though its own device is there and was never asked to be drained. Nobody looks at the result: the detach goes on, the
 * PASID gets its next domain, and then the IOMMU comes to a request of the time before.
 *
 * Fix (ours): whoever was aborted asks for *its own* device. To compare the requester ID with it is half of that (`compares-sid`): who was aborted by
 * another's look does not learn that its device is gone, and tries again, for as long as the other one is the first to look.
 *
 * A candidate, by our own analysis of intel/dmar.c and intel/prq.c of 7.0 (kangharison/linux-study, July 2026; qi_check_fault() is the same in
 * greearb/linux-ct-7.2), never run on a kernel. What holds for the drain holds for each submission behind the one that times out, so an
 * unmap may go on with the translation in the ATC.
 *
 * Simplifications: those of the machines; groups of one request; one attach handle, in one place of memory.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfOne } from '../hardware/pcie/pasid-function.ts';
import { qiSubmitAsksOwnDevice } from '../kernel/intel/qi-submit-asks-own-device.ts';
import { qiSubmitComparesSid } from '../kernel/intel/qi-submit-compares-sid.ts';
import { qiSubmitV68 } from '../kernel/intel/qi-submit-v6.8.ts';
import { qiSubmitV70 } from '../kernel/intel/qi-submit-v7.0.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { vtdPageRequests } from '../rigs/vtd-page-requests.ts';
import { DRAIN_RETURNS, HANDLED_AS_POSTED, vtdTimeOuts } from '../rigs/vtd-time-outs.ts';

const versions = {
  fixed: qiSubmitAsksOwnDevice,
  'v7.0': qiSubmitV70,
  'compares-sid': qiSubmitComparesSid,
  'v6.8': qiSubmitV68,
};

export const abortedDrain = defineScenario({
  name: 'aborted-drain',
  title: 'A drain is aborted by the time-out of another device, and returns as if it were done',
  sources: [
    'H-23',
    '80a9b50c0b9e',
    'drivers/iommu/intel/dmar.c qi_check_fault(), qi_submit_sync()',
    'drivers/iommu/intel/prq.c intel_iommu_drain_pasid_prq()',
    'VT-d 6.5.2.11',
  ],
  group: 'iopf',
  systems: ['vtd-prq', 'iommufd'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the device that is drained', { max: 2, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'who was aborted asks whether its own device is there',
      expected: { verdict: 'holds', counts: [1_772, 4_991] },
    },
    'v7.0': {
      title: 'who finds the time-out asks for the device that timed out, whoever it is (80a9b50c0b9e, v6.9, to 7.0)',
      expected: { verdict: 'violated', property: HANDLED_AS_POSTED, length: 17 },
    },
    'compares-sid': {
      title: 'who finds the time-out gives up if it was that of its own device',
      expected: { verdict: 'violated', property: DRAIN_RETURNS, length: 12 },
    },
    'v6.8': {
      title: 'whatever timed out is tried again (to v6.8)',
      expected: { verdict: 'violated', property: DRAIN_RETURNS, length: 12 },
    },
  },
  build({ indexes }, variant) {
    const rig = assemble(
      vtdPageRequests({
        posts: groupsOfOne(indexes, 'pasid1'),
        root: 'buffer',
        attached: ['pasid1'],
        entries: indexes,
      }),
      vtdTimeOuts(versions[variant], indexes),
    );
    return defineSystem({
      ...rig.parts,
      // A status that can be written again and again is written in the end.
      fairness: { invalidations: { RUN: 'strong' } },
      properties: ({ reachable, happens }) => [
        noFreedHandleIsUsed(['handle0']),
        ...rig.always,
        reachable('a drain is under way while a request of the PASID is in the hardware', (view) => {
          return view.get('ioctl').matches('submitted') && view.get('buffer').context.requests.length > 0;
        }),
        happens('a drain is told of a time-out', { to: 'submit0', type: 'ITE' }),
        happens('a drain is aborted by what another thread has found', { to: 'submit0', type: 'ABORTED' }),
        happens('the hardware refuses a request', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'table' }),
        ...rig.shows,
      ],
    });
  },
});

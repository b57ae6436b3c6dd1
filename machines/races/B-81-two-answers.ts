/**
 * B-81: `iommu_report_device_fault()` answers each request that it cannot hand to a handler, those that are not the last of their group as
 * well (io-pgfault.c, err_bad_iopf and iopf_error_response()). PCIe knows one answer for a group: the second one meets an index at rest, or
 * the next group that has it. Nobody has to race for that where PRI is on and no handler is attached; and each attach has a window in which
 * that is so, because the hardware is switched before the handle is stored (iommu.c iommu_attach_group_handle()).
 *
 * Fix: answer the last request only, and drop the partial requests that it would have completed.
 *
 * A candidate, by our own analysis of io-pgfault.c, iommu.c and intel/prq.c of 7.0 (kangharison/linux-study of July 2026; io-pgfault.c of
 * raspberrypi/linux 89586905, which has 738e6f32e61d, does the same). It was never run on a kernel.
 *
 * Simplifications: one device that asks without PASID, which is the PASID `rid` here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfTwo } from '../hardware/pcie/pasid-function.ts';
import { ridThread } from '../kernel/intel/attach-rid.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { iopfCoreRefusesGroups } from '../kernel/io-pgfault/v7.0-refuses-groups.ts';
import { noSecondAnswer } from '../monitors/pasid-groups.ts';
import { assemble } from '../rigs/assemble.ts';
import { vtdAttach, vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const violated = { verdict: 'violated', property: noSecondAnswer('').name } as const;

export const twoAnswers = defineScenario({
  name: 'two-answers',
  title: 'A group that no handler is there for is refused request by request',
  sources: ['B-81', 'drivers/iommu/io-pgfault.c iommu_report_device_fault()', 'drivers/iommu/iommu.c', 'VT-d 7.4.1'],
  group: 'iopf',
  systems: ['iopf-core-v6.9', 'vtd-prq'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the last request of a group is answered, and no other',
      expected: { verdict: 'holds', counts: [380, 845] },
    },
    'no-handler': {
      title: 'each request is answered; the device is in its default domain, which takes no faults (7.0)',
      expected: { ...violated, length: 5 },
    },
    'attach-window': {
      title: 'each request is answered; the device is blocked until a domain that takes faults is attached (7.0)',
      expected: { ...violated, length: 6 },
    },
  },
  build({ indexes, entries }, variant) {
    const rig = assemble(
      vtdPageRequests({
        posts: groupsOfTwo(indexes, 'rid'),
        present: variant === 'attach-window' ? [] : ['rid'],
        entries,
        core: variant === 'fixed' ? iopfCoreRefusesGroups : iopfCoreV70,
      }),
      vtdAttach({ thread: ridThread, pasid: 'rid' }),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable, happens }) => [
        noSecondAnswer('table'),
        ...rig.always,
        happens('a group is refused by the core', {
          type: 'PRG_RESPONSE',
          where: ({ by, code }) => by === 'core' && code === 'invalid',
        }),
        reachable('a request waits for the thread between the hardware and the handle', (view) => {
          return view.get('ioctl').matches('switched') && view.get('registers').context.requests.length > 0;
        }),
        ...rig.shows,
        happens('the table refuses a group', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'table' }),
      ],
    });
  },
});

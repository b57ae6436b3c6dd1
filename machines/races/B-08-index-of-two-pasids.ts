/**
 * B-08: iommu_report_device_fault() gathers a group from the partial requests that have its index, whatever their PASID. A PCIe function
 * numbers its groups over all PASIDs, so that this is right for it. Of one that numbers them by PASID two groups of different
 * address spaces have one index at the same time: the last request of one takes the first of the other along, a handler looks that page up
 * in an address space that it was not meant for, and the other group is handled without it.
 *
 * Fix: compare PASID and index. It is so in no kernel; where a PASID was taken away, a function that conforms needs it as well (B-82).
 *
 * So this is no bug of the core, but what it asks of functions, and of who makes them up for a guest. By our reading of io-pgfault.c (v5.12 to
 * 7.0; kangharison/linux-study of July 2026); the answer finds its group, since VT-d sends the PASID of the request with it.
 *
 * Simplifications: one index; both PASIDs stay attached.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfTwo, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pasidFunctionNumbersPerPasid } from '../hardware/pcie/pasid-function-numbers-per-pasid.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { iopfCoreComparesPasids } from '../kernel/io-pgfault/v7.0-compares-pasids.ts';
import { noMixedGroup } from '../monitors/pasid-groups.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const versions = {
  fixed: { core: iopfCoreComparesPasids, device: pasidFunctionNumbersPerPasid },
  'index-only': { core: iopfCoreV70, device: pasidFunctionNumbersPerPasid },
  'one-numbering': { core: iopfCoreV70, device: pasidFunction },
};

export const indexOfTwoPasids = defineScenario({
  name: 'index-of-two-pasids',
  title: 'Two PASIDs of a function use one page request group index at the same time',
  sources: ['B-08', 'drivers/iommu/io-pgfault.c iopf_group_alloc()', 'PCIe 10.4.1'],
  group: 'iopf',
  systems: ['iopf-core-v6.9'],
  parameters: z.object({
    pasids: howMany('PASIDs of the function', { min: 2, max: 3, default: 2 }),
    entries: howMany('entries of the page request queue', { max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'a group is gathered by PASID and index, and the function numbers its groups by PASID',
      expected: { verdict: 'holds', counts: [1_549, 2_776] },
    },
    'one-numbering': {
      title: 'a group is gathered by index, and the function numbers its groups over all PASIDs (v5.12 to 7.0)',
      expected: { verdict: 'holds', counts: [111, 160] },
    },
    'index-only': {
      title: 'a group is gathered by index, and the function numbers its groups by PASID (v5.12 to 7.0)',
      expected: { verdict: 'violated', property: noMixedGroup().name, length: 6 },
    },
  },
  build({ pasids, entries }, variant) {
    const attached = names('pasid', pasids);
    const posts = attached.flatMap((pasid) => groupsOfTwo(1, pasid));
    const { core, device } = versions[variant];
    const isPerPasid = variant !== 'one-numbering';
    const rig = assemble(vtdPageRequests({ posts, attached, handles: pasids, entries, core, device }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        noMixedGroup(),
        ...when(
          isPerPasid,
          reachable('a partial request waits while another PASID has a group with its index', (view) => {
            return (
              view.get('core').context.partial.length > 0 && Object.keys(view.get('dev0').context.groups).length > 1
            );
          }),
        ),
        ...rig.shows,
        happens('a group of two requests is handled', {
          type: 'IOPF_HANDLER',
          to: 'groups',
          where: ({ group }) => (group as { requests: unknown[] }).requests.length === 2,
        }),
        happens('a group of the other PASID is handled', { type: 'IOPF_HANDLER', to: 'handle1' }),
      ],
    });
  },
});

/**
 * B-82: a request that is not the last of its group waits in `fault_param->partial`. Then its PASID is taken away: the entry is cleared,
 * the queue is drained, and nobody looks at the partial list, while another PASID keeps the fault parameter alive. The last request is
 * refused by the IOMMU itself, so that software never hears of it, and the index is free. The next group with that index, of the other
 * PASID or of the next user of this one, is gathered by its index alone and takes the old request along.
 *
 * Fix: discard the partial requests of the PASID after the drain, and gather by PASID and index. Both are needed: a PASID is used again,
 * and another PASID may use the index before the drain is over. Nor is it enough to discard before the drain, or where the core refuses a
 * last request (the fix of B-81), since this one never comes to the core.
 *
 * A candidate, by our own analysis of io-pgfault.c, intel/pasid.c and intel/iommu.c of 7.0 (kangharison/linux-study of July 2026;
 * io-pgfault.c of raspberrypi/linux 89586905, which has 738e6f32e61d, gathers the same way), and of VT-d 7.1.3 (SPT.2) and 7.4.1. It was
 * never run on a kernel.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { attachThreadDiscardsAfterDrain } from '../kernel/intel/attach-discards-after-drain.ts';
import { attachThreadDiscardsBeforeDrain } from '../kernel/intel/attach-discards-before-drain.ts';
import { attachThreadV70 } from '../kernel/intel/attach-v7.0.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { iopfCoreComparesPasids } from '../kernel/io-pgfault/v7.0-compares-pasids.ts';
import { iopfCoreDiscardsRefused } from '../kernel/io-pgfault/v7.0-discards-refused.ts';
import { noMixedGroup } from '../monitors/pasid-groups.ts';
import { assemble } from '../rigs/assemble.ts';
import { vtdAttach, vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const violated = { verdict: 'violated', property: noMixedGroup().name } as const;

const versions = {
  fixed: { core: iopfCoreComparesPasids, thread: attachThreadDiscardsAfterDrain },
  survives: { core: iopfCoreV70, thread: attachThreadV70 },
  'discards-only': { core: iopfCoreV70, thread: attachThreadDiscardsAfterDrain },
  'compares-only': { core: iopfCoreComparesPasids, thread: attachThreadV70 },
  'discards-early': { core: iopfCoreComparesPasids, thread: attachThreadDiscardsBeforeDrain },
  'discards-refused': { core: iopfCoreDiscardsRefused, thread: attachThreadV70 },
};

export const survivingPartial = defineScenario({
  name: 'surviving-partial',
  title: 'A PASID is detached in the middle of a group, and the next group with its index takes the first half along',
  sources: [
    'B-82',
    'B-08',
    'drivers/iommu/io-pgfault.c iopf_group_alloc()',
    'drivers/iommu/intel/pasid.c',
    'VT-d 7.1.3',
  ],
  group: 'iopf',
  systems: ['vtd-prq', 'iopf-core-v6.9'],
  parameters: z.object({
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'a group is gathered by PASID and index, and a detach discards partial requests after its drain',
      expected: { verdict: 'holds', counts: [554, 1_370] },
    },
    survives: {
      title: 'a group is gathered by index, and partial requests outlive their PASID (7.0)',
      expected: { ...violated, length: 8 },
    },
    'discards-only': {
      title: 'a group is gathered by index, and a detach discards after its drain',
      expected: { ...violated, length: 8 },
    },
    'compares-only': { title: 'a group is gathered by PASID and index', expected: { ...violated, length: 15 } },
    'discards-early': {
      title: 'the same, and a detach discards before its drain',
      expected: { ...violated, length: 15 },
    },
    'discards-refused': {
      title: 'the same, and the core discards what a refused request would have completed',
      expected: { ...violated, length: 15 },
    },
  },
  build({ entries }, variant) {
    const { core, thread } = versions[variant];
    const posts = [
      { type: 'POST', index: 'prg0', pasid: 'pasid1', last: false },
      { type: 'POST', index: 'prg0', pasid: 'pasid1', last: true },
      { type: 'POST', index: 'prg0', pasid: 'pasid2', last: true },
    ] as const;
    const rig = assemble(
      vtdPageRequests({ posts, attached: ['pasid1', 'pasid2'], handles: 2, entries, core }),
      vtdAttach({ thread, pasid: 'pasid1', handles: 2 }),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable, happens }) => [
        noMixedGroup(),
        ...rig.always,
        reachable('a PASID is taken away between the requests of a group', (view) => {
          return view.get('ioctl').matches('cleared') && view.get('core').context.partial.length > 0;
        }),
        happens('the table refuses the last request of a group', {
          type: 'PRG_RESPONSE',
          where: ({ by }) => by === 'table',
        }),
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

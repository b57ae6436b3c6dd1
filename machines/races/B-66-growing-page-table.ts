/**
 * B-66: AMD's page table gets a level while somebody walks it. Root and number of levels (mode) are two words. They are written one after
 * the other, under a lock that walkers do not take, so a walker can have the new root with the old mode, and is then one level off. An
 * unmap finds nothing and fails, and what was unmapped stays mapped; a map that should fail for nothing fails, or hangs its table into the
 * root at the wrong level, and reports success for an address that does not translate.
 *
 * It was fixed twice. eb791aa70b90 made one word of the two (v5.7), 6eedb59c18a3 made them two again (v5.12), 1e56310b40fd put a sequence
 * count around both (v6.17). The generic page table that AMD uses since 789a5913b29c (v6.19) has one word again.
 *
 * `torn` violates all three properties; what follows from a pair that does not belong together takes longer to be seen.
 *
 * Where the device table is written after root and mode (since 6eedb59c18a3), hardware is asked only while nobody holds `domain->lock`:
 * another thread may have mapped an address that the IOMMU does not reach before the device table says so. eb791aa70b90 did it the other
 * way round, for that reason, and needs no such exception. We found that here, in the model.
 *
 * Simplification: a table has two entries, and the table begins with two levels, not three.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { v1Ops } from '../kernel/amd/v1-ops.ts';
import { v1Ops6eedb59c18a3 } from '../kernel/amd/v1-ops-6eedb59c18a3.ts';
import { v1OpsEb791aa70b90 } from '../kernel/amd/v1-ops-eb791aa70b90.ts';
import { amdPageTable, NOT_TORN } from '../rigs/amd-page-table.ts';
import { assemble } from '../rigs/assemble.ts';

const versions = {
  fixed: { operations: v1Ops, deviceTableLast: true },
  'one-word': { operations: v1OpsEb791aa70b90, deviceTableLast: false },
  torn: { operations: v1Ops6eedb59c18a3, deviceTableLast: true },
};

export const growingPageTable = defineScenario({
  name: 'growing-page-table',
  title: 'A page table gets a level while another thread reads its root and its number of levels',
  sources: ['B-66', '1e56310b40fd', '6eedb59c18a3', 'eb791aa70b90', 'drivers/iommu/amd/io_pgtable.c fetch_pte()'],
  group: 'io-pgtable',
  systems: ['dma-drivers'],
  parameters: z.object({
    threads: z.number().int().min(2).max(3).default(2).describe('threads that map and unmap, each its own addresses'),
  }),
  variants: {
    fixed: {
      title: 'a sequence count around both (1e56310b40fd, v6.17)',
      expected: { verdict: 'holds', counts: [23_542, 48_438] },
    },
    'one-word': {
      title: 'both are one word (eb791aa70b90, v5.7 to v5.11)',
      expected: { verdict: 'holds', counts: [9_058, 18_997] },
    },
    torn: {
      title: 'one is read after the other, without a lock (6eedb59c18a3, v5.12 to v6.16)',
      expected: { verdict: 'violated', property: NOT_TORN, length: 8 },
    },
  },
  build({ threads }, variant) {
    const { operations, deviceTableLast } = versions[variant];
    const rig = assemble(amdPageTable({ threads, operations, deviceTableLast }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        ...(variant === 'fixed' ? [happens('a walker has to read again', { type: 'CHANGED' })] : []),
      ],
    });
  },
});

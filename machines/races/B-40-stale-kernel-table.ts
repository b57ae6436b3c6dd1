/**
 * B-40 and B-39, which the fix of B-40 made possible. Where SVA shares the page table of a process, it shares the kernel's half of it, too.
 * The kernel unmaps memory there, frees the page-table page, and tells the CPUs; the IOMMU may have the entry that led to the page in its
 * paging-structure cache, and goes on walking it, whoever has it now. It even writes there (accessed bits).
 *
 * e37d5a2d60a3 (v6.19) keeps a list of all mms that are bound, and invalidates for each of them before a page is freed. Unbind then had to
 * take the mm off the list, and did so when it had freed the domain. A process that exits has dropped its own reference by then: the
 * domain has the last one, the mm is freed with its `struct iommu_mm_data`, and unbind reads the list of domains in it (B-39).
 * 06e14c36e20b (2026) does it the other way round.
 *
 * Either half alone: `domain-freed-first` invalidates and has the old order; `not-invalidated` has neither, and `order-only`
 * has the list and the new order, and no one who asks it.
 *
 * Simplifications: one page-table page, freed once; each process binds one device once.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svaOwner } from '../kernel/iommu-sva/owner.ts';
import { svaOwnerE37d5a2d60a3 } from '../kernel/iommu-sva/owner-e37d5a2d60a3.ts';
import { svaOwnerV618 } from '../kernel/iommu-sva/owner-v6.18.ts';
import { freeKernelTable } from '../kernel/mm/free-kernel-table.ts';
import { freeKernelTableV618 } from '../kernel/mm/free-kernel-table-v6.18.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { MM_DATA_LIFETIME, sharedKernelTable, TABLE_LIFETIME } from '../rigs/shared-kernel-table.ts';

const versions = {
  fixed: { owner: svaOwner, unmap: freeKernelTable },
  'domain-freed-first': { owner: svaOwnerE37d5a2d60a3, unmap: freeKernelTable },
  'not-invalidated': { owner: svaOwnerV618, unmap: freeKernelTableV618 },
  'order-only': { owner: svaOwner, unmap: freeKernelTableV618 },
};

export const staleKernelTable = defineScenario({
  name: 'stale-kernel-table',
  title: 'A page-table page of the kernel is freed while an IOMMU has cached the way to it',
  sources: [
    'B-40',
    'B-39',
    'e37d5a2d60a3',
    '06e14c36e20b',
    'CVE-2025-71202',
    'CVE-2025-71089',
    'drivers/iommu/iommu-sva.c iommu_sva_unbind_device()',
    'VT-d 6.2',
  ],
  group: 'mm',
  systems: ['host-sva'],
  parameters: z.object({
    processes: z.number().int().min(1).max(3).default(1).describe('processes that are bound to a device'),
  }),
  variants: {
    fixed: {
      title:
        'IOMMUs are told before the page is freed, and the mm leaves the list before its domain goes (06e14c36e20b)',
      expected: { verdict: 'holds', counts: [44, 84] },
    },
    'domain-freed-first': {
      title: 'IOMMUs are told, and the mm leaves the list when its domain has gone (e37d5a2d60a3, v6.19)',
      expected: { verdict: 'violated', property: MM_DATA_LIFETIME, length: 5 },
    },
    'not-invalidated': {
      title: 'IOMMUs are not told (to v6.18)',
      expected: { verdict: 'violated', property: TABLE_LIFETIME, length: 5 },
    },
    'order-only': {
      title: 'IOMMUs are not told; there is a list, which an mm leaves in time (06e14c36e20b alone)',
      expected: { verdict: 'violated', property: TABLE_LIFETIME, length: 5 },
    },
  },
  build({ processes }, variant) {
    const { owner, unmap } = versions[variant];
    const rig = assemble(sharedKernelTable({ processes, owner, unmap }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.processes),
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        ...(unmap === freeKernelTable ? [happens('a cached entry is invalidated', { type: 'INVALIDATE' })] : []),
      ],
    });
  },
});

/**
 * B-70: a thread takes a page for a table of an I/O page table, zeroes it, and links it by a compare-exchange that orders nothing. Its zeros may
 * still be in the store buffer of its CPU when the link is visible. The walker of the IOMMU, or another thread that maps an address of the same
 * table, then finds what was left in the page: DMA goes wherever that points, the mapping is refused, or the zeros wipe it out later.
 *
 * Source: riscv/iommu.c riscv_iommu_pte_alloc() with cmpxchg_relaxed() (from v6.13 until RISC-V took generic_pt). Fix: try_cmpxchg64_release()
 * in generic_pt/pt_defs.h pt_table_install64(), or a dma_wmb() before, as io-pgtable-arm.c has it ("Ensure the table itself is visible
 * before its PTE can be").
 *
 * Simplifications: in the machines.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { storeBuffer } from '../hardware/cpu/store-buffer.ts';
import { tableWalker } from '../hardware/riscv/table-walker.ts';
import { freshTable } from '../kernel/io-pgtable/fresh-table.ts';
import { tablePointer } from '../kernel/io-pgtable/table-pointer.ts';
import { mapPages } from '../kernel/riscv/map-pages.ts';
import { mapPagesRelaxed } from '../kernel/riscv/map-pages-relaxed.ts';
import { names } from '../parts/names.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const NO_WILD_DMA = 'the walker takes no entry that nobody has set';
const NOT_REFUSED = 'nobody is refused an address that nobody has mapped';
const STAYS_MAPPED = 'what was mapped is in the table';

export const unzeroedTable = defineScenario({
  name: 'unzeroed-table',
  title: 'A page-table page is linked before its zeros are visible to others',
  sources: [
    'B-70',
    'drivers/iommu/riscv/iommu.c riscv_iommu_pte_alloc()',
    'generic_pt/pt_defs.h pt_table_install64()',
    'io-pgtable-arm.c arm_lpae_install_table()',
    'tools/memory-model',
  ],
  group: 'iopf',
  systems: ['dma-drivers', 'mmu-notifiers'],
  parameters: z.object({
    threads: howMany('threads that map an address of the table each, on a CPU each', { min: 2, max: 3, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'the zeros are visible before the link (try_cmpxchg64_release())',
      expected: { verdict: 'holds', counts: [93, 268] },
    },
    relaxed: {
      title: 'the link may be visible before the zeros (cmpxchg_relaxed())',
      expected: { verdict: 'violated', property: NO_WILD_DMA, length: 4 },
    },
    'without-dma': {
      title: 'the same, without any DMA: another thread finds what was left',
      expected: { verdict: 'violated', property: NOT_REFUSED, length: 4 },
    },
    'zeros-late': {
      title: 'the same, and what was left looks like no entry: another thread sets its own, and then the zeros come',
      expected: { verdict: 'violated', property: STAYS_MAPPED, length: 5 },
    },
  },
  build({ threads }, variant) {
    const indexes = names('', threads).map(Number);
    const rest = { rest: () => true };
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          pointer: actor(tablePointer),
          walker: actor(tableWalker, {
            input: { name: 'walker', pointer: 'pointer' },
            choices: [
              { type: 'RUN' },
              ...(variant === 'without-dma' ? [] : indexes.map((index) => ({ type: 'DMA' as const, index }))),
            ],
            ...rest,
          }),
        },
        family('map', threads, (at) =>
          actorOf(variant === 'fixed' ? mapPages : mapPagesRelaxed, {
            input: { name: `map${at}`, index: at, pointer: 'pointer', page: `page${at}`, storeBuffer: `buffer${at}` },
            choices: [{ type: 'RUN' }],
            rest: ['mapped'],
          }),
        ),
        family('buffer', threads, () => actor(storeBuffer, { choices: [{ type: 'DRAIN' }], ...rest })),
        family('page', threads, () =>
          actor(freshTable, { input: { leftOver: variant === 'zeros-late' ? 'none' : 'stale' } }),
        ),
      ),
      properties: ({ always, happens, reachable }) => [
        always(NO_WILD_DMA, (view) => !view.get('walker').context.isWild),
        always(NOT_REFUSED, (view) => names('map', threads).every((name) => view.get(name).value !== 'refused')),
        always(STAYS_MAPPED, (view) =>
          indexes.every((index) => {
            const { value, context } = view.get(`map${index}`);
            const table = context.table as `page${number}`;
            return value !== 'mapped' || view.get(table).context.set.includes(index);
          }),
        ),
        happens('a table is linked', { type: 'LINK_TABLE' }),
        reachable('a thread finds the table that another one has linked', (view) => {
          const { value, context } = view.get('map0');
          return value === 'descended' && context.table !== 'page0';
        }),
      ],
    });
  },
});

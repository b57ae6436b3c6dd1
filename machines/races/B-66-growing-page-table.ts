/**
 * B-66: AMD's page table gets a level while somebody walks it. Root and number of levels (mode) are two words. They are written
 * one after the other, under a lock that walkers do not take, so a walker can have the new root with the old mode, and is then
 * one level off. An unmap finds nothing and fails, and what was unmapped stays mapped; a map that should fail for nothing
 * fails, or hangs its table into the root at the wrong level, and reports success for an address that does not translate.
 *
 * It was fixed twice. eb791aa70b90 made one word of the two (v5.7), 6eedb59c18a3 made them two again (v5.12), 1e56310b40fd put
 * a sequence count around both (v6.17). The generic page table that AMD uses since 789a5913b29c (v6.19) has one word again.
 *
 * `torn` violates all three properties; what follows from a pair that does not belong together takes longer to be seen.
 *
 * Where the device table is written after root and mode (since 6eedb59c18a3), hardware is asked only while nobody holds
 * `domain->lock`: another thread may have mapped an address that the IOMMU does not reach before the device table says so.
 * eb791aa70b90 did it the other way round, for that reason, and needs no such exception. We found that here, in the model.
 *
 * Simplification: a table has two entries, and the table begins with two levels, not three.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { deviceTableEntry } from '../hardware/amd/device-table-entry.ts';
import { tablePage, translation } from '../hardware/amd/table-page.ts';
import { amdIoPgtable } from '../kernel/amd/io-pgtable.ts';
import { v1Ops } from '../kernel/amd/v1-ops.ts';
import { v1Ops6eedb59c18a3 } from '../kernel/amd/v1-ops-6eedb59c18a3.ts';
import { v1OpsEb791aa70b90 } from '../kernel/amd/v1-ops-eb791aa70b90.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { seqcount } from '../kernel/locking/seqcount.ts';
import { names } from '../parts/names.ts';

const TORN = 'who walks has a root and a mode that were written together';
/** One to grow, and as many as there are below a root of three levels. */
const SPARES = 4;
const operations = { fixed: v1Ops, 'one-word': v1OpsEb791aa70b90, torn: v1Ops6eedb59c18a3 };

export const growingPageTable = defineScenario({
  name: 'growing-page-table',
  title: 'A page table gets a level while another thread reads its root and its number of levels',
  sources: ['B-66', '1e56310b40fd', '6eedb59c18a3', 'eb791aa70b90', 'drivers/iommu/amd/io_pgtable.c fetch_pte()'],
  group: 'io-pgtable',
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
      expected: { verdict: 'violated', property: TORN, length: 8 },
    },
  },
  build({ threads }, variant) {
    const threadNames = names('thread', threads);
    // Each thread has an address that two levels do not reach, the first one also one that they do.
    const addresses: Readonly<Record<string, readonly number[]>>[] = threadNames.map((_, index) => ({
      ...(index === 0 && { low: [0, 1, 0] }),
      [`high${index}`]: [index % 2, Math.floor(index / 2), 1],
    }));
    const pages = threadNames.flatMap((name, index) =>
      Object.entries(addresses[index]!).map(([page, address]) => ({ name, page, address })),
    );
    const tables = names('table', threads * SPARES);
    const deviceTableLast = variant !== 'one-word';
    const first = { root: 'root', mode: 2 };

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('thread', threads, (index) =>
          actor(operations[variant], {
            input: {
              name: `thread${index}`,
              pgtable: 'pgtable',
              seqcount: 'seqcount',
              lock: 'domainLock',
              deviceTableEntry: 'dte',
              addresses: addresses[index]!,
              spares: tables.slice(index * SPARES, (index + 1) * SPARES),
            },
            choices: [
              { type: 'RUN' },
              ...Object.keys(addresses[index]!).flatMap((page) => [
                { type: 'MAP' as const, page },
                { type: 'UNMAP' as const, page },
              ]),
            ],
            rest: ['idle'],
          }),
        ),
        family('table', tables.length, () => actor(tablePage, { input: { entries: [null, null] } })),
        {
          root: actor(tablePage, { input: { entries: [null, null] } }),
          pgtable: actor(amdIoPgtable, { input: first }),
          dte: actor(deviceTableEntry, { input: first }),
          domainLock: actor(mutex, { rest: ['free'] }),
          seqcount: actor(seqcount),
        },
      ),
      blocking: ['ACQUIRE', 'READ_BEGIN'],
      properties: ({ always, reachable, happens }) => [
        always(TORN, (view) =>
          threadNames.every((name) => {
            const thread = view.get(name);
            return !thread.matches('walking') || (thread.context.root === 'root') === (thread.context.mode === 2);
          }),
        ),
        always('an address translates while it is mapped, and only then', (view) => {
          if (deviceTableLast && view.get('domainLock').matches('held')) return true;
          return pages.every(({ name, page, address }) => {
            const { context } = view.get(name);
            if (context.page === page) return true;
            return translation(view, 'dte', address) === (context.mapped.includes(page) ? page : null);
          });
        }),
        always('no map and no unmap fails', (view) => threadNames.every((name) => !view.get(name).matches('failed'))),
        reachable('an unmap walks a table that has grown since the map', (view) => {
          const { context } = view.get('thread0');
          return view.get('thread0').matches('walking') && !context.isMap && context.root !== 'root';
        }),
        reachable('everything is mapped', (view) =>
          pages.every(({ name, page }) => view.get(name).context.mapped.includes(page)),
        ),
        ...(deviceTableLast
          ? [
              reachable('an address is mapped that the IOMMU does not reach yet', (view) =>
                pages.some(({ name, page, address }) => {
                  return view.get(name).context.mapped.includes(page) && translation(view, 'dte', address) === null;
                }),
              ),
            ]
          : []),
        ...(variant === 'fixed' ? [happens('a walker has to read again', { type: 'CHANGED' })] : []),
      ],
    });
  },
});

/**
 * The page table of a domain of AMD's IOMMU that begins with two levels, and threads that map and unmap, each its own addresses: root and
 * mode (`pgtable`), the tables below, the device table entry that the IOMMU walks from (`dte`), `domain->lock` and a sequence count.
 *
 * Simplification: a table has two entries.
 */
import { always, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { deviceTableEntry } from '../hardware/amd/device-table-entry.ts';
import { tablePage, translation } from '../hardware/amd/table-page.ts';
import { amdIoPgtable } from '../kernel/amd/io-pgtable.ts';
import type { V1OpsInput } from '../kernel/amd/v1-ops.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { seqcount } from '../kernel/locking/seqcount.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const NOT_TORN = 'who walks has a root and a mode that were written together';

/** One to grow, and as many as there are below a root of three levels. */
const SPARES = 4;

interface AmdPageTable<O> {
  readonly threads: number;
  /** A version of map and unmap. */
  readonly operations: O;
  /** The device table is written after root and mode. */
  readonly deviceTableLast: boolean;
}

export function amdPageTable<O extends Version<V1OpsInput>>({ threads, operations, deviceTableLast }: AmdPageTable<O>) {
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
  const first = { root: 'root', mode: 2 };
  const actors = combineActors(
    family('thread', threads, (index) =>
      actorOf(operations, {
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
            { type: 'MAP', page },
            { type: 'UNMAP', page },
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
  );
  return {
    actors,
    blocking: ['ACQUIRE', 'READ_BEGIN'],
    always: [
      always(NOT_TORN, (view) =>
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
    ],
    shows: [
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
    ],
  } as const satisfies Rig;
}

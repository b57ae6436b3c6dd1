/**
 * Processes that have their address spaces bound to devices (SVA), and the kernel's half of their page tables, of which a page is freed:
 * each `owner0` has its `mm0`, and the IOMMU has for it what is in `cache0`. All lead to one `entry` and one `page`, which `unmap` frees.
 *
 *   cache0 -READ_ENTRY-> entry, -WALK-> page
 *   unmap -CLEAR-> entry ; -READ_LIST-> list, -INVALIDATE_SECONDARY_TLBS-> mm0 -INVALIDATE-> cache0 ; -FREE-> page
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { pagingStructureCache } from '../hardware/vtd/paging-structure-cache.ts';
import { svaMmData } from '../kernel/iommu-sva/mm-data.ts';
import { svaMmList } from '../kernel/iommu-sva/mm-list.ts';
import type { SvaOwnerInput } from '../kernel/iommu-sva/owner.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import type { FreeKernelTableInput } from '../kernel/mm/free-kernel-table.ts';
import { kernelTableEntry, kernelTablePage } from '../kernel/mm/kernel-table.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;

export const TABLE_LIFETIME = 'no IOMMU walks a page-table page that was freed';
export const MM_DATA_LIFETIME = 'no struct iommu_mm_data is used after it was freed';

interface SharedKernelTable<O, U> {
  readonly processes: number;
  /** A version of the process, and one of who frees the page. */
  readonly owner: O;
  readonly unmap: U;
}

export function sharedKernelTable<O extends Version<SvaOwnerInput>, U extends Version<FreeKernelTableInput>>({
  processes,
  owner,
  unmap,
}: SharedKernelTable<O, U>) {
  const actors = combineActors(
    {
      entry: actor(kernelTableEntry),
      page: actor(kernelTablePage),
      lock: actor(mutex),
      list: actor(svaMmList),
      unmap: actorOf(unmap, {
        input: { name: 'unmap', entry: 'entry', page: 'page', lock: 'lock', list: 'list' },
        choices: [{ type: 'UNMAP' }, RUN],
        rest: ['mapped', 'freed'],
      }),
    },
    family('cache', processes, (index) =>
      actor(pagingStructureCache, {
        input: { name: `cache${index}`, entry: 'entry', page: 'page' },
        choices: [{ type: 'ACCESS' }],
        rest: () => true,
      }),
    ),
    family('mm', processes, (index) => actor(svaMmData, { input: { name: `mm${index}`, cache: `cache${index}` } })),
    family('owner', processes, (index) =>
      actorOf(owner, {
        input: { name: `owner${index}`, lock: 'lock', list: 'list', mm: `mm${index}`, cache: `cache${index}` },
        choices: [{ type: 'BIND' }, { type: 'UNBIND' }, { type: 'EXIT' }, RUN],
        rest: ['unbound', 'bound', 'over'],
      }),
    ),
  );
  return {
    actors,
    blocking: ['ACQUIRE'],
    always: [
      noUseAfterFree(TABLE_LIFETIME, { objects: ['page'], free: 'FREE', allocated: ['page'] }),
      noUseAfterFree(MM_DATA_LIFETIME, {
        objects: names('mm', processes),
        free: 'FREE',
        allocated: names('mm', processes),
      }),
    ],
    shows: [
      happens('an IOMMU walks the page', { type: 'WALK' }),
      happens('the page is freed', { to: 'page', type: 'FREE' }),
      happens('an mm is freed by its domain', { to: 'mm0', type: 'FREE' }),
      reachable('an entry is cached when it is cleared', (view) => {
        return Boolean(view.get('cache0').context.isCached) && view.get('entry').matches('cleared');
      }),
    ],
    things: { processes: { count: processes, prefixes: ['owner', 'mm', 'cache'] } },
  } as const satisfies Rig;
}

/**
 * A user with some containers of VFIO type1 without I/O page faults, `container0`, …, which share the account of locked memory: each has one
 * device, `dev0`, …, and a range of one page, `page0`, … All are behind one SMMU. The pages are of another rig, as `host-memory.ts`.
 */
import { always, happens } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { plainStream } from '../hardware/smmu/plain-stream.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { noNotifier } from '../kernel/mm/no-notifier.ts';
import type { LockedVmInput } from '../kernel/vfio-type1/locked-vm.ts';
import type { StaticMapInput } from '../kernel/vfio-type1/static-map.ts';
import { names, pairs } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface VfioStatic<T, A> {
  readonly containers: number;
  /** In pages. */
  readonly limit: number;
  /** Versions of the ioctls, and of the account. */
  readonly thread: T;
  readonly account: A;
}

export const MAPPED_WITHIN_LIMIT = 'no more pages are mapped than may be locked';
export const CHARGED_AS_MAPPED = 'what is charged is what is mapped, while no ioctl is at work';

export function vfioStatic<T extends Version<StaticMapInput>, A extends Version<LockedVmInput>>({
  containers,
  limit,
  thread,
  account,
}: VfioStatic<T, A>) {
  const pages = names('page', containers);
  const threads = names('container', containers);
  const actors = combineActors(
    family('container', containers, (index) =>
      actorOf(thread, {
        input: {
          name: `container${index}`,
          page: `page${index}`,
          entry: `iopte${index}`,
          account: 'account',
          commandQueue: 'cmdq',
        },
        choices: [{ type: 'MAP_DMA' }, { type: 'UNMAP_DMA' }, { type: 'RUN' }],
        rest: ['unmapped', 'mapped'],
      }),
    ),
    family('dev', containers, (index) =>
      actor(plainStream, {
        input: { name: `dev${index}`, page: `page${index}`, iommu: `tlb${index}` },
        choices: [{ type: 'DMA' }],
        rest: () => true,
      }),
    ),
    family('iopte', containers, () => actor(iommuPageTableEntry)),
    family('tlb', containers, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
    {
      account: actorOf(account, {
        input: { limit },
        choices: account.events.includes('RUN') ? [{ type: 'RUN' }] : [],
        rest: ({ context }) => context.deferred.length === 0,
      }),
      cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: pairs(pages, names('tlb', containers)) } }),
      notifier: actor(noNotifier),
    },
  );
  return {
    actors,
    expects: pages,
    channels: { commands: { to: ['cmdq'], types: ['TLBI', 'SYNC'], order: 'fifo', capacity: 2 * containers } },
    blocking: ['GUP', 'SYNC'],
    always: [
      always(
        MAPPED_WITHIN_LIMIT,
        (view) => names('iopte', containers).filter((entry) => view.get(entry).matches('valid')).length <= limit,
      ),
      always(CHARGED_AS_MAPPED, (view) => {
        const values = threads.map((thread) => view.get(thread).value);
        if (!values.every((value) => value === 'mapped' || value === 'unmapped')) return true;
        const { locked, deferred } = view.get('account').context as { locked: number; deferred: readonly number[] };
        const charged = deferred.reduce((sum, pages) => sum + pages, locked);
        return charged === values.filter((value) => value === 'mapped').length;
      }),
    ],
    shows: [
      happens('a device uses memory', { type: 'ACCESS' }),
      happens('a range is unmapped', { type: 'UNCHARGE_PAGE' }),
      ...when(limit < containers, happens('the limit is reached', { type: 'OVER_LIMIT' })),
    ],
  } as const satisfies Rig;
}

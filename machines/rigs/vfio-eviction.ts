/**
 * A container of VFIO type1 whose faults pin what they map (IOPF series, v1), with a limit on locked memory and a thread that evicts: its
 * lock, the bitmap and the IOMMU page table of one dma, the IOTLB, the fault handler, the list of what is mapped. Nobody has an MMU
 * notifier: what is mapped is pinned.
 */
import { always, happens, type Property, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { noSubscribers } from '../kernel/mm/no-subscribers.ts';
import type { EvictorInput } from '../kernel/vfio-type1/evictor.ts';
import type { VfioIopfInput } from '../kernel/vfio-type1/iopf-v3.ts';
import { mappedBit } from '../kernel/vfio-type1/mapped-bit.ts';
import { mappedList } from '../kernel/vfio-type1/mapped-list.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const WITHIN_LIMIT = 'no more pages are pinned than may be locked';

interface VfioEviction<H, E> {
  readonly pages: number;
  /** How many of them may be locked. */
  readonly limit: number;
  /** A version of the fault handler, and one of the thread that evicts. */
  readonly handler: H;
  readonly evictor: E;
}

export function vfioEviction<H extends Version<VfioIopfInput>, E extends Version<EvictorInput>>({
  pages,
  limit,
  handler,
  evictor,
}: VfioEviction<H, E>) {
  const pageNames = names('page', pages);
  const shared = {
    lock: 'containerLock',
    account: 'account',
    mapped: pairs(pageNames, names('mapped', pages)),
    entries: pairs(pageNames, names('iopte', pages)),
  };
  const actors = combineActors(
    {
      handler: actorOf(handler, { input: { ...shared, name: 'handler' }, choices: [{ type: 'RUN' }], rest: ['idle'] }),
      evictor: actorOf(evictor, {
        input: { ...shared, name: 'evictor', commandQueue: 'cmdq' },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
      account: actor(mappedList, { input: { limit } }),
      containerLock: actor(mutex, { rest: ['free'] }),
      notifier: actor(noSubscribers),
    },
    family('mapped', pages, () => actor(mappedBit)),
    family('iopte', pages, () => actor(iommuPageTableEntry)),
    family('tlb', pages, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
  );
  return {
    actors,
    expects: ['cmdq', ...pageNames, ...names('frame', pages)],
    blocking: ['ACQUIRE', 'TAKE_OLDEST', 'AWAIT_ROOM'],
    always: [
      always(WITHIN_LIMIT, (view) => {
        const pins = names('frame', pages).map((frame) => view.get(frame).context.references as number);
        return pins.reduce((sum, count) => sum + count, 0) <= limit;
      }),
    ],
    shows: [
      happens('a page is evicted', { type: 'UNCHARGE' }),
      reachable('a page is evicted while a fault on it waits to be handled', (view) => {
        const { page } = view.get('evictor').context;
        return page !== null && view.get('handler').matches('locking') && view.get('handler').context.page === page;
      }),
    ],
    things: { pages: { count: pages, prefixes: ['iopte', 'tlb', 'mapped'] } },
  } as const satisfies Rig;
}

/** Where the handler waits for room. */
export const aFaultWaitsForRoom: Property = reachable('a fault waits until a page is evicted', (view) =>
  view.get('handler').matches('waitingForRoom'),
);

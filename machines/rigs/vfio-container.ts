/**
 * A container of VFIO type1 with I/O page faults: its lock, the bitmap and the IOMMU page table of one dma, the fault handler, and the
 * MMU notifier.
 */
import { type Actor, actor, combineActors, family } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import type { blockEntry } from '../kernel/io-pgtable/block-entry.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { invalidateSequence } from '../kernel/mm/invalidate-sequence.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { reclaimStartEnd } from '../kernel/mm/reclaim-start-end.ts';
import type { VfioIopfInput } from '../kernel/vfio-type1/iopf-v3.ts';
import { mappedBit } from '../kernel/vfio-type1/mapped-bit.ts';
import { type VfioMmuNotifierInput, vfioMmuNotifier } from '../kernel/vfio-type1/mmu-notifier.ts';
import { vfioMmuNotifierStartEnd } from '../kernel/vfio-type1/mmu-notifier-start-end.ts';
import { bitmapFollowsPageTable, tlbFollowsPageTable } from '../monitors/stale-translation.ts';
import { names, pairs } from '../parts/names.ts';
import { inThread, type Rig } from './assemble.ts';

interface VfioContainer {
  readonly pages: number;
  /** A version of the fault handler, as by `inThread`. */
  readonly handler: (input: VfioIopfInput) => Actor;
  /** A version of the MMU notifier. */
  readonly notifier: (input: VfioMmuNotifierInput) => Actor;
  /** The page table entry of each page; left out, one that is mapped by itself. */
  readonly entry?: Actor<typeof iommuPageTableEntry | typeof blockEntry>;
}

/** As posted (v3): one callback, after the CPU's entry was cleared. */
export const oneCallback = { notifier: inThread(vfioMmuNotifier), kswapd: reclaim };

/** Where the callbacks count an invalidation, and the fault handler looks whether there was one. */
export const sequence = { sequence: 'sequence' };

/** As in KVM: callbacks on both sides, which count. */
export const bothSides = { notifier: inThread(vfioMmuNotifierStartEnd, sequence), kswapd: reclaimStartEnd };

export const countedInvalidations = { actors: { sequence: actor(invalidateSequence) } } as const satisfies Rig;

/** What translates each page. */
export function tlbsOf(pages: number): Readonly<Record<string, string>> {
  return pairs(names('page', pages), names('tlb', pages));
}

export function vfioContainer({ pages, handler, notifier, entry = actor(iommuPageTableEntry) }: VfioContainer) {
  const pageNames = names('page', pages);
  const mapped = pairs(pageNames, names('mapped', pages));
  const entries = pairs(pageNames, names('iopte', pages));
  const shared = { lock: 'containerLock', mapped, entries };
  const actors = combineActors(
    {
      handler: handler({ ...shared, name: 'handler' }),
      notifier: notifier({ ...shared, name: 'notifier', commandQueue: 'cmdq' }),
      containerLock: actor(mutex, { rest: ['free'] }),
    },
    family('mapped', pages, () => actor(mappedBit)),
    family('iopte', pages, () => entry),
    family('tlb', pages, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
  );
  return {
    actors,
    expects: ['cmdq', ...pageNames],
    blocking: ['ACQUIRE'],
    always: tlbFollowsPageTable(
      pageNames.map((page, index) => ({ tlb: `tlb${index}`, entry: entries[page]! })),
      'containerLock',
    ),
    things: { pages: { count: pages, prefixes: ['iopte', 'tlb', 'mapped'] } },
  } as const satisfies Rig;
}

/** What the bits of a container say is true, where a version keeps them so. */
export function bitsTellTheTruth(pages: number) {
  return bitmapFollowsPageTable(
    names('page', pages).map((page, index) => ({ page, mapped: `mapped${index}`, entry: `iopte${index}` })),
    'containerLock',
  );
}

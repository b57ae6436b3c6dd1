/**
 * A container of VFIO IOPF v1 and its user: a range of some pages, which is mapped and unmapped as a whole, the handler that pins a
 * page when a device faults on it, and the account of locked memory. The devices and their faults are of another rig, as
 * `stall-path.ts`, and so is the host's memory, as `host-memory.ts`, with a frame for each page, which counts its references.
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { noNotifier } from '../kernel/mm/no-notifier.ts';
import type { DynamicDmaMapInput } from '../kernel/vfio-type1/dynamic-dma-map.ts';
import { lockedVm } from '../kernel/vfio-type1/locked-vm.ts';
import { mapDmaV1 } from '../kernel/vfio-type1/map-dma-v1.ts';
import { vfioDmaV1 } from '../kernel/vfio-type1/vfio-dma-v1.ts';
import { tlbFollowsPageTable } from '../monitors/stale-translation.ts';
import { names, pairs } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface VfioDemandPinning<H> {
  readonly pages: number;
  /** How many of them may be locked. */
  readonly limit: number;
  /** A version of the fault handler. */
  readonly handler: H;
}

export const PINNED_AS_MAPPED = 'what is pinned and charged is what is mapped, while nobody is at it';
export const NOTHING_OUTSIDE = 'where the user has mapped no range, nothing is mapped for devices';

export function vfioDemandPinning<H extends Version<DynamicDmaMapInput>>({
  pages,
  limit,
  handler,
}: VfioDemandPinning<H>) {
  const pageNames = names('page', pages);
  const entries = names('iopte', pages);
  const shared = { lock: 'containerLock', dma: 'dma', entries: pairs(pageNames, entries), account: 'account' };
  const actors = combineActors(
    {
      handler: actorOf(handler, {
        input: { ...shared, name: 'handler' },
        choices: [{ type: 'RUN' }, { type: 'MAP_FAILS' }],
        rest: ['idle'],
      }),
      user: actor(mapDmaV1, {
        input: { ...shared, name: 'user', commandQueue: 'cmdq' },
        choices: [{ type: 'MAP_DMA' }, { type: 'UNMAP_DMA' }, { type: 'RUN' }],
        rest: ['unmapped', 'mapped'],
      }),
      containerLock: actor(mutex, { rest: ['free'] }),
      dma: actor(vfioDmaV1, { input: { pages: pageNames } }),
      account: actor(lockedVm, { input: { limit } }),
      notifier: actor(noNotifier),
    },
    family('iopte', pages, () => actor(iommuPageTableEntry)),
    family('tlb', pages, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
  );
  return {
    actors,
    expects: ['cmdq', ...pageNames],
    blocking: ['ACQUIRE', 'SYNC'],
    always: [
      ...tlbFollowsPageTable(
        entries.map((entry, index) => ({ tlb: `tlb${index}`, entry })),
        'containerLock',
      ),
      always('no more pages are mapped than may be locked', (view) => {
        return entries.filter((entry) => view.get(entry).matches('valid')).length <= limit;
      }),
      always(NOTHING_OUTSIDE, (view) => {
        return view.get('dma').matches('linked') || entries.every((entry) => view.get(entry).matches('invalid'));
      }),
      always('what the bitmap says is mapped, while nobody is at it', (view) => {
        if (view.get('containerLock').matches('held')) return true;
        const mapped = pageNames.filter((_, index) => view.get(`iopte${index}`).matches('valid'));
        return String(mapped) === String(view.get('dma').context.mapped);
      }),
      always(PINNED_AS_MAPPED, (view) => {
        // A version may have dropped the lock between the pin and the map.
        if (view.get('containerLock').matches('held') || view.get('handler').matches('mapping')) return true;
        const mapped = entries.filter((entry) => view.get(entry).matches('valid')).length;
        const pins = names('frame', pages).map((frame) => view.get(frame).context.references as number);
        return view.get('account').context.locked === mapped && pins.reduce((sum, count) => sum + count, 0) === mapped;
      }),
    ],
    shows: [
      happens('a page that a fault has pinned is unpinned by UNMAP_DMA', { type: 'CLEAR_MAPPED' }),
      happens('a fault finds no range', { type: 'NO_DMA' }),
      ...when(limit < pages, happens('a fault is beyond the limit', { type: 'OVER_LIMIT' })),
      reachable('a fault waits for the lock while its range is unmapped', (view) => {
        return view.get('handler').matches('locking') && view.get('containerLock').context.holder === 'user';
      }),
      reachable('UNMAP_DMA waits for the lock while a fault is being handled', (view) => {
        return view.get('user').matches('locking') && view.get('handler').matches('mapping');
      }),
      reachable('a page that was mapped for a fault is unmapped again before the DMA is tried again', (view) => {
        return view.get('handler').matches('succeeded') && view.get('dma').matches('unlinked');
      }),
    ],
  } as const satisfies Rig;
}

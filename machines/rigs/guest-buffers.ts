/**
 * A guest with buffers for a device that VFIO has assigned to it, and the host below: for each page of the guest its driver `buffer0`, the page
 * as the guest's memory `memory0`, the entry of the guest's IOMMU `gpte0` and that of a coIOMMU `dtt0`, and a device that reads and writes there
 * whenever it likes, `dev0`; the host's page table, TLB and command queue, and VFIO.
 */
import { always, happens, leadsTo, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import type { DmaBufferInput } from '../guest/dma-buffer.ts';
import { dmaTrackingEntry } from '../guest/dma-tracking-entry.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { plainStream } from '../hardware/smmu/plain-stream.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { allocation } from '../kernel/mm/allocation.ts';
import { noSubscribers } from '../kernel/mm/no-subscribers.ts';
import type { PinMapInput } from '../kernel/vfio-type1/pin-map.ts';
import { names, pairs } from '../parts/names.ts';
import type { CoiommuWorkerInput } from '../vmm/coiommu-pin-worker.ts';
import { coiommuPinWorker } from '../vmm/coiommu-pin-worker.ts';
import { viommu } from '../vmm/viommu.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const MAPPED_FOR_DEVICE = 'what a driver has mapped is mapped for its device';
export const BUFFER_ENDS = 'a driver that maps or unmaps a buffer comes to an end of it';

interface GuestBuffers<B, V> {
  readonly pages: number;
  /** A version of how the guest's drivers map and unmap, and one of VFIO. */
  readonly buffer: B;
  readonly vfio: V;
}

export function guestBuffers<B extends Version<DmaBufferInput>, V extends Version<PinMapInput>>({
  pages,
  buffer,
  vfio,
}: GuestBuffers<B, V>) {
  const pageNames = names('page', pages);
  const RUN = { type: 'RUN' } as const;
  const actors = combineActors(
    family('buffer', pages, (index) =>
      actorOf(buffer, {
        input: {
          name: `buffer${index}`,
          page: `page${index}`,
          memory: `memory${index}`,
          entry: `gpte${index}`,
          viommu: 'viommu',
          vfio: 'vfio',
          tracking: `dtt${index}`,
          pinner: 'pinner',
        },
        choices: [{ type: 'USE_BUFFER' }, { type: 'RETURN_BUFFER' }, RUN],
        rest: ['free', 'mapped'],
      }),
    ),
    family('memory', pages, () => actor(allocation)),
    family('gpte', pages, () => actor(iommuPageTableEntry)),
    family('dtt', pages, () => actor(dmaTrackingEntry)),
    family('dev', pages, (index) =>
      actor(plainStream, {
        input: { name: `dev${index}`, page: `page${index}`, iommu: `tlb${index}` },
        choices: [{ type: 'DMA' }],
      }),
    ),
    family('iopte', pages, () => actor(iommuPageTableEntry)),
    family('tlb', pages, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
    {
      cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: pairs(pageNames, names('tlb', pages)) } }),
      viommu: actor(viommu, { input: { name: 'viommu', vfio: 'vfio' }, rest: ['idle'] }),
      vfio: actorOf(vfio, {
        input: { name: 'vfio', entries: pairs(pageNames, names('iopte', pages)), commandQueue: 'cmdq' },
        choices: [RUN],
        rest: ['idle'],
      }),
      pinner: actor(coiommuPinWorker, { input: coiommuInput('pinner', pages), choices: [RUN], rest: ['idle'] }),
      pinState: actor(mutex, { rest: ['free'] }),
      notifier: actor(noSubscribers),
    },
  );
  return {
    actors,
    expects: pageNames,
    channels: { commands: { to: ['cmdq'], types: ['TLBI', 'SYNC'], order: 'fifo', capacity: 2 } },
    blocking: ['INVALIDATE', 'MAP_DMA', 'UNMAP_DMA', 'PIN', 'ACQUIRE', 'SYNC'],
    always: [
      always(MAPPED_FOR_DEVICE, (view) =>
        pageNames.every((_, index) => {
          return !view.get(`buffer${index}`).matches('mapped') || view.get(`iopte${index}`).matches('valid');
        }),
      ),
      leadsTo(
        BUFFER_ENDS,
        (view) => !view.get('buffer0').matches('mapped') && !view.get('buffer0').matches('free'),
        (view) => view.get('buffer0').matches('mapped') || view.get('buffer0').matches('free'),
      ),
    ],
    shows: [happens('a DMA is done', { type: 'ACCESS' }), happens('a buffer is given back', { type: 'KFREE' })],
    things: { pages: { count: pages, prefixes: ['buffer', 'memory', 'gpte', 'dtt', 'dev', 'iopte', 'tlb'] } },
  } as const satisfies Rig;
}

/** What a thread of the coIOMMU wants to know. */
export function coiommuInput(name: string, pages: number): CoiommuWorkerInput {
  return { name, lock: 'pinState', vfio: 'vfio', tracking: pairs(names('page', pages), names('dtt', pages)) };
}

/** The device still has its way to a page that is not a buffer any more. */
export const stillReached = reachable('a device still has its way to a page that the guest has given back', (view) => {
  return view.get('memory0').matches('free') && view.get('iopte0').matches('valid');
});

/**
 * D-19, asked in the thread of VFIO's IOPF series v1: how do I/O page faults compare with a vIOMMU that maps and unmaps each buffer, and with a
 * coIOMMU? The answer here is one of order, not of speed: when a driver in the guest has given a buffer back, can its device still reach
 * the page, and when the host has taken the frame, the frame?
 *
 * - A vIOMMU, strict: neither (`fixed`). It is right as far as the host unpins after its own CMD_SYNC (`unpins-first`).
 * - A vIOMMU, deferred: the page, until the flush queue is emptied (`deferred`); not the frame, which stays pinned till then (`deferred-host`).
 * - No vIOMMU, all memory pinned: the page, always (`static`); never a frame (`static-host`).
 * - A coIOMMU: the page, until the host unpins it (`coiommu`); not the frame (`coiommu-host`), and what is mapped stays pinned because the flag
 *   is cleared by a compare-exchange; looked at first and cleared later, a mapped buffer loses its mapping (`checks-first`). What the guest asks for it waits for,
 *   so the host has to give its lock back wherever it returns (`returns-locked`).
 *
 * With I/O page faults and no vIOMMU it is as with `static`: every page of the guest is the device's (`racing-unmap` has the frames).
 *
 * Simplifications: the device is not trusted, so it accesses at any time; the host takes frames back by reclaim, which stands for a
 * balloon as well; what is no part of a variant is there and idle.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { dmaBuffer } from '../guest/dma-buffer.ts';
import { dmaBufferCoiommu } from '../guest/dma-buffer-coiommu.ts';
import { dmaBufferDeferred } from '../guest/dma-buffer-deferred.ts';
import { dmaBufferDirect } from '../guest/dma-buffer-direct.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { pinMap } from '../kernel/vfio-type1/pin-map.ts';
import { pinMapUnpinsFirst } from '../kernel/vfio-type1/pin-map-unpins-first.ts';
import { NO_DMA_TO_GIVEN_BACK_PAGE, noDmaToGivenBackPage } from '../monitors/given-back.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { names, pairs } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { BUFFER_ENDS, coiommuInput, guestBuffers, MAPPED_FOR_DEVICE, stillReached } from '../rigs/guest-buffers.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';
import { coiommuUnpinWorker } from '../vmm/coiommu-unpin-worker.ts';
import { coiommuUnpinWorkerChecksFirst } from '../vmm/coiommu-unpin-worker-checks-first.ts';
import { coiommuUnpinWorkerReturnsLocked } from '../vmm/coiommu-unpin-worker-returns-locked.ts';

const exchanges = { vfio: pinMap, unpinner: coiommuUnpinWorker };
const versions = {
  fixed: { ...exchanges, buffer: dmaBuffer, asks: true },
  'unpins-first': { ...exchanges, buffer: dmaBuffer, vfio: pinMapUnpinsFirst, asks: true },
  deferred: { ...exchanges, buffer: dmaBufferDeferred, asks: true },
  'deferred-host': { ...exchanges, buffer: dmaBufferDeferred, asks: false },
  static: { ...exchanges, buffer: dmaBufferDirect, asks: true },
  'static-host': { ...exchanges, buffer: dmaBufferDirect, asks: false },
  coiommu: { ...exchanges, buffer: dmaBufferCoiommu, asks: true },
  'coiommu-host': { ...exchanges, buffer: dmaBufferCoiommu, asks: false },
  'checks-first': { vfio: pinMap, unpinner: coiommuUnpinWorkerChecksFirst, buffer: dmaBufferCoiommu, asks: false },
  'returns-locked': {
    vfio: pinMap,
    unpinner: coiommuUnpinWorkerReturnsLocked,
    buffer: dmaBufferCoiommu,
    asks: false,
  },
};

export const givenBackBuffer = defineScenario({
  name: 'given-back-buffer',
  title: 'A guest gives a buffer back, and its device still has the address',
  sources: [
    'D-19',
    'seed:002',
    'drivers/iommu/dma-iommu.c fq_flush_iotlb()',
    'drivers/vfio/vfio_iommu_type1.c vfio_unmap_unpin()',
    'crosvm devices/src/pci/coiommu.rs unpin_page()',
  ],
  group: 'iopf',
  systems: ['viommu'],
  parameters: z.object({ pages: howMany('pages of the guest, each a buffer now and then', { max: 3, default: 1 }) }),
  variants: {
    fixed: {
      title: 'vIOMMU, strict: the guest waits until the host has unmapped, and then gives the buffer back',
      expected: { verdict: 'holds', counts: [56, 163] },
    },
    'unpins-first': {
      title: 'the same, and the host unpins the page before its CMD_SYNC',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 11 },
    },
    deferred: {
      title: 'vIOMMU, deferred: the buffer goes before the invalidation',
      expected: { verdict: 'violated', property: NO_DMA_TO_GIVEN_BACK_PAGE, length: 7 },
    },
    'deferred-host': {
      title: 'vIOMMU, deferred, asked for the frames of the host alone',
      expected: { verdict: 'holds', counts: [67, 197] },
    },
    static: {
      title: 'no vIOMMU, all memory pinned',
      expected: { verdict: 'violated', property: NO_DMA_TO_GIVEN_BACK_PAGE, length: 4 },
    },
    'static-host': {
      title: 'no vIOMMU, all memory pinned, asked for the frames of the host alone',
      expected: { verdict: 'holds', counts: [30, 88] },
    },
    coiommu: {
      title: 'coIOMMU: the host unpins what the guest has not mapped, later',
      expected: { verdict: 'violated', property: NO_DMA_TO_GIVEN_BACK_PAGE, length: 11 },
    },
    'coiommu-host': {
      title: 'coIOMMU, asked for the frames of the host alone',
      expected: { verdict: 'holds', counts: [264, 984] },
    },
    'checks-first': {
      title: 'coIOMMU whose host looks whether a page is mapped, and clears the flag when it has unpinned it',
      expected: { verdict: 'violated', property: MAPPED_FOR_DEVICE, length: 15 },
    },
    'returns-locked': {
      title: 'coIOMMU whose host keeps its lock where a page is not to be unpinned',
      expected: { verdict: 'violated', property: BUFFER_ENDS },
    },
  },
  build({ pages }, variant) {
    const { buffer, vfio, unpinner, asks } = versions[variant];
    const pageNames = names('page', pages);
    const tracks = buffer === dmaBufferCoiommu;
    const buffers = guestBuffers({ pages, buffer, vfio });
    const rig = assemble(
      buffers,
      {
        actors: {
          unpinner: actorOf(unpinner, {
            input: coiommuInput('unpinner', pages),
            choices: tracks ? [...pageNames.map((page) => ({ type: 'UNPIN', page })), { type: 'RUN' }] : [],
            rest: ['idle'],
          }),
        },
      },
      hostMemory({ pages, frames: pages, kswapd: reclaim }),
    );
    return defineSystem({
      ...rig.parts,
      // The VMM's big lock and its mutexes are handed to who waits for them.
      fairness: Object.fromEntries(
        [...names('buffer', pages), 'pinner'].map((name) => [name, { RUN: 'strong' as const }]),
      ),
      properties: ({ happens }) => [
        ...rig.always,
        ...when(asks, noDmaToGivenBackPage(pairs(names('memory', pages), pageNames))),
        ...(buffer === dmaBufferDirect
          ? [...buffers.shows, happens('a frame that the host wants is pinned', { type: 'KEPT' })]
          : rig.shows),
        ...when(!asks, stillReached),
        ...when(tracks, happens('a page is unpinned while it is no buffer', { type: 'UNMAP_DMA' })),
      ],
    });
  },
});

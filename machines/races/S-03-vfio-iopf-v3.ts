/**
 * The ioctls of a container with I/O page faults (VFIO IOPF series v3) while faults are in flight: MAP_DMA, UNMAP_DMA, and ENABLE_IOPF after a MAP_DMA.
 *
 * v3 holds the container's lock over GUP, and so does the ioctl: a fault that comes later finds no dma, and is answered Invalid (`lock-over-gup`). But
 * that lock cannot be held over GUP (B-58, B-73). Where the handler drops it and checks the sequence of the MMU notifier, as is right against reclaim
 * (`racing-unmap`), UNMAP_DMA comes in between: it moves no sequence, the dma is freed, and the handler maps a page that the user has unmapped
 * (`keeps-dma`). It has to look the dma up again (`fixed`).
 *
 * To enable faults when there are mappings already was allowed, and not handled: their pages stay pinned, and mapped for the device after UNMAP_DMA
 * (`late-enable`; asked in the review of v3, Williamson, May 2021). The review proposed to unpin them and to leave them to the MMU notifier. Left mapped,
 * that is a race of its own: reclaim that has called the notifier already, when there was no bit to find, frees the frame once the pin is gone
 * (`late-enable-converts`). Unmapped, they are like any other page (`late-enable-unmaps`).
 *
 * Simplifications: one range of one page; the device is not stopped for an ioctl, and a fault that meets none of its ranges is aborted, as it should be.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reclaimStartEnd } from '../kernel/mm/reclaim-start-end.ts';
import { vfioIoctlsLateEnable } from '../kernel/vfio-type1/ioctls-late-enable.ts';
import { vfioIoctlsConverts } from '../kernel/vfio-type1/ioctls-late-enable-converts.ts';
import { vfioIoctlsUnmaps } from '../kernel/vfio-type1/ioctls-late-enable-unmaps.ts';
import { vfioIoctlsV3 } from '../kernel/vfio-type1/ioctls-v3.ts';
import { vfioIopfKeepsDma } from '../kernel/vfio-type1/iopf-sequence-keeps-dma.ts';
import { vfioIopfLooksDmaUp } from '../kernel/vfio-type1/iopf-sequence-looks-dma-up.ts';
import { vfioIopfDmaGone } from '../kernel/vfio-type1/iopf-v3-dma-gone.ts';
import { NO_DMA_TO_FREED_FRAME, noTranslationAfterUnmap } from '../monitors/stale-translation.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { countedInvalidations } from '../rigs/vfio-container.ts';
import { DMA_LIFETIME, vfioIoctls } from '../rigs/vfio-ioctls.ts';

const UNMAPPED = noTranslationAfterUnmap('page0', 'user', ['iopte0', 'tlb0'], []);

const versions = {
  fixed: { handler: vfioIopfLooksDmaUp, ioctls: vfioIoctlsV3 },
  'keeps-dma': { handler: vfioIopfKeepsDma, ioctls: vfioIoctlsV3 },
  'lock-over-gup': { handler: vfioIopfDmaGone, ioctls: vfioIoctlsV3 },
  'late-enable': { handler: vfioIopfLooksDmaUp, ioctls: vfioIoctlsLateEnable },
  'late-enable-converts': { handler: vfioIopfLooksDmaUp, ioctls: vfioIoctlsConverts },
  'late-enable-unmaps': { handler: vfioIopfLooksDmaUp, ioctls: vfioIoctlsUnmaps },
};

export const ioctlsInFlight = defineScenario({
  name: 'ioctls-in-flight',
  title: 'A user maps, unmaps and enables while faults are in flight',
  sources: [
    'seed:001',
    'VFIO IOPF v3 vfio_iommu_type1_enable_iopf(), vfio_dma_do_unmap(), vfio_dma_clean_iopf()',
    'Williamson, review of v3 5/8, 2021-05-24',
  ],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 3, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'drops the lock over GUP, checks the sequence and looks the dma up again',
      expected: { verdict: 'holds', counts: [1_923, 6_421] },
    },
    'keeps-dma': {
      title: 'drops the lock over GUP, and checks the sequence of the MMU notifier only',
      expected: { verdict: 'violated', property: DMA_LIFETIME, length: 9 },
    },
    'lock-over-gup': {
      title: 'holds the lock over GUP (v3); nobody reclaims',
      expected: { verdict: 'holds', counts: [435, 1_093] },
    },
    'late-enable': {
      title: 'enables faults when a range is mapped, and takes no notice of it (v3)',
      expected: { verdict: 'violated', property: UNMAPPED.name, length: 4 },
    },
    'late-enable-converts': {
      title: 'enables faults when a range is mapped, sets its bits and unpins it (as the review proposed)',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 8 },
    },
    'late-enable-unmaps': {
      title: 'enables faults when a range is mapped, unmaps it and unpins it',
      expected: { verdict: 'holds', counts: [2_804, 9_138] },
    },
  },
  build({ devices }, variant) {
    const { handler, ioctls } = versions[variant];
    const reclaims = variant !== 'lock-over-gup';
    const rig = assemble(
      { actors: { guest: startsDma(names('dev', devices), ['page0']) } },
      // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
      stallPath({ devices, entries: devices, tlbs: { page0: 'tlb0' }, commands: 4 }),
      vfioIoctls({ handler, ioctls, enables: ioctls !== vfioIoctlsV3 }),
      hostMemory({ pages: 1, frames: 1, kswapd: reclaimStartEnd, idle: !reclaims }),
      countedInvalidations,
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        ...rig.always,
        UNMAPPED,
        ...rig.shows.filter(({ name }) => reclaims || name !== 'a frame is reclaimed'),
        happens('a range is unmapped', { type: 'UNLINK' }),
        happens('a fault finds no range', { to: 'handler', type: 'NO_DMA' }),
        reachable('a range is unmapped while a fault on it is being handled', (view) => {
          return view.get('user').matches('locking') && !view.get('handler').matches('idle');
        }),
        ...when(reclaims, happens('a page is unmapped by the notifier', { type: 'INVALIDATE_RANGE_START' })),
      ],
    });
  },
});

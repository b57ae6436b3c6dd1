/**
 * B-16: a page is taken away from devices that cache translations (ATS). The ATC of a device is filled from the SMMU's TLB, so the TLB has
 * to be clean before the ATC is invalidated, and the frame may be freed only when the device has said that its invalidation, and every DMA
 * that used the old translation, is done. The order was the other way round until 353e3cf8590c (v5.4).
 *
 * Simplification: which devices are attached, and have ATS on, does not change.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { unmapThread } from '../kernel/arm-smmu-v3/unmap.ts';
import { unmapThreadV53 } from '../kernel/arm-smmu-v3/unmap-v5.3.ts';
import { unmapThreadWithoutSync } from '../kernel/arm-smmu-v3/unmap-without-sync.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { atsInvalidation, atsInvalidations, noTranslationsAfterUnmap } from '../rigs/ats-invalidation.ts';
import { framesParameter } from '../rigs/parameters.ts';

const unmapThreads = { fixed: unmapThread, 'atc-first': unmapThreadV53, 'no-sync': unmapThreadWithoutSync };

export const atcBeforeTlb = defineScenario({
  name: 'atc-before-tlb',
  title: 'A page is unmapped for devices that cache its translation, and its frame is freed',
  sources: ['B-16', '353e3cf8590c', 'SMMUv3 3.9.1', 'SMMUv3 4.5.1', 'SMMUv3 4.7.3', 'PCIe 10.3'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({
    devices: z.number().int().min(1).max(4).default(2).describe('PCIe functions with ATS'),
    pages: z.number().int().min(1).max(16).default(2).describe('pages that they share'),
    frames: framesParameter,
    postedWrites: z.number().int().min(1).max(4).default(2).describe('writes of a device that can be under way'),
  }),
  variants: {
    fixed: {
      title: 'clear the entry, TLBI, SYNC, ATC_INV, SYNC, free the frame',
      expected: { verdict: 'holds', counts: [1_328_632, 8_044_976], reduced: [664_341, 4_022_638] },
    },
    'atc-first': {
      title: 'invalidates the ATC before the TLB, from which the device can fill it again',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 18 },
    },
    'no-sync': {
      title: 'frees the frame when the SMMU has consumed ATC_INV, without a CMD_SYNC after it',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 12 },
    },
  },
  stress: atsInvalidations,
  build({ devices, pages, frames, postedWrites }, variant) {
    const unmap = unmapThreads[variant];
    const rig = assemble(atsInvalidation({ devices, pages, frames: frames || pages, postedWrites, unmap }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.pages),
      population: rig.things.pages,
      properties: () => [
        ...rig.always,
        // Elsewhere it would report the cause, a stale ATC, ahead of the DMA that goes through it.
        ...(variant === 'fixed' ? noTranslationsAfterUnmap(devices, pages) : []),
        ...rig.shows,
      ],
    });
  },
});

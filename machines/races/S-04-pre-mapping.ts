/**
 * System 4: pre-mapping in VFIO's IOPF series (v3 patch 4). A fault maps the pages after it as well, up to PREMAP_LEN; it stops at
 * the end of the range that the user has mapped for the device, and at a page that is mapped already.
 *
 * Both stops are needed. Behind the end lies memory that the user did not give to the device. A second map of a page would be -EEXIST
 * with a warning; the page table entry here takes none, so that a handler that maps twice is an error of the model. A neighbour for
 * which there is no frame does not spoil the fault (it does in `spoiled`, for which there is one frame).
 *
 * Simplifications: no CPU touches pages, so the deadlock of B-73 is not seen; each page is mapped by a call of its own.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { vfioIopfPremap } from '../kernel/vfio-type1/iopf-premap.ts';
import { vfioIopfPremapPastEnd } from '../kernel/vfio-type1/iopf-premap-past-end.ts';
import { vfioIopfPremapSpoiled } from '../kernel/vfio-type1/iopf-premap-spoiled.ts';
import { vfioIopfPremapWindow } from '../kernel/vfio-type1/iopf-premap-window.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { bitsTellTheTruth, oneCallback, tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';

const handlers = {
  fixed: vfioIopfPremap,
  window: vfioIopfPremapWindow,
  'past-the-end': vfioIopfPremapPastEnd,
  spoiled: vfioIopfPremapSpoiled,
};

const REFUSED = 'a fault is refused only where there is no frame for its own page';
const NOTHING_BEYOND = 'nothing behind the end of the range is mapped';

export const preMapping = defineScenario({
  name: 'pre-mapping',
  title: 'A fault maps the pages after it as well',
  sources: ['D-06', 'seed:001', 'VFIO IOPF v3 4/8 vfio_iommu_type1_dma_map_iopf()'],
  group: 'iopf',
  systems: ['vfio-premap'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 2, default: 1 }),
    pages: howMany('pages of the range; one more lies behind it', { min: 2, max: 4, default: 2 }),
    premap: howMany('PREMAP_LEN: pages that a fault maps at most', { max: 4, default: 2 }),
    frames: z
      .number()
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe('frames of memory; 0 for as many as pages, and for one with spoiled'),
  }),
  variants: {
    fixed: {
      title: 'forward from the page that faulted, to a page that is mapped, or the end of the range (v3)',
      expected: { verdict: 'holds', counts: [726, 1388] },
    },
    window: {
      title: 'the aligned window in which the page lies, without what is mapped already',
      expected: { verdict: 'holds', counts: [900, 1736] },
    },
    'past-the-end': {
      title: 'as fixed, and goes on behind the end of the range',
      expected: { verdict: 'violated', property: NOTHING_BEYOND, length: 8 },
    },
    spoiled: {
      title: 'as fixed, and a fault fails where there is no frame for a page after it',
      expected: { verdict: 'violated', property: REFUSED, length: 7 },
    },
  },
  build({ devices, pages, premap, frames }, variant) {
    const all = names('page', pages + 1);
    // What does not fit is a neighbour.
    const frameCount = frames || (variant === 'spoiled' ? 1 : all.length);
    const [dma, after] = [all.slice(0, pages), all.slice(pages)];
    const { kswapd, notifier } = oneCallback;
    const rig = assemble(
      stallPath({ devices, entries: devices, tlbs: tlbsOf(all.length), commands: 2 }),
      vfioContainer({
        pages: all.length,
        handler: inThread(handlers[variant], { premap: { dma, after, length: premap } }),
        notifier,
      }),
      hostMemory({ pages: all.length, frames: frameCount, kswapd }),
      { actors: { guest: startsDma(names('dev', devices), dma) } },
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ always, happens, reachable }) => [
        ...rig.always,
        always(NOTHING_BEYOND, (view) => view.get(`iopte${pages}`).matches('invalid')),
        ...bitsTellTheTruth(all.length),
        always(REFUSED, (view) => {
          const { page, request } = view.get('handler').context;
          return !view.get('handler').matches('failed') || page === request!.page;
        }),
        ...rig.shows,
        happens('a page that was mapped for devices is taken away', { type: 'CLEAR_MAPPED' }),
        // With one frame there is none for a second page.
        ...when(
          premap > 1 && frameCount !== 1,
          reachable('a fault maps more than one page', (view) => {
            const { page, request } = view.get('handler').context;
            return request !== null && page !== request.page && view.get('handler').matches('mapping');
          }),
          reachable('a page that follows is mapped already', (view) => {
            return (
              view.get('mapped1').matches('set') &&
              view.get('handler').matches('mapping') &&
              view.get('handler').context.page === 'page0'
            );
          }),
        ),
      ],
    });
  },
});

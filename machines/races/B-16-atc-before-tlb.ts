/**
 * B-16: a page is taken away from devices that cache translations (ATS). The ATC of a device is filled from the SMMU's TLB,
 * so the TLB has to be clean before the ATC is invalidated, and the frame may be freed only when the device has said that
 * its invalidation, and every DMA that used the old translation, is done. The order was the other way round until
 * 353e3cf8590c (v5.4).
 *
 * Simplification: which devices are attached, and have ATS on, does not change.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { atcEntry } from '../hardware/pcie/atc-entry.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { unmapConfig, unmapParts, unmapStates, unmapThread } from '../kernel/arm-smmu-v3/unmap.ts';
import { unmapThreadV53 } from '../kernel/arm-smmu-v3/unmap-v5.3.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { NO_DMA_TO_FREED_FRAME, noDmaToFreedFrame, noTranslationAfterUnmap } from '../monitors/stale-translation.ts';
import { alike, interchangeable, names } from '../parts/names.ts';
import { without } from '../parts/states.ts';
import { framesParameter } from '../rigs/parameters.ts';
import { messagesIn, sizeOf } from '../rigs/stress.ts';

/** Is content when CONS has moved past ATC_INV: no version. Consumed is not completed, the Invalidate Request may still be on its way. */
const unmapsWithoutSync = unmapParts.createMachine({
  id: 'unmapThreadWithoutSync',
  ...unmapConfig,
  states: {
    ...without(unmapStates, 'secondInvalidation'),
    firstDone: unmapParts.createStateConfig({
      on: { RUN: { target: 'waitingForCons', actions: 'issueAtcInv' } },
    }),
    waitingForCons: unmapParts.createStateConfig({
      on: {
        CONSUMED: [
          { guard: 'isLastConsumed', target: 'invalidated', actions: 'countConsumed' },
          { actions: 'countConsumed' },
        ],
      },
    }),
  },
});

const unmapThreads = {
  fixed: unmapThread,
  'atc-first': unmapThreadV53,
  'no-sync': unmapsWithoutSync,
};

export const atcBeforeTlb = defineScenario({
  name: 'atc-before-tlb',
  title: 'A page is unmapped for devices that cache its translation, and its frame is freed',
  sources: ['B-16', '353e3cf8590c', 'SMMUv3 3.9.1', 'SMMUv3 4.5.1', 'SMMUv3 4.7.3', 'PCIe 10.3'],
  group: 'iopf',
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
  stress: {
    unit: 'SMMU',
    devices: 'devices',
    pages: 'pages',
    parameters: { pages: 16, frames: 3 },
    pressure: ['FREE_BUFFER'],
    counters: {
      unmaps: { type: 'UNMAP_BUFFER' },
      'frames freed': { type: 'FREED' },
      'ATC invalidations': { type: 'ATC_INV' },
      'completed invalidations': { type: 'INVALIDATE_COMPLETION' },
      'translation requests': { type: 'TRANSLATION_REQUEST' },
      'translation completions': { type: 'TRANSLATION_COMPLETION' },
    },
    balances: [
      { name: 'each unmap frees its frame', left: ['unmaps'], right: ['frames freed'] },
      { name: 'each ATC invalidation ends', left: ['ATC invalidations'], right: ['completed invalidations'] },
      {
        name: 'each translation request is answered',
        left: ['translation requests'],
        right: ['translation completions'],
      },
    ],
    gauges: {
      CMDQ: messagesIn('commands'),
      'invalidations that no device has completed': (view) => view.get('cmdq').context.incomplete,
      'under way to dev0': messagesIn('dev0-down'),
      'under way from dev0': messagesIn('dev0-up'),
      'free frames': sizeOf('freeList', 'frames'),
    },
    latencies: {
      unmap: {
        actors: 'unmap',
        states: ['firstInvalidation', 'firstDone', 'secondInvalidation', 'waitingForCons', 'invalidated'],
      },
      translation: { actors: 'dev', states: ['translating', 'translatingInvalidated'] },
    },
  },
  build({ devices, pages, frames, postedWrites }, variant) {
    const deviceNames = names('dev', devices);
    const pageNames = names('page', pages);
    const frameNames = names('frame', frames || pages);
    const pageOf = (device: string, atc: string) => Number(atc.slice(`${device}-atc`.length));
    const allPages = alike(pages, 'page', 'iopte', 'tlb', 'unmap', 'atc');
    const atcsOf = (device: `dev${number}`) => names(`${device}-atc`, pages);
    const pairs = (values: readonly string[]) => Object.fromEntries(pageNames.map((page, i) => [page, values[i]!]));

    const atcs = combineActors(
      ...deviceNames.map((device) =>
        family(`${device}-atc`, pages, (i) =>
          actor(atcEntry, {
            input: { name: `${device}-atc${i}`, page: `page${i}`, iommu: `tlb${i}` },
            rest: ['empty', 'cached'],
          }),
        ),
      ),
    );
    const smmu = combineActors(
      family('tlb', pages, (i) => actor(tlb, { input: { name: `tlb${i}`, entry: `iopte${i}` } })),
      family('iopte', pages, () => actor(iommuPageTableEntry)),
      {
        cmdq: actor(commandQueue, {
          input: {
            name: 'cmdq',
            tlbs: pairs(names('tlb', pages)),
            atcs: Object.fromEntries(deviceNames.map((device) => [device, pairs(atcsOf(device))])),
          },
        }),
      },
    );
    const host = combineActors(
      family('unmap', pages, (i) =>
        actor(unmapThreads[variant], {
          input: {
            name: `unmap${i}`,
            page: `page${i}`,
            entry: `iopte${i}`,
            freeList: 'freeList',
            commandQueue: 'cmdq',
            devices: deviceNames,
          },
          choices: [{ type: 'RUN' }],
          rest: ['unmapped', 'mapped'],
        }),
      ),
      family('frame', frameNames.length, (i) => actor(frame, { input: { name: `frame${i}`, freeList: 'freeList' } })),
      { freeList: actor(freeList, { input: { frames: frameNames } }) },
    );
    const guest = {
      guest: actor(guestDriver, {
        input: { owners: pairs(names('unmap', pages)) },
        choices: pageNames.flatMap((page, i) => [
          ...deviceNames.map((device) => ({ type: 'POST_DMA' as const, device: `${device}-atc${i}`, page })),
          { type: 'REUSE_BUFFER' as const, page },
          { type: 'FREE_BUFFER' as const, page },
        ]),
        rest: () => true,
      }),
    };
    // PCIe 2.4.1: posted requests pass completions, so what comes from the SMMU can overtake; a device's writes and the
    // Invalidate Completion that follows them are posted and stay in order.
    const downstream = (device: `dev${number}`) => ({
      to: atcsOf(device),
      types: ['TRANSLATION_COMPLETION' as const, 'INVALIDATE_REQUEST' as const],
      order: 'unordered' as const,
      // A completion and an invalidation of each page with a frame; where there are more pages, a request waits for room.
      capacity: 2 * frameNames.length,
    });
    const upstream = (device: `dev${number}`) => ({
      from: atcsOf(device),
      to: [...frameNames, 'cmdq' as const],
      types: ['ACCESS' as const, 'INVALIDATE_COMPLETION' as const],
      order: 'fifo' as const,
      capacity: postedWrites,
    });

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(guest, atcs, smmu, host),
      channels: {
        commands: {
          to: ['cmdq'],
          types: ['TLBI', 'ATC_INV', 'SYNC'],
          order: 'fifo',
          // What those who unmap have in it together: a page that is being unmapped has its frame still.
          capacity: frameNames.length * (devices + 1),
        },
        ...Object.fromEntries(deviceNames.map((device) => [`${device}-down`, downstream(device)])),
        ...Object.fromEntries(deviceNames.map((device) => [`${device}-up`, upstream(device)])),
      },
      blocking: ['DMA', 'MAP_BUFFER', 'UNMAP_BUFFER', 'SYNC'],
      // Devices are not, as an unmap goes through them in their order; nor frames, of which the free list gives the first.
      symmetry: interchangeable(allPages),
      population: allPages,
      properties: ({ happens, reachable }) => [
        noDmaToFreedFrame(),
        // Elsewhere it would report the cause, a stale ATC, ahead of the DMA that goes through it.
        ...(variant === 'fixed'
          ? pageNames.map((page, i) =>
              noTranslationAfterUnmap(
                page,
                `unmap${i}`,
                [`tlb${i}`, ...deviceNames.map((device) => `${device}-atc${i}`)],
                deviceNames.map((device) => `${device}-up`),
              ),
            )
          : []),
        happens('a DMA is done', { type: 'ACCESS' }),
        happens('a frame is freed', { type: 'FREED' }),
        reachable('a device fills its ATC from the TLB after the page table entry was cleared', (view) =>
          deviceNames.some((device) =>
            view
              .channel(`${device}-down`)
              .some(
                ({ to, event }) =>
                  event.type === 'TRANSLATION_COMPLETION' &&
                  'frame' in event &&
                  event.frame !== null &&
                  view.get(`iopte${pageOf(device, to)}`).matches('invalid'),
              ),
          ),
        ),
        reachable('an invalidation crosses a translation', (view) =>
          deviceNames.some((device) =>
            view
              .channel(`${device}-down`)
              .some(
                ({ to, event }) =>
                  event.type === 'TRANSLATION_COMPLETION' &&
                  view.get(`${device}-atc${pageOf(device, to)}`).matches('translatingInvalidated'),
              ),
          ),
        ),
        ...(postedWrites > 1
          ? [
              reachable('an invalidation is completed while a DMA with the old translation is under way', (view) =>
                deviceNames.some((device) => {
                  const [first, ...later] = view.channel(`${device}-up`).map(({ event }) => event);
                  return later.some(
                    (event) =>
                      first?.type === 'ACCESS' &&
                      event.type === 'INVALIDATE_COMPLETION' &&
                      (first as { page?: string }).page === (event as { page?: string }).page,
                  );
                }),
              ),
            ]
          : []),
        reachable('a CMD_SYNC waits for a device', (view) => {
          const [next] = view.channel('commands');
          return next?.event.type === 'SYNC' && view.get('cmdq').context.incomplete > 0;
        }),
      ],
    });
  },
});

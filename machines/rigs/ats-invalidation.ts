/**
 * Memory that is mapped for devices which cache its translations (ATS), and taken away from them again: the ATCs of the devices, the TLBs
 * and the command queue of an SMMUv3, the page table entries, frames, and a thread for each page that maps and unmaps it when the guest
 * says so.
 *
 *   dev0-atc0 -TRANSLATION_REQUEST-> tlb0;   tlb0, cmdq -TRANSLATION_COMPLETION, INVALIDATE_REQUEST-> dev0-atc0, in any order
 *   dev0-atc0 -ACCESS, INVALIDATE_COMPLETION-> frame0, cmdq, in order
 *   guest -UNMAP_BUFFER-> unmap0 -TLBI, ATC_INV, SYNC-> cmdq
 */
import type { EventFromLogic } from 'xstate';
import { happens, reachable, type SystemView } from '../../src/system/property.ts';
import type { StressDefinition } from '../../src/system/scenario.ts';
import { actor, type Channel, combineActors, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { atcEntry } from '../hardware/pcie/atc-entry.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { type UnmapInput, unmapThread } from '../kernel/arm-smmu-v3/unmap.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { noDmaToFreedFrame, noTranslationAfterUnmap } from '../monitors/stale-translation.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { messagesIn, sizeOf } from './stress.ts';
import { actorOf, type Version } from './version.ts';

interface AtsInvalidation<U> {
  readonly devices: number;
  readonly pages: number;
  readonly frames: number;
  /** Writes of a device that can be under way. */
  readonly postedWrites: number;
  /** A version of the thread that maps and unmaps. */
  readonly unmap?: U;
}

const atcsOf = (device: string, pages: number) => names(`${device}-atc`, pages);

export function atsInvalidation<U extends Version<UnmapInput> = typeof unmapThread>({
  devices,
  pages,
  frames,
  postedWrites,
  ...versions
}: AtsInvalidation<U>) {
  const { unmap = unmapThread } = versions;
  const deviceNames = names('dev', devices);
  const pageNames = names('page', pages);
  const frameNames = names('frame', frames);
  const ofPages = (values: readonly string[]) => pairs(pageNames, values);
  const guest = {
    guest: actor(guestDriver, {
      input: { owners: ofPages(names('unmap', pages)) },
      choices: pageNames.flatMap((page, i) => [
        ...deviceNames.map((device) => ({ type: 'POST_DMA' as const, device: `${device}-atc${i}`, page })),
        { type: 'REUSE_BUFFER' as const, page },
        { type: 'FREE_BUFFER' as const, page },
      ]),
      rest: () => true,
    }),
  };
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
          tlbs: ofPages(names('tlb', pages)),
          atcs: Object.fromEntries(deviceNames.map((device) => [device, ofPages(atcsOf(device, pages))])),
        },
      }),
    },
  );
  const host = combineActors(
    family('unmap', pages, (i) =>
      actorOf(unmap, {
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
    family('frame', frames, (i) => actor(frame, { input: { name: `frame${i}`, freeList: 'freeList' } })),
    { freeList: actor(freeList, { input: { frames: frameNames } }) },
  );
  // PCIe 2.4.1: posted requests pass completions, so what comes from the SMMU can overtake; a device's writes and the
  // Invalidate Completion that follows them are posted and stay in order.
  const downstream = (device: string): Channel => ({
    to: atcsOf(device, pages),
    types: ['TRANSLATION_COMPLETION', 'INVALIDATE_REQUEST'],
    order: 'unordered',
    // A completion and an invalidation of each page with a frame; where there are more pages, a request waits for room.
    capacity: 2 * frames,
  });
  const upstream = (device: string): Channel => ({
    from: atcsOf(device, pages),
    to: [...frameNames, 'cmdq'],
    types: ['ACCESS', 'INVALIDATE_COMPLETION'],
    order: 'fifo',
    capacity: postedWrites,
  });
  return {
    actors: combineActors(guest, atcs, smmu, host),
    channels: {
      commands: {
        to: ['cmdq'],
        types: ['TLBI', 'ATC_INV', 'SYNC'],
        order: 'fifo',
        // What those who unmap have in it together: a page that is being unmapped has its frame still.
        capacity: frames * (devices + 1),
      },
      ...Object.fromEntries(deviceNames.map((device) => [`${device}-down`, downstream(device)])),
      ...Object.fromEntries(deviceNames.map((device) => [`${device}-up`, upstream(device)])),
    },
    blocking: ['DMA', 'MAP_BUFFER', 'UNMAP_BUFFER', 'SYNC'],
    always: [noDmaToFreedFrame()],
    shows: showsOf(deviceNames, postedWrites),
    // Devices are not alike, as an unmap goes through them in their order; nor are frames, of which the free list gives the first.
    things: { pages: { count: pages, prefixes: ['page', 'iopte', 'tlb', 'unmap', 'atc'] } },
  } as const satisfies Rig;
}

/** What has been unmapped is nowhere, and nothing that goes through it is on its way. */
export function noTranslationsAfterUnmap(devices: number, pages: number) {
  const deviceNames = names('dev', devices);
  return names('page', pages).map((page, i) =>
    noTranslationAfterUnmap(
      page,
      `unmap${i}`,
      [`tlb${i}`, ...deviceNames.map((device) => `${device}-atc${i}`)],
      deviceNames.map((device) => `${device}-up`),
    ),
  );
}

type Completion = Extract<EventFromLogic<typeof atcEntry>, { type: 'TRANSLATION_COMPLETION' }>;

function showsOf(deviceNames: readonly string[], postedWrites: number) {
  const pageOf = (device: string, atc: string) => Number(atc.slice(`${device}-atc`.length));
  /** Translation completions that are on their way to a device. */
  const completionsIn = (view: SystemView) =>
    deviceNames.flatMap((device) =>
      view.channel(`${device}-down`).flatMap(({ to, event }) => {
        return event.type === 'TRANSLATION_COMPLETION' ? [{ device, to, event: event as Completion }] : [];
      }),
    );
  return [
    happens('a DMA is done', { type: 'ACCESS' }),
    happens('a frame is freed', { type: 'FREED' }),
    reachable('a device fills its ATC from the TLB after the page table entry was cleared', (view) =>
      completionsIn(view).some(
        ({ device, to, event }) => event.frame !== null && view.get(`iopte${pageOf(device, to)}`).matches('invalid'),
      ),
    ),
    reachable('an invalidation crosses a translation', (view) =>
      completionsIn(view).some(({ device, to }) =>
        view.get(`${device}-atc${pageOf(device, to)}`).matches('translatingInvalidated'),
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
  ];
}

/** How it is stressed: what is unmapped, and what the devices have to say to that. */
export const atsInvalidations = {
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
} as const satisfies StressDefinition;

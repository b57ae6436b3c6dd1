/**
 * B-59: VFIO's fault handler answers Success without a look at the page table when the page's bit says that it is mapped.
 * That is right for the second of two faults on one page; but the series has a way out of its unmap that leaves bits set
 * although the pages are unmapped (iommu_unmap() may unmap more than it was asked for, and then the loop is left before
 * bitmap_clear()). From then on every fault on the page gets Success, the device tries again, faults again, and nobody will
 * ever map the page.
 *
 * Reclaim may take a page away again and again; what is asked is that an access ends unless it goes on for ever.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { dmaStream } from '../hardware/smmu/dma-stream.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { evtqThread } from '../kernel/arm-smmu-v3/evtq.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { page } from '../kernel/mm/page.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { mappedBit } from '../kernel/vfio-type1/mapped-bit.ts';
import { vfioMmuNotifier } from '../kernel/vfio-type1/mmu-notifier.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { bitmapFollowsPageTable, noDmaToFreedFrame, tlbFollowsPageTable } from '../monitors/stale-translation.ts';
import { names, pairs } from '../parts/names.ts';

const RUN = { type: 'RUN' } as const;
const accessEnds = (index: number) => `an access of dev${index} ends, unless reclaim interferes for ever`;

export const identicalFaultLoop = defineScenario({
  name: 'identical-fault-loop',
  title: 'A page counts as mapped and is not: each fault on it is answered, none is resolved',
  sources: ['B-59', 'seed:001', 'VFIO IOPF v3 vfio_unmap_partial_iopf(), vfio_iommu_type1_dma_map_iopf()'],
  group: 'iopf',
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('devices that can stall, with one DMA at a time each'),
    pages: z.number().int().min(1).max(2).default(1).describe('pages that they touch; there are as many frames'),
    workers: z.number().int().min(1).max(2).default(2).describe('workers of the iopf work queue'),
  }),
  variants: {
    fixed: {
      title: 'clears the bits of what was unmapped, however much that was',
      expected: { verdict: 'holds' },
    },
    'asks-table': {
      title: 'leaves bits set, but the handler asks the page table whether the page is mapped',
      expected: { verdict: 'holds' },
    },
    'bits-left': {
      title: 'leaves bits set when another length was unmapped than asked for, and the handler believes them (v3)',
      expected: { verdict: 'violated', property: accessEnds(0) },
    },
  },
  build({ devices, pages, workers }, variant) {
    const deviceNames = names('dev', devices);
    const pageNames = names('page', pages);
    const entryOf = pairs(pageNames, names('iopte', pages));
    const tlbOf = pairs(pageNames, names('tlb', pages));
    const bitOf = pairs(pageNames, names('mapped', pages));
    const coreOf = pairs(deviceNames, names('core', devices));
    const leavesBits = variant !== 'fixed';

    const guest = {
      guest: actor(guestDriver, {
        input: {},
        choices: deviceNames.flatMap((device) =>
          pageNames.map((page) => ({ type: 'POST_DMA' as const, device, page })),
        ),
        rest: () => true,
      }),
    };
    const hardware = combineActors(
      family('dev', devices, (index) =>
        actor(dmaStream, { input: { name: `dev${index}`, eventQueue: 'evtq', tlbs: tlbOf }, rest: ['idle'] }),
      ),
      family('tlb', pages, (index) => actor(tlb, { input: { name: `tlb${index}`, entry: `iopte${index}` } })),
      {
        cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: tlbOf } }),
        // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
        evtq: actor(eventQueue, { input: { entries: devices } }),
      },
    );
    const faultCore = combineActors(
      {
        evtqThread: actor(evtqThread, {
          input: { name: 'evtqThread', queue: 'evtq', cores: coreOf },
          choices: [RUN],
          rest: ['idle'],
        }),
        smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
        workQueue: actor(workQueue),
      },
      family('core', devices, (index) =>
        actor(iopfCore, {
          input: { name: `core${index}`, device: 'smmuDriver', workQueue: 'workQueue' },
        }),
      ),
    );
    const shared = { lock: 'containerLock', mapped: bitOf, entries: entryOf, sequence: 'none' };
    const vfio = combineActors(
      family('worker', workers, (index) =>
        actor(vfioIopfHandler, {
          input: {
            ...shared,
            name: `worker${index}`,
            workQueue: 'workQueue',
            cores: coreOf,
            holdsLockOverGup: true,
            samples: 'never',
            putsPage: 'after-map',
            asksTable: variant === 'asks-table',
          },
          choices: [RUN],
          rest: ['idle'],
        }),
      ),
      {
        notifier: actor(vfioMmuNotifier, {
          input: { ...shared, name: 'notifier', commandQueue: 'cmdq', leavesBits },
          choices: [RUN],
          rest: ['idle'],
        }),
        containerLock: actor(mutex, { rest: ['free'] }),
      },
      family('mapped', pages, () => actor(mappedBit)),
      family('iopte', pages, () => actor(iommuPageTableEntry)),
    );
    const memory = combineActors(
      family('page', pages, (index) => actor(page, { input: { name: `page${index}`, freeList: 'freeList' } })),
      family('frame', pages, (index) => actor(frame, { input: { name: `frame${index}`, freeList: 'freeList' } })),
      {
        freeList: actor(freeList, { input: { frames: names('frame', pages) } }),
        kswapd: actor(reclaim, {
          input: { name: 'kswapd', notifier: 'notifier' },
          choices: [RUN, ...pageNames.map((page) => ({ type: 'RECLAIM' as const, page }))],
          rest: ['idle'],
        }),
      },
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(guest, hardware, faultCore, vfio, memory),
      channels: {
        commands: {
          to: ['cmdq'],
          types: ['TLBI', 'SYNC', 'RESUME'],
          order: 'fifo',
          // A TLBI with its SYNC and the answer to each device, so that nobody ever waits for room.
          capacity: devices + 2,
        },
      },
      blocking: ['DMA', 'ACQUIRE', 'TAKE', 'READ', 'ISOLATE', 'SYNC'],
      properties: ({ leadsTo, happens, reachable }) => [
        ...deviceNames.map((_, index) =>
          leadsTo(
            accessEnds(index),
            (view) => view.get(`dev${index}`).matches('stalled'),
            (view) => view.get(`dev${index}`).matches('idle') || !view.get('kswapd').matches('idle'),
          ),
        ),
        noDmaToFreedFrame(),
        ...tlbFollowsPageTable(
          pageNames.map((page) => ({ tlb: tlbOf[page]!, entry: entryOf[page]! })),
          'containerLock',
        ),
        // With bits left behind it does not hold, whether or not the handler can live with that.
        ...(leavesBits
          ? []
          : bitmapFollowsPageTable(
              pageNames.map((page) => ({ page, mapped: bitOf[page]!, entry: entryOf[page]! })),
              'containerLock',
            )),
        ...(leavesBits
          ? [
              reachable('a bit says that a page is mapped, and it is not', (view) => {
                return view.get('mapped0').matches('set') && view.get('iopte0').matches('invalid');
              }),
            ]
          : [happens('a page that was mapped for devices is taken away', { type: 'CLEAR_MAPPED' })]),
        happens('a DMA is done after its page was faulted in', { type: 'ACCESS' }),
        happens('a frame is reclaimed', { type: 'REMOVED' }),
        // Of one device only where the bit lies: its own fault mapped the page.
        ...(devices > 1 || leavesBits
          ? [
              happens('a fault finds the bit set', {
                to: 'worker0',
                type: 'DMA_FOUND',
                where: (event) => event.mapped === true,
              }),
            ]
          : []),
      ],
    });
  },
});

/**
 * B-19: a device reads a page, and the SMMU's TLB holds the read-only entry. Then the page table entry becomes writable, by
 * the fault of a CPU or of the device itself, and nobody tells the SMMU: the CPU's TLB flush does not reach it (no broadcast
 * TLB maintenance), and more rights on the same frame were no matter for the MMU notifier. The device's write goes through
 * the stale entry and faults; the handler finds that all is well and answers Success; the write is tried again, through the
 * same entry, for ever. Since 6bbd42e2df8f (v6.6) the CPU's flush calls the notifier. Where the SMMU takes part in broadcast TLB
 * maintenance the flush itself reached it, until cb1fa2e99955 (v6.19) made it local to the CPU; it still calls the notifier.
 *
 * Writeback takes the right to write away again at any time, and a device may lose that race again and again. So what is asked is
 * that an access ends unless writeback goes on for ever.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { dmaStream } from '../hardware/smmu/dma-stream.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { evtqIopfThread } from '../kernel/arm-smmu-v3/evtq-iopf.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { sharedMapping } from '../kernel/iommu-sva/shared-mapping.ts';
import { sharedMappingBtm } from '../kernel/iommu-sva/shared-mapping-btm.ts';
import { sharedMappingV65 } from '../kernel/iommu-sva/shared-mapping-v6.5.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { cpuThread } from '../kernel/mm/cpu-thread.ts';
import { frame } from '../kernel/mm/frame.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { names, pairs } from '../parts/names.ts';

const RUN = { type: 'RUN' } as const;
const accessEnds = (index: number) => `an access of dev${index} ends, unless writeback interferes for ever`;

const mappings = {
  fixed: sharedMapping,
  broadcast: sharedMappingBtm,
  'no-flush': sharedMappingV65,
};

export const staleReadonlyEntry = defineScenario({
  name: 'stale-readonly-entry',
  title: 'A page becomes writable, and the SMMU keeps the entry that says it is not',
  sources: ['B-19', '6bbd42e2df8f', 'cb1fa2e99955', 'seed:003', 'mm/memory.c wp_page_reuse()', 'SMMUv3 3.21.1'],
  group: 'iopf',
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('streams that read and write the page'),
    workers: z.number().int().min(1).max(2).default(1).describe('workers of the iopf work queue'),
  }),
  variants: {
    fixed: {
      title: 'the flush that follows the upgrade calls the MMU notifier (6bbd42e2df8f, v6.6)',
      expected: { verdict: 'holds', counts: [1_619, 4_393] },
    },
    broadcast: {
      title:
        "no notifier, but the SMMU takes part in broadcast TLB maintenance: the CPU's flush reaches it (BTM, to v6.18)",
      expected: { verdict: 'holds', counts: [1_074, 3_064] },
    },
    'no-flush': {
      title:
        "no notifier and no broadcast: the flush reaches the CPUs' TLBs only (to v6.5; since v6.19 also with BTM alone)",
      expected: { verdict: 'violated', property: accessEnds(0) },
    },
  },
  build({ devices, workers }, variant) {
    const deviceNames = names('dev', devices);
    const cores = pairs(deviceNames, names('core', devices));
    const tlbs = { page: 'tlb' };

    const hardware = combineActors(
      family('dev', devices, (index) =>
        actor(dmaStream, {
          input: { name: `dev${index}`, eventQueue: 'evtq', tlbs },
          choices: [
            { type: 'DMA', page: 'page', write: false },
            { type: 'DMA', page: 'page', write: true },
          ],
          rest: ['idle'],
        }),
      ),
      {
        tlb: actor(tlb, { input: { name: 'tlb', entry: 'page' } }),
        cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs } }),
        // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
        evtq: actor(eventQueue, {
          input: { entries: devices },
          rest: ({ context }) => context.records.length === 0,
        }),
      },
    );
    const faultPath = combineActors(
      {
        evtqThread: actor(evtqIopfThread, {
          input: { name: 'evtqThread', queue: 'evtq', cores },
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
      family('worker', workers, (index) =>
        actor(iopfWorker, {
          input: { name: `worker${index}`, workQueue: 'workQueue', cores },
          choices: [RUN],
          rest: ['idle'],
        }),
      ),
    );
    const memory = {
      page: actor(mappings[variant], {
        input: { name: 'page', frame: 'frame', tlb: 'tlb', commandQueue: 'cmdq' },
        choices: [{ type: 'CLEAN' }],
        rest: ['notPresent', 'readOnly', 'writable'],
      }),
      // It belongs to the file: in this scenario it is neither allocated nor freed.
      frame: actor(frame, { input: { name: 'frame', freeList: 'none' } }),
      cpu: actor(cpuThread, { input: { name: 'cpu', page: 'page' }, choices: [{ type: 'STORE' }], rest: ['running'] }),
    };

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(hardware, faultPath, memory),
      channels: {
        commands: {
          to: ['cmdq'],
          types: ['TLBI', 'SYNC', 'RESUME'],
          order: 'fifo',
          // A TLBI with its SYNC and the answer to each device, so that nobody ever waits for room.
          capacity: devices + 2,
        },
      },
      blocking: ['DMA', 'TAKE', 'READ', 'HANDLE_FAULT', 'SYNC'],
      properties: ({ always, leadsTo, reachable, happens }) => [
        ...deviceNames.map((_, index) =>
          leadsTo(
            accessEnds(index),
            (view) => view.get(`dev${index}`).matches('stalled'),
            (view) => view.get(`dev${index}`).matches('idle') || view.get('page').matches('cleaning'),
          ),
        ),
        // Elsewhere it would report the cause ahead of what the variant is about.
        ...(variant === 'no-flush'
          ? []
          : [
              always('the TLB has no fewer rights than the page table, unless a flush is under way', (view) => {
                const { frame, writable } = view.get('tlb').context;
                return frame === null || writable || !view.get('page').matches('writable');
              }),
            ]),
        always('the TLB has no more rights than the page table, unless a flush is under way', (view) => {
          return !view.get('tlb').context.writable || !view.get('page').matches('readOnly');
        }),
        ...(variant === 'broadcast'
          ? []
          : [
              reachable('the TLB holds a read-only entry of a page that is writable by now', (view) => {
                const { frame, writable } = view.get('tlb').context;
                const page = view.get('page');
                return frame !== null && !writable && ['upgrading', 'writable'].includes(page.value as string);
              }),
            ]),
        reachable('a write of dev0 is stalled', (view) => {
          return view.get('dev0').matches('stalled') && view.get('dev0').context.write;
        }),
        happens('a device writes', { type: 'ACCESS', where: (event) => event.write === true }),
        happens('writeback takes the right to write away', { type: 'CLEAN' }),
        happens('a CPU faults on the page', { type: 'HANDLE_FAULT', where: (event) => event.by === 'cpu' }),
      ],
    });
  },
});

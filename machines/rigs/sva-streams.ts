/**
 * Streams of an SMMUv3 with stalls, `dev0`, …, that read and write one page of an address space: what they fault on is handled by workers of
 * the iopf work queue (SVA). A race brings the page, `page`, which the TLB walks and the workers call.
 *
 *   dev0 -TRANSLATE-> tlb -WALK-> page
 *   dev0 -STALL-> evtq -> evtqThread -REPORT-> core0 -> workQueue -> worker0 -HANDLE_FAULT-> page
 *                                              core0 -PRG_RESPONSE-> smmuDriver -RESUME-> cmdq -> dev0
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { dmaStream } from '../hardware/smmu/dma-stream.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { evtqIopfThread } from '../kernel/arm-smmu-v3/evtq-iopf.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

const RUN = { type: 'RUN' } as const;

export function svaStreams({ devices, workers }: { readonly devices: number; readonly workers: number }) {
  const cores = pairs(names('dev', devices), names('core', devices));
  const tlbs = { page: 'tlb' };
  const actors = combineActors(
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
      evtq: actor(eventQueue, { input: { entries: devices }, rest: ({ context }) => context.records.length === 0 }),
      evtqThread: actor(evtqIopfThread, {
        input: { name: 'evtqThread', queue: 'evtq', cores },
        choices: [RUN],
        rest: ['idle'],
      }),
      smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
      workQueue: actor(workQueue),
    },
    family('core', devices, (index) =>
      actor(iopfCore, { input: { name: `core${index}`, device: 'smmuDriver', workQueue: 'workQueue' } }),
    ),
    family('worker', workers, (index) =>
      actor(iopfWorker, {
        input: { name: `worker${index}`, workQueue: 'workQueue', cores },
        choices: [RUN],
        rest: ['idle'],
      }),
    ),
  );
  return {
    actors,
    expects: ['page'],
    channels: {
      // A TLBI with its SYNC and the answer to each device, so that nobody ever waits for room.
      commands: { to: ['cmdq'], types: ['TLBI', 'SYNC', 'RESUME'], order: 'fifo', capacity: devices + 2 },
    },
    blocking: ['DMA', 'TAKE', 'READ', 'SYNC'],
    shows: [
      reachable('a write of dev0 is stalled', (view) => {
        return view.get('dev0').matches('stalled') && Boolean(view.get('dev0').context.write);
      }),
      happens('a device writes', { type: 'ACCESS', where: (event) => event.write === true }),
    ],
  } as const satisfies Rig;
}

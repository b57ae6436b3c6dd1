/**
 * SVA over stalls of an SMMUv3: processes that take turns in using one PASID of one device, the SMMU, its driver, the iopf core and
 * one worker. A race provides `report0` and the threads of the processes, `user0`, …, and swaps what it is about.
 */
import { actor, combineActors, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { contextDescriptor } from '../hardware/smmu/context-descriptor.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { substream } from '../hardware/smmu/substream.ts';
import { evtqThread } from '../kernel/arm-smmu-v3/evtq.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { everyStallHasOneOwner } from '../monitors/stalled-transactions.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';

const RUN = { type: 'RUN' } as const;

/** What each address is in each address space: `va0` is `page1` in `mm1`. */
function svaPages(processes: number): Record<string, Record<string, string>> {
  return Object.fromEntries(names('mm', processes).map((mm, index) => [mm, { va0: `page${index}` }]));
}

/** Wiring of `report0`, whatever its version. */
export const svaReportInput = (processes: number) => ({
  name: 'report0',
  core: 'core0',
  driver: 'smmuDriver',
  pages: svaPages(processes),
});

/** Wiring of the thread of a process, whatever its version. */
export const svaBindInput = (index: number) => ({
  name: `user${index}`,
  mm: `mm${index}`,
  pasid: 'pasid',
  device: 'dev0',
  descriptor: 'cd0',
  report: 'report0',
  eventQueue: 'evtq',
  evtqThread: 'evtqThread',
  workQueue: 'workQueue',
  commandQueue: 'cmdq',
});

/** What the thread of a process may start, and where it may stay. */
export const svaBindChoices = {
  choices: [{ type: 'BIND' as const }, { type: 'POST_DMA' as const, page: 'va0' }, { type: 'UNBIND' as const }, RUN],
  rest: ['bound', 'unbound'] as const,
};

/** All but `report0` and the processes. */
export function svaStalls(processes: number) {
  const pages = svaPages(processes);
  const actors = combineActors(
    {
      dev0: actor(substream, { input: { name: 'dev0', descriptor: 'cd0', eventQueue: 'evtq' }, rest: ['idle'] }),
      cd0: actor(contextDescriptor, { input: { pages } }),
      evtq: actor(eventQueue, { input: { entries: 1 } }),
      cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: {} } }),
      evtqThread: actor(evtqThread, {
        input: { name: 'evtqThread', queue: 'evtq', cores: { dev0: 'report0' } },
        choices: [RUN],
        rest: ['idle'],
      }),
      smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
      core0: actor(iopfCore, { input: { name: 'core0', device: 'smmuDriver', workQueue: 'workQueue' } }),
      workQueue: actor(workQueue),
      worker0: actor(iopfWorker, {
        input: { name: 'worker0', workQueue: 'workQueue', cores: { dev0: 'core0' } },
        choices: [RUN],
        rest: ['idle'],
      }),
      pasid: actor(mutex),
    },
    family('page', processes, (index) =>
      actor(svaPage, { input: { name: `page${index}` }, choices: [{ type: 'RECLAIM' }], rest: () => true }),
    ),
  );
  return {
    actors,
    expects: ['report0', 'user0'],
    channels: {
      commands: { to: ['cmdq'], types: ['SYNC', 'RESUME'], order: 'fifo', capacity: 2 },
    },
    blocking: ['DMA', 'AWAIT_IDLE', 'READ', 'TAKE', 'ACQUIRE', 'EMPTY', 'SYNCHRONIZE_IRQ', 'FLUSHED'],
    always: svaStallsAreOwned,
  } as const satisfies Rig;
}

/** A stalled transaction is in one place, until it is resumed. */
export const svaStallsAreOwned = everyStallHasOneOwner({
  cores: { dev0: 'core0' },
  eventQueue: 'evtq',
  evtqThread: 'evtqThread',
  commands: 'commands',
});

/**
 * SVA over stalls of an SMMUv3: processes that take turns in using one PASID of one device, the SMMU, its driver, the iopf core and
 * one worker.
 *
 *   user0 -DMA-> dev0 -TRANSLATE_VA-> cd0, page0
 *                dev0 -STALL-> evtq -> evtqThread -REPORT-> report0 -> core0 -> workQueue -> worker0 -RESPOND-> core0
 *                                                                              core0 -PRG_RESPONSE-> smmuDriver -RESUME-> cmdq -> dev0
 */
import { happens } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { contextDescriptor } from '../hardware/smmu/context-descriptor.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { substream } from '../hardware/smmu/substream.ts';
import { evtqThread } from '../kernel/arm-smmu-v3/evtq.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { type FaultReportInput, faultReport } from '../kernel/io-pgfault/report.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import type { SvaBindInput } from '../kernel/iommu-sva/bind.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { everyStallHasOneOwner } from '../monitors/stalled-transactions.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;

interface SvaStalls<U, R> {
  readonly processes: number;
  /** A version of the beginning of iommu_report_device_fault(). */
  readonly report?: R;
  /** A version of the thread of each process, and where it may stay but for being bound or not. */
  readonly user: U;
  readonly ends?: readonly string[];
}

export function svaStalls<U extends Version<SvaBindInput>, R extends Version<FaultReportInput> = typeof faultReport>({
  processes,
  user,
  ends = [],
  ...versions
}: SvaStalls<U, R>) {
  const { report = faultReport } = versions;
  // What each address is in each address space: `va0` is `page1` in `mm1`.
  const pages = Object.fromEntries(names('mm', processes).map((mm, index) => [mm, { va0: `page${index}` }]));
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
    {
      report0: actorOf(report, { input: { name: 'report0', core: 'core0', driver: 'smmuDriver', pages } }),
    },
    family('user', processes, (index) =>
      actorOf(user, {
        input: {
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
        },
        choices: [{ type: 'BIND' }, { type: 'POST_DMA', page: 'va0' }, { type: 'UNBIND' }, RUN],
        rest: ['bound', 'unbound', ...ends],
      }),
    ),
  );
  return {
    actors,
    channels: {
      commands: { to: ['cmdq'], types: ['SYNC', 'RESUME'], order: 'fifo', capacity: 2 },
    },
    blocking: ['DMA', 'AWAIT_IDLE', 'READ', 'TAKE', 'ACQUIRE', 'EMPTY', 'SYNCHRONIZE_IRQ', 'FLUSHED'],
    always: svaStallsAreOwned,
    shows: [happens('a stalled transaction is retried', { to: 'dev0', type: 'RETRY' })],
  } as const satisfies Rig;
}

/** A stalled transaction is in one place, until it is resumed. */
export const svaStallsAreOwned = everyStallHasOneOwner({
  cores: { dev0: 'core0' },
  eventQueue: 'evtq',
  evtqThread: 'evtqThread',
  commands: 'commands',
});

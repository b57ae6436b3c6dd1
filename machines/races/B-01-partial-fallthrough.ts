/**
 * B-01: from v6.9 until fca5b78511e9 (v6.11-rc) the report of a request that is not the last of its group did not return
 * after it had been stored, but went on to build a group of it. The handler then gets half a group, the device an answer
 * for a group that it has not finished, and another one when it has.
 *
 * The kernel also used the fault parameter after it had dropped its reference; nothing is removed here, so that part of
 * the bug does not show.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { pageRequestGroup } from '../hardware/pcie/page-request-group.ts';
import { pri } from '../hardware/pcie/pri.ts';
import { priQueue } from '../hardware/smmu/pri-queue.ts';
import { priQueueSlot } from '../hardware/smmu/pri-queue-slot.ts';
import { priqThread } from '../kernel/arm-smmu-v3/priq.ts';
import { iopfCore, iopfCoreConfig, iopfCoreParts, iopfCoreStates } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { exactlyOneAnswer, noMergedGroup, noUnexpectedAnswer } from '../monitors/page-requests.ts';
import { names } from '../parts/names.ts';
import { pageRequests } from '../rigs/stress.ts';

const parameters = z.object({
  queueEntries: z.number().int().min(1).max(8).default(2).describe('entries of the PRI queue'),
  workers: z.number().int().min(1).max(4).default(1).describe('workers of the iopf work queue'),
  generations: z.number().int().min(2).max(8).default(2).describe('uses of an index that the monitors can tell apart'),
});

/** v6.9 until fca5b78511e9: report_partial_fault(), and no return. */
const fallsThrough = iopfCoreParts.createMachine({
  id: 'iopfCoreFallsThrough',
  ...iopfCoreConfig,
  states: {
    ...iopfCoreStates,
    added: iopfCoreParts.createStateConfig({
      on: {
        ...iopfCoreStates.added.on,
        REPORT: [
          { guard: 'isLast', actions: 'buildAndQueueGroup' },
          { actions: ['storePartial', 'buildAndQueueGroup'] },
        ],
      },
    }),
  },
});

export const partialFallthrough = defineScenario({
  name: 'partial-fallthrough',
  title: 'A page request that is not the last of its group is stored, and then taken for the last',
  sources: ['B-01', 'fca5b78511e9', '3dfa64aecbaf'],
  group: 'iopf',
  parameters,
  variants: {
    fixed: {
      title: 'iommu_report_device_fault() returns after it has stored the request',
      expected: { verdict: 'holds' },
    },
    'missing-return': {
      title: 'iommu_report_device_fault() goes on and builds a group',
      expected: { verdict: 'violated', property: noUnexpectedAnswer([]).name },
    },
  },
  stress: { ...pageRequests, parameters: { generations: 4 } },
  build({ queueEntries, workers, generations }, variant) {
    const cores = { dev0: 'core0' };
    const pages = family('page', 2, (i) =>
      actor(svaPage, {
        input: { name: `page${i}` },
        choices: [{ type: 'RECLAIM' }],
        rest: ['present', 'notPresent'],
      }),
    );
    const iopfWorkers = family('worker', workers, (i) =>
      actor(iopfWorker, {
        input: { name: `worker${i}`, workQueue: 'workQueue', cores },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
    );
    const others = {
      'dev0-prg0': actor(pageRequestGroup, {
        input: { name: 'dev0-prg0', pri: 'dev0', index: 'prg0', generations },
        choices: [{ type: 'DMA', pages: ['page0', 'page1'] }, { type: 'RUN' }],
        rest: ['idle'],
      }),
      dev0: actor(pri, { input: { device: 'dev0', iommu: 'priq', owners: { prg0: 'dev0-prg0' }, credits: 2 } }),
      priq: actor(priQueue, { input: { name: 'priq', slots: names('slot', queueEntries), irqThread: 'priqThread' } }),
      priqThread: actor(priqThread, {
        input: { name: 'priqThread', queue: 'priq', queueEntries, cores },
        choices: [{ type: 'RUN' }],
        rest: ['asleep'],
      }),
      core0: actor(variant === 'fixed' ? iopfCore : fallsThrough, {
        input: { name: 'core0', device: 'dev0', workQueue: 'workQueue' },
      }),
      workQueue: actor(workQueue),
    };

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        others,
        family('slot', queueEntries, () => actor(priQueueSlot)),
        iopfWorkers,
        pages,
      ),
      blocking: ['POST', 'TAKE'],
      properties: (p) => [
        noUnexpectedAnswer(['dev0']),
        exactlyOneAnswer(),
        noMergedGroup(),
        p.happens('a request that is not the last is reported', {
          type: 'REPORT',
          where: (event) => !(event.request as { last: boolean }).last,
        }),
        p.happens('a group is answered by software', { type: 'PRG_RESPONSE', where: (event) => event.by === 'core0' }),
        p.happens('an index is used again', { type: 'POST', where: (event) => (event.generation as number) > 0 }),
        p.happens('a DMA finds its page present', { type: 'TRANSLATED', where: (event) => event.present === true }),
      ],
    });
  },
});

/**
 * B-01: from v6.9 until fca5b78511e9 (v6.11-rc) the report of a request that is not the last of its group did not return
 * after it had been stored, but went on to build a group of it. The handler then gets half a group, the device an answer
 * for a group that it has not finished, and another one when it has. The index of the first has a request, so UPRGI does not tell.
 *
 * Nothing has to be removed for the rest of it. The reference that was taken for the report is dropped in the branch of the partial
 * request and then passes to the half group, so freeing that drops the one of the iopf queue: the fault parameter is freed under its
 * device. From then on a report finds no parameter with references, and nobody answers it. And iopf_free_group() frees each request
 * without the L bit on its own: of a half group that is last_fault, the beginning of the group itself, which is then freed again.
 *
 * The variant `refused` is about the answer: the first page of each group is not mapped. What is refused is sticky, the rest of the
 * group is not handled, and the answer is Invalid.
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
import { unmappedPage } from '../kernel/iommu-sva/unmapped-page.ts';
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

const PARAM_LIFETIME = 'the fault parameter lives as long as its device is in the queue, and no group is freed twice';

/**
 * v6.9 until fca5b78511e9: report_partial_fault(), and no return.
 *
 * Simplification: of several half groups, each of which drops a reference too many, it is the last to be freed that frees the
 * parameter.
 */
const fallsThroughParts = iopfCoreParts.extend({
  guards: { isOnlyGroup: ({ context }) => context.pending.length === 1 },
});

const fallsThrough = fallsThroughParts.createMachine({
  id: 'iopfCoreFallsThrough',
  ...iopfCoreConfig,
  states: {
    ...iopfCoreStates,
    added: fallsThroughParts.createStateConfig({
      on: {
        ...iopfCoreStates.added.on,
        REPORT: [
          { guard: 'isLast', actions: 'buildAndQueueGroup' },
          { target: 'referenceMissing', actions: ['storePartial', 'buildAndQueueGroup'] },
        ],
      },
    }),
    // There is one reference less than there are groups that will drop one, and the queue.
    referenceMissing: fallsThroughParts.createStateConfig({
      on: {
        DISCARD_PARTIAL: { actions: 'discardPartial' },
        REPORT: [
          { guard: 'isLast', actions: 'buildAndQueueGroup' },
          { actions: ['storePartial', 'buildAndQueueGroup'] },
        ],
        // iopf_group_response(), iopf_free_group()
        RESPOND: [
          { guard: 'isOnlyGroup', target: 'freed', actions: 'unlinkAndAnswer' },
          { actions: 'unlinkAndAnswer' },
        ],
      },
    }),
    // iopf_get_dev_fault_param(): refcount_inc_not_zero() fails, if the memory still says so, and the report ends there.
    freed: fallsThroughParts.createStateConfig({
      on: { REPORT: {}, RESPOND: {}, DISCARD_PARTIAL: {} },
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
      expected: { verdict: 'holds', counts: [5_760, 12_928] },
    },
    'missing-return': {
      title: 'iommu_report_device_fault() goes on and builds a group',
      expected: { verdict: 'violated', property: noUnexpectedAnswer([]).name, length: 7 },
    },
    refused: {
      title: 'as fixed, and the first page of each group is not mapped',
      expected: { verdict: 'holds', counts: [3_376, 6_464] },
    },
  },
  stress: { ...pageRequests, parameters: { generations: 4 } },
  build({ queueEntries, workers, generations }, variant) {
    const cores = { dev0: 'core0' };
    const page = (name: string) =>
      actor(svaPage, { input: { name }, choices: [{ type: 'RECLAIM' }], rest: ['present', 'notPresent'] });
    const pages =
      variant === 'refused'
        ? { page0: actor(unmappedPage, { input: { name: 'page0' } }), page1: page('page1') }
        : { page0: page('page0'), page1: page('page1') };
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
      core0: actor(variant === 'missing-return' ? fallsThrough : iopfCore, {
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
        p.always(PARAM_LIFETIME, (view) => view.get('core0').value !== 'freed'),
        ...(variant === 'refused'
          ? [
              // The page that is not mapped is the first of each group that it is in.
              p.always('after a request that is refused, the rest of its group is not handled', (view) => {
                const { code, handled } = view.get('worker0').context;
                return code === 'success' || handled === 0;
              }),
              p.happens('a group is answered Invalid', {
                to: 'dev0',
                type: 'PRG_RESPONSE',
                where: ({ code }) => code === 'invalid',
              }),
            ]
          : [
              p.happens('a DMA finds its page present', {
                type: 'TRANSLATED',
                where: ({ present }) => present === true,
              }),
            ]),
      ],
    });
  },
});

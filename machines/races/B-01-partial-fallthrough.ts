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
 * group is not handled, and the answer is Invalid. In `last-status` it is Success, as the second page is there.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { iopfCoreFallsThrough } from '../kernel/io-pgfault/v6.9-falls-through.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { iopfWorkerKeepsLastStatus } from '../kernel/iommu-sva/worker-keeps-last-status.ts';
import { groupIsRefused, indexIsUsedAgain, pageIsFound, partIsReported } from '../monitors/page-request-witnesses.ts';
import { exactlyOneAnswer, noMergedGroup, noUnexpectedAnswer, refusalEndsGroup } from '../monitors/page-requests.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { iopfCores } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { inOneOrder, priFunctions } from '../rigs/pri-functions.ts';
import { priQueuePath } from '../rigs/pri-queue.ts';
import { pageRequests } from '../rigs/stress.ts';
import { svaPages } from '../rigs/sva-pages.ts';

const REFUSAL = refusalEndsGroup('worker0');
const PARAM_LIFETIME = 'the fault parameter lives as long as its device is in the queue, and no group is freed twice';

export const partialFallthrough = defineScenario({
  name: 'partial-fallthrough',
  title: 'A page request that is not the last of its group is stored, and then taken for the last',
  sources: ['B-01', 'fca5b78511e9', '3dfa64aecbaf'],
  group: 'iopf',
  systems: ['iopf-core-v6.9'],
  parameters: z.object({
    queueEntries: howMany('entries of the PRI queue', { max: 8, default: 2 }),
    workers: howMany('workers of the iopf work queue', { max: 4, default: 1 }),
    generations: howMany('uses of an index that the monitors can tell apart', { min: 2, max: 8, default: 2 }),
  }),
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
    'last-status': {
      title: 'as refused, but the handler goes on, and the last page says what the answer is',
      expected: { verdict: 'violated', property: REFUSAL.name, length: 8 },
    },
  },
  stress: { ...pageRequests, parameters: { generations: 4 } },
  build({ queueEntries, workers, generations }, variant) {
    const isRefused = variant === 'refused' || variant === 'last-status';
    const rig = assemble(
      priFunctions({ devices: 1, descriptors: inOneOrder(2), generations }),
      priQueuePath({ devices: 1, entries: queueEntries }),
      iopfCores({
        ...{ devices: 1, workers },
        core: variant === 'missing-return' ? iopfCoreFallsThrough : iopfCore,
        worker: variant === 'last-status' ? iopfWorkerKeepsLastStatus : iopfWorker,
      }),
      // The page that is not mapped is the first of each group that it is in.
      svaPages(2, isRefused ? 1 : 0),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ always, happens }) => [
        noUnexpectedAnswer(['dev0']),
        exactlyOneAnswer(),
        noMergedGroup(),
        partIsReported,
        happens('a group is answered by software', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'core0' }),
        indexIsUsedAgain,
        always(PARAM_LIFETIME, (view) => view.get('core0').value !== 'freed'),
        ...(isRefused ? [REFUSAL, ...when(variant === 'refused', groupIsRefused('dev0'))] : [pageIsFound]),
      ],
    });
  },
});

/**
 * B-24: a device whose faults stall is attached to a stage 2 domain, on an SMMU that can only stall (STALL_MODEL = 0b10). There an STE with stage
 * 2 and S2S = 0 is ILLEGAL, and the driver never set S2S: each transaction of the device ends with C_BAD_STE, whatever is mapped.
 *
 * Fix: ce7cb08e22e0 (v6.12), which has two parts. S2S is set, and arm_smmu_handle_evt() no longer refuses faults of stage 2. With the first alone
 * a stall is recorded and nobody resumes it; with the second alone there is none.
 *
 * A check of a configuration: it takes no interleaving, and the queue and the answer are here for the half that sets S2S only.
 *
 * Simplifications: stage 2 only; whoever brings the page in is a worker of the iopf work queue, as for SVA, and always can; pages stay.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { commandQueue } from '../hardware/smmu/command-queue.ts';
import { eventQueue } from '../hardware/smmu/event-queue.ts';
import { stage2Ste } from '../hardware/smmu/stage2-ste.ts';
import { substream } from '../hardware/smmu/substream.ts';
import { attachS2Thread } from '../kernel/arm-smmu-v3/attach-s2.ts';
import { attachS2ThreadV611 } from '../kernel/arm-smmu-v3/attach-s2-v6.11.ts';
import { evtqIopfThread } from '../kernel/arm-smmu-v3/evtq-iopf.ts';
import { evtqThreadRefusesS2 } from '../kernel/arm-smmu-v3/evtq-refuses-s2.ts';
import { smmuPageResponse } from '../kernel/arm-smmu-v3/page-response.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { noBadSte } from '../monitors/dma-progress.ts';
import { isLeft } from '../monitors/progress.ts';
import { alike, interchangeable, names, pairs } from '../parts/names.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const RUN = { type: 'RUN' } as const;
const ENDS = 'a stalled transaction is resumed';

const versions = {
  fixed: { attach: attachS2Thread, thread: evtqIopfThread },
  illegal: { attach: attachS2ThreadV611, thread: evtqThreadRefusesS2 },
  's2s-only': { attach: attachS2Thread, thread: evtqThreadRefusesS2 },
  'handled-only': { attach: attachS2ThreadV611, thread: evtqIopfThread },
};

export const illegalSte = defineScenario({
  name: 'illegal-ste',
  title: 'A stage 2 stream table entry is illegal on an SMMU that can only stall',
  sources: ['B-24', 'ce7cb08e22e0', 'arm-smmu-v3.c arm_smmu_make_s2_domain_ste()', 'SMMUv3 5.5'],
  group: 'iopf',
  systems: ['smmu-stall'],
  parameters: z.object({ devices: howMany('devices, each attached to the domain', { max: 3, default: 1 }) }),
  variants: {
    fixed: {
      title: 'S2S is set, and faults of stage 2 are reported (ce7cb08e22e0, v6.12)',
      expected: { verdict: 'holds', counts: [9, 9] },
    },
    illegal: {
      title: 'S2S is 0, and faults of stage 2 are refused (to v6.11)',
      expected: { verdict: 'violated', property: noBadSte().name, length: 2 },
    },
    's2s-only': {
      title: 'S2S is set, and faults of stage 2 are refused',
      expected: { verdict: 'violated', property: ENDS, length: 4 },
    },
    'handled-only': {
      title: 'S2S is 0, and faults of stage 2 are reported',
      expected: { verdict: 'violated', property: noBadSte().name, length: 2 },
    },
  },
  build({ devices }, variant) {
    const { attach, thread } = versions[variant];
    const cores = pairs(names('dev', devices), names('core', devices));
    return defineSystem({
      actors: combineActors(
        family('dev', devices, (i) =>
          actor(substream, {
            input: { name: `dev${i}`, descriptor: `ste${i}`, eventQueue: 'evtq' },
            choices: [{ type: 'DMA', page: 'page0', process: 'vm' }],
            // Where it stays stalled, that is what the property is about.
            rest: () => true,
          }),
        ),
        family('ste', devices, () => actor(stage2Ste)),
        family('attach', devices, (i) =>
          actorOf(attach, { input: { ste: `ste${i}` }, choices: [{ type: 'ATTACH' }], rest: ['detached', 'attached'] }),
        ),
        {
          evtq: actor(eventQueue, { input: { entries: devices }, rest: ({ context }) => context.records.length === 0 }),
          evtqThread: actorOf(thread, {
            input: { name: 'evtqThread', queue: 'evtq', cores },
            choices: [RUN],
            rest: ['idle'],
          }),
          smmuDriver: actor(smmuPageResponse, { input: { commandQueue: 'cmdq' } }),
          cmdq: actor(commandQueue, { input: { name: 'cmdq', tlbs: {} } }),
          workQueue: actor(workQueue),
          worker0: actor(iopfWorker, {
            input: { name: 'worker0', workQueue: 'workQueue', cores },
            choices: [RUN],
            rest: ['idle'],
          }),
          page0: actor(svaPage, { input: { name: 'page0' } }),
        },
        family('core', devices, (i) =>
          actor(iopfCore, { input: { name: `core${i}`, device: 'smmuDriver', workQueue: 'workQueue' } }),
        ),
      ),
      channels: { commands: { to: ['cmdq'], types: ['RESUME'], order: 'fifo', capacity: devices } },
      unsent: 'ignore',
      blocking: ['DMA', 'TRANSLATE_VA', 'READ', 'TAKE'],
      symmetry: interchangeable(alike(devices, 'dev', 'ste', 'attach', 'core')),
      properties: ({ happens }) => [
        noBadSte(),
        isLeft('stalled', 'dev0', ENDS),
        happens('a transaction is done', { type: 'TRANSLATED', where: ({ present }) => present === true }),
        happens('a transaction stalls', { type: 'STALL' }),
      ],
    });
  },
});

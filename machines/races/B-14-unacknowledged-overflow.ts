/**
 * B-14: the PRI queue overflows, and the acknowledgement never reaches the hardware. The driver sets OVACKFLG in its copy of
 * CONS and does not write the register; the copy would go out with the next entry, but while an overflow is active there is
 * no next entry. From then on the SMMU answers every page request by itself with Success, the device translates again,
 * misses again, asks again, is answered again. Everybody works, and no page is ever mapped again.
 *
 * The queue overflows as the OS gave more credits than it has entries (B-09 says more of that).
 *
 * Pages are not reclaimed here: under reclaim not even a right driver can promise that each DMA ends.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { persistentDma } from '../hardware/pcie/persistent-dma.ts';
import { pri } from '../hardware/pcie/pri.ts';
import { priQueue } from '../hardware/smmu/pri-queue.ts';
import { priQueueSlot } from '../hardware/smmu/pri-queue-slot.ts';
import { isOverflowActive, type QueuePointer } from '../hardware/smmu/queue-pointer.ts';
import { priq, priqConfig } from '../kernel/arm-smmu-v3/priq.ts';
import { priqDrainStates, priqDrainThread } from '../kernel/arm-smmu-v3/priq-drain.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { names, pairs } from '../parts/names.ts';

const RUN = { type: 'RUN' } as const;

/** What a device cannot see and its driver waits for. */
const dmaEnds = (index: number) => `a DMA of dma${index} that was started ends`;

/**
 * Before 0d535967ac65 (v4.19): OVACKFLG is set in the driver's copy of CONS only, and would go out with the CONS write of the next
 * entry; but an active overflow lets no entry in.
 */
const acknowledgesInShadow = priq.createMachine({
  id: 'priqDrainThreadAcknowledgesInShadow',
  ...priqConfig,
  states: {
    ...priqDrainStates,
    acknowledging: priq.createStateConfig({
      on: { RUN: { target: 'discarding', actions: 'acknowledge' } },
    }),
  },
});

export const unacknowledgedOverflow = defineScenario({
  name: 'unacknowledged-overflow',
  title: 'The overflow of the PRI queue is acknowledged in the driver, but not in the hardware',
  sources: ['B-14', 'B-36', '0d535967ac65', 'SMMUv3 3.5.1', 'SMMUv3 8.1', 'SMMUv3 8.2'],
  group: 'iopf',
  parameters: z.object({
    devices: z.number().int().min(2).max(4).default(2).describe('PCIe functions with PRI, with one DMA at a time each'),
    queueEntries: z
      .number()
      .int()
      .min(1)
      .max(3)
      .default(1)
      .describe('entries of the PRI queue; with as many as devices it never overflows'),
    workers: z.number().int().min(1).max(3).default(1).describe('workers of the iopf work queue'),
  }),
  variants: {
    fixed: {
      title: 'writes CONS with OVACKFLG when the queue is empty (since 0d535967ac65, v4.19)',
      expected: { verdict: 'holds', counts: [261, 608] },
    },
    'in-shadow': {
      title: "sets OVACKFLG in the driver's copy of CONS only (to v4.18)",
      expected: { verdict: 'violated', property: dmaEnds(0) },
    },
  },
  build({ devices, queueEntries, workers }, variant) {
    const deviceNames = names('dev', devices);
    const cores = pairs(deviceNames, names('core', devices));

    const hardware = combineActors(
      family('dma', devices, (index) =>
        actor(persistentDma, {
          input: {
            name: `dma${index}`,
            pri: `dev${index}`,
            index: 'prg0',
            page: `page${index}`,
            generations: 1,
          },
          choices: [{ type: 'DMA' }, RUN],
          rest: ['idle'],
        }),
      ),
      family('dev', devices, (index) =>
        actor(pri, { input: { device: `dev${index}`, iommu: 'priq', owners: { prg0: `dma${index}` }, credits: 1 } }),
      ),
      {
        priq: actor(priQueue, { input: { name: 'priq', slots: names('slot', queueEntries), irqThread: 'priqThread' } }),
      },
      family('slot', queueEntries, () => actor(priQueueSlot)),
    );
    const kernel = combineActors(
      {
        priqThread: actor(variant === 'fixed' ? priqDrainThread : acknowledgesInShadow, {
          input: { name: 'priqThread', queue: 'priq', queueEntries, cores },
          choices: [RUN],
          rest: ['asleep'],
        }),
      },
      family('core', devices, (index) =>
        actor(iopfCore, {
          input: { name: `core${index}`, device: `dev${index}`, workQueue: 'workQueue' },
        }),
      ),
      { workQueue: actor(workQueue) },
      family('worker', workers, (index) =>
        actor(iopfWorker, {
          input: { name: `worker${index}`, workQueue: 'workQueue', cores },
          choices: [RUN],
          rest: ['idle'],
        }),
      ),
      family('page', devices, (index) => actor(svaPage, { input: { name: `page${index}` } })),
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(hardware, kernel),
      blocking: ['POST', 'TAKE'],
      properties: ({ leadsTo, reachable, happens }) => {
        const overflow = (view: { get(name: 'priq'): { context: { prod: QueuePointer; cons: QueuePointer } } }) =>
          isOverflowActive(view.get('priq').context.prod, view.get('priq').context.cons);
        return [
          ...deviceNames.map((_, index) =>
            leadsTo(
              dmaEnds(index),
              (view) => !view.get(`dma${index}`).matches('idle'),
              (view) => view.get(`dma${index}`).matches('idle'),
            ),
          ),
          leadsTo('an overflow is acknowledged', overflow, (view) => !overflow(view)),
          reachable('an overflow is active', overflow),
          happens('the SMMU answers by itself', { type: 'PRG_RESPONSE', where: (event) => event.by === 'priq' }),
          reachable('a device tries again in vain', (view) => {
            return view.get('dma0').matches('retrying') && view.get('page0').matches('notPresent');
          }),
          happens('a DMA finds its page present', { type: 'TRANSLATED', where: (event) => event.present === true }),
        ];
      },
    });
  },
});

/**
 * B-74: the PRI series of 2018 to 2020 takes an overflow for seen where OVFLG is not what it was when PROD was last read. Who
 * flushes the queue, to take a PASID away from a device, reads PROD as well. Then the interrupt thread, which reads it next, sees no
 * overflow, acknowledges it all the same, and leaves the truncated group in the partial list. The flush has noted the overflow and
 * will discard, but later: in between the device uses the index again, and its new group gets the members of the old one.
 *
 * The thread alone is right. That both together are not is our own conclusion from reading the patches (v4, v7, v8).
 *
 * The fix asks whether an overflow is active: OVFLG against OVACKFLG, which only the thread writes. So whoever acknowledges discards.
 * What the flush discards as well may be a group that is not truncated: its last request comes without them, and the device asks again.
 *
 * The queue overflows as the OS gave more credits than it has entries (B-09 says more of that).
 *
 * Simplifications: no signal ends the flush (with one it discards before the stored entries are handled: B-09 `discard-first`); the
 * PASID is that of somebody else, so that the device goes on.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { pageRequestGroup } from '../hardware/pcie/page-request-group.ts';
import { pri } from '../hardware/pcie/pri.ts';
import { priQueue } from '../hardware/smmu/pri-queue.ts';
import { priQueueSlot } from '../hardware/smmu/pri-queue-slot.ts';
import { flushPriqThread } from '../kernel/arm-smmu-v3/flush-priq-v8.ts';
import { priqV8, priqV8Config, priqV8States, priqV8Thread } from '../kernel/arm-smmu-v3/priq-v8.ts';
import { smmuQueue } from '../kernel/arm-smmu-v3/queue.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { exactlyOneAnswer, noMergedGroup } from '../monitors/page-requests.ts';
import { names } from '../parts/names.ts';

const RUN = { type: 'RUN' } as const;

/** Discards whenever it acknowledges: no version that was posted. */
const asksWhetherActive = priqV8.createMachine({
  id: 'priqV8ThreadAsksWhetherActive',
  ...priqV8Config,
  states: {
    ...priqV8States,
    syncing: priqV8.createStateConfig({
      on: {
        SYNCED: [
          { guard: 'isEmpty', target: 'ending', actions: 'noteActiveOverflow' },
          { target: 'removing', actions: 'noteActiveOverflow' },
        ],
      },
    }),
  },
});

export const twoOverflowReaders = defineScenario({
  name: 'two-overflow-readers',
  title: 'An overflow is seen by who flushes the queue, and acknowledged by who does not know of it',
  sources: ['B-74', 'iommu/arm-smmu-v3: Add support for PRI (2020, v4, v7, v8) arm_smmu_flush_priq()', 'SMMUv3 8.1.1'],
  group: 'iopf',
  parameters: z.object({
    queueEntries: z.number().int().min(1).max(2).default(1).describe('entries of the PRI queue'),
    generations: z
      .number()
      .int()
      .min(2)
      .max(4)
      .default(2)
      .describe('uses of an index that the monitors can tell apart'),
  }),
  variants: {
    fixed: {
      title: 'the thread discards when OVFLG is not OVACKFLG, whoever read PROD before',
      expected: { verdict: 'holds', counts: [22_256, 62_136] },
    },
    alone: {
      title: 'as posted, and nobody flushes',
      expected: { verdict: 'holds', counts: [2_792, 6_096] },
    },
    'two-readers': {
      title: 'as posted: an overflow is seen where OVFLG is not what it was when PROD was last read',
      expected: { verdict: 'violated', property: noMergedGroup().name, length: 13 },
    },
  },
  build({ queueEntries, generations }, variant) {
    const cores = { dev0: 'core0' };
    const flushes = variant !== 'alone';
    const hardware = combineActors(
      {
        'dev0-prg0': actor(pageRequestGroup, {
          input: { name: 'dev0-prg0', pri: 'dev0', index: 'prg0', generations },
          choices: [{ type: 'DMA', pages: ['page0', 'page1'] }, RUN],
          rest: ['idle'],
        }),
        dev0: actor(pri, { input: { device: 'dev0', iommu: 'priq', owners: { prg0: 'dev0-prg0' }, credits: 2 } }),
        priq: actor(priQueue, { input: { name: 'priq', slots: names('slot', queueEntries), irqThread: 'priqThread' } }),
      },
      family('slot', queueEntries, () => actor(priQueueSlot)),
    );
    const driver = combineActors(
      {
        q: actor(smmuQueue, { input: { name: 'q', hardware: 'priq', entries: queueEntries } }),
        priqThread: actor(variant === 'fixed' ? asksWhetherActive : priqV8Thread, {
          input: { name: 'priqThread', queue: 'q', queueEntries, cores, waiters: flushes ? ['flush0'] : [] },
          choices: [RUN],
          rest: ['asleep'],
        }),
      },
      family('flush', flushes ? 1 : 0, () =>
        actor(flushPriqThread, {
          input: { name: 'flush0', queue: 'q', cores: ['core0'] },
          choices: [{ type: 'UNBIND' }, RUN],
          rest: ['idle'],
        }),
      ),
    );
    const kernel = combineActors(
      {
        core0: actor(iopfCore, { input: { name: 'core0', device: 'dev0', workQueue: 'workQueue' } }),
        workQueue: actor(workQueue),
        worker0: actor(iopfWorker, {
          input: { name: 'worker0', workQueue: 'workQueue', cores },
          choices: [RUN],
          rest: ['idle'],
        }),
      },
      family('page', 2, (i) =>
        actor(svaPage, { input: { name: `page${i}` }, choices: [{ type: 'RECLAIM' }], rest: () => true }),
      ),
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(hardware, driver, kernel),
      blocking: ['POST', 'TAKE', 'LOCK'],
      properties: ({ happens, reachable }) => [
        noMergedGroup(),
        exactlyOneAnswer(),
        happens('the SMMU answers by itself', { type: 'PRG_RESPONSE', where: (event) => event.by === 'priq' }),
        reachable('an overflow is acknowledged while the partial list has a group', (view) => {
          const { prod, cons } = view.get('priq').context;
          return prod.flag !== cons.flag && view.get('core0').context.partial.length > 0;
        }),
        happens('an index is used again', { type: 'POST', where: (event) => (event.generation as number) > 0 }),
        ...(flushes
          ? [
              reachable('the flush has seen an overflow that the thread is about to acknowledge', (view) => {
                const { prod, cons } = view.get('priq').context;
                return (
                  prod.flag !== cons.flag &&
                  view.get('flush0').context.overflow &&
                  view.get('priqThread').matches('ending')
                );
              }),
            ]
          : []),
      ],
    });
  },
});

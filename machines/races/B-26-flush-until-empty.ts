/**
 * B-26: who takes a PASID away from a device has to know that none of its page requests is left in the hardware queue. To
 * wait until the queue is empty is right and may take for ever: the queue belongs to all devices of the SMMU, and another one
 * can keep it filled. The series of 2018 to 2020 that wanted PRI for SMMUv3 counts batches instead: what was in the queue when
 * the flush began has been handled after as many entries as the queue has, twice, because one batch was under way.
 *
 * No version that was posted is right, by our own reading of them (v2 of 2018; v4, v7 and v8 of 2020):
 *
 * - Each gives the slot of an entry back before it handles it, without the lock. So the last entry of each look at PROD is in hand
 *   while the queue is empty by the driver's copies, and a flush that looks then returns too early (`entry-in-hand`).
 * - That of 2018 counts the end of a run of the handler as well, those of 2020 full batches only (`full-batches`): where the runs
 *   are short, none is ever full, and a flush that is woken at the end of each may be late each time.
 * - The wait can be interrupted, and nobody looks at what it returns (`interrupted`).
 *
 * `fixed` mends all three. That an entry has its slot until it is handled has a price: an answer gives the device its credit back before the
 * slot is free, so the credits have to be fewer than the entries, or the queue overflows (SMMUv3 8).
 *
 * `as-posted` is v4, v7 and v8 with all of it, of which the first has the shortest trace.
 *
 * Simplifications: handling an entry is its answer; each group is one request.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { flushPriqThreadOfDriver } from '../kernel/arm-smmu-v3/flush-priq-of-driver.ts';
import { flushPriqThreadOneBatch } from '../kernel/arm-smmu-v3/flush-priq-one-batch.ts';
import { flushPriqThreadUntilEmpty } from '../kernel/arm-smmu-v3/flush-priq-until-empty.ts';
import { flushPriqThreadWaits } from '../kernel/arm-smmu-v3/flush-priq-waits.ts';
import { priqV8Thread } from '../kernel/arm-smmu-v3/priq-v8.ts';
import { priqV8ThreadCountsRuns } from '../kernel/arm-smmu-v3/priq-v8-counts-runs.ts';
import { priqV8ThreadGivesBackLate } from '../kernel/arm-smmu-v3/priq-v8-gives-back-late.ts';
import { priqV8ThreadGivesBackLateAndCountsRuns } from '../kernel/arm-smmu-v3/priq-v8-gives-back-late-and-counts-runs.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { faultingFunctions } from '../rigs/faulting-functions.ts';
import { answeringCores } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { priQueueV8Path } from '../rigs/pri-queue.ts';

const FLUSH_RETURNS = 'a flush returns';
const NOTHING_LEFT = 'when a flush has returned, no request of dev0 is in the queue or in hand';

const rightThread = priqV8ThreadGivesBackLateAndCountsRuns;
const versions = {
  fixed: { thread: rightThread, flush: flushPriqThreadWaits },
  'until-empty': { thread: rightThread, flush: flushPriqThreadUntilEmpty },
  'one-batch': { thread: rightThread, flush: flushPriqThreadOneBatch },
  'entry-in-hand': { thread: priqV8ThreadCountsRuns, flush: flushPriqThreadWaits },
  'full-batches': { thread: priqV8ThreadGivesBackLate, flush: flushPriqThreadWaits },
  interrupted: { thread: rightThread, flush: flushPriqThreadOfDriver },
  'as-posted': { thread: priqV8Thread, flush: flushPriqThreadOfDriver },
};

export const flushUntilEmpty = defineScenario({
  name: 'flush-until-empty',
  title: 'One device is flushed while another one floods the queue',
  sources: [
    'B-26',
    'seed:002',
    'iommu/arm-smmu-v3: Register I/O Page Fault queue (2018, v2)',
    'iommu/arm-smmu-v3: Add support for PRI (2020, v4, v7, v8) arm_smmu_flush_priq(), arm_smmu_priq_thread()',
  ],
  group: 'iopf',
  systems: ['smmu-stall'],
  parameters: z.object({
    devices: howMany('devices of the SMMU; dev0 is flushed, the others flood', { min: 2, max: 3, default: 2 }),
    groups: howMany('page request group indexes of each device', { max: 4, default: 2 }),
    entries: howMany('entries of the queue, and so of a batch', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title:
        'empty, or two batches, where each run of the handler is one; an entry in hand is in the queue (no version)',
      expected: { verdict: 'holds', counts: [24_712, 70_472] },
    },
    'until-empty': {
      title: 'as fixed, but waits until the queue is empty',
      expected: { verdict: 'violated', property: FLUSH_RETURNS },
    },
    'one-batch': {
      title: 'as fixed, but waits until the queue is empty or one batch was counted',
      expected: { verdict: 'violated', property: NOTHING_LEFT, length: 12 },
    },
    'entry-in-hand': {
      title: 'as fixed, but the slot of an entry is given back before it is handled (queue_remove_raw(), all versions)',
      expected: { verdict: 'violated', property: NOTHING_LEFT, length: 5 },
    },
    'full-batches': {
      title: 'as fixed, but only full batches are counted (v4 to v8)',
      expected: { verdict: 'violated', property: FLUSH_RETURNS },
    },
    interrupted: {
      title: 'as fixed, but a signal ends the wait, and nobody looks at what it returns (all versions)',
      expected: { verdict: 'violated', property: NOTHING_LEFT, length: 5 },
    },
    'as-posted': {
      title: 'v4 to v8: slots back at once, full batches only, and a signal ends the wait',
      expected: { verdict: 'violated', property: NOTHING_LEFT, length: 5 },
    },
  },
  build({ devices, groups, entries }, variant) {
    const { thread, flush } = versions[variant];
    const slots = names('slot', entries);
    const rig = assemble(
      faultingFunctions({
        devices,
        indexes: groups,
        choices: names('prg', groups).map((index) => ({ type: 'REQUEST', index })),
        queue: 'priq',
      }),
      priQueueV8Path({
        devices,
        entries,
        thread,
        flushes: ['flush'],
        flush,
        device: 'dev0',
        signals: flush === flushPriqThreadOfDriver ? [{ type: 'SIGNAL' }] : [],
      }),
      answeringCores(devices),
    );
    return defineSystem({
      ...rig.parts,
      // Who waits for a queued spin lock gets it.
      fairness: { flush: { RUN: 'strong' } },
      properties: ({ always, leadsTo, reachable, happens }) => [
        always(NOTHING_LEFT, (view) => {
          if (!view.get('flush').matches('flushed')) return true;
          const inHand = view.get('priqThread').context.inHand?.device;
          return inHand !== 'dev0' && slots.every((slot) => view.get(slot).context.entry?.device !== 'dev0');
        }),
        leadsTo(
          FLUSH_RETURNS,
          (view) => view.get('flush').matches('waiting') || view.get('flush').matches('woken'),
          (view) => view.get('flush').matches('flushed'),
        ),
        reachable('a flush waits for a request of its device', (view) => {
          return (
            view.get('flush').matches('waiting') &&
            slots.some((slot) => view.get(slot).context.entry?.device === 'dev0')
          );
        }),
        reachable('a flush waits, and only for requests of another device', (view) => {
          const stored = slots.flatMap((slot) => view.get(slot).context.entry ?? []);
          return (
            view.get('flush').matches('waiting') && stored.length > 0 && stored.every(({ device }) => device !== 'dev0')
          );
        }),
        ...(variant === 'until-empty'
          ? []
          : [
              happens('a flush returns although the queue is not empty', {
                type: 'LOOKED',
                where: ({ empty, batches }) => empty === false && (batches as number) > 0,
              }),
            ]),
        happens('a device gets its answer', { type: 'PRG_RESPONSE', where: ({ by }) => by !== 'priq' }),
        reachable('a flush returns, and the queue is not empty', (view) => {
          return view.get('flush').matches('flushed') && slots.some((slot) => view.get(slot).context.entry !== null);
        }),
      ],
    });
  },
});

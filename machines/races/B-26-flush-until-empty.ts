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
import { setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import { priQueue } from '../hardware/smmu/pri-queue.ts';
import { priQueueSlot } from '../hardware/smmu/pri-queue-slot.ts';
import { flushPriq, flushPriqConfig, flushPriqStates } from '../kernel/arm-smmu-v3/flush-priq-v8.ts';
import { priqV8, priqV8Config, priqV8States, priqV8Thread } from '../kernel/arm-smmu-v3/priq-v8.ts';
import { smmuQueue } from '../kernel/arm-smmu-v3/queue.ts';
import { from, send } from '../parts/call.ts';
import { names, pairs } from '../parts/names.ts';
import { without } from '../parts/states.ts';

const RUN = { type: 'RUN' } as const;
const FLUSH_RETURNS = 'a flush returns';
const NOTHING_LEFT = 'when a flush has returned, no request of dev0 is in the queue or in hand';

/** Each run of the handler counts as a batch, however short, as in the version of 2018. */
const countsRuns = {
  ending: priqV8.createStateConfig({
    on: {
      RUN: [
        {
          guard: 'hadOverflow',
          target: 'discarding',
          actions: ['acknowledge', 'restartCount', 'countBatch', 'wake', 'unlock'],
        },
        { target: 'returning', actions: ['acknowledge', 'restartCount', 'countBatch', 'wake', 'unlock'] },
      ],
    },
  }),
};

/** An entry has its slot until it is handled, in no version. */
const givesBackLate = {
  reading: priqV8.createStateConfig({
    on: {
      ...priqV8States.reading.on,
      REMOVED: { target: 'handling', actions: ['keepEntry', 'unlock'] },
    },
  }),
  handling: priqV8.createStateConfig({
    on: {
      RUN: [
        {
          guard: 'completesBatch',
          target: 'removing',
          actions: ['report', 'forgetEntry', 'lock', 'giveBack', 'restartCount', 'countBatch', 'wake'],
        },
        { target: 'removing', actions: ['report', 'forgetEntry', 'lock', 'giveBack', 'countHandled'] },
      ],
    },
  }),
};

const countsRunsThread = priqV8.createMachine({
  id: 'priqV8ThreadCountsRuns',
  ...priqV8Config,
  states: { ...priqV8States, ...countsRuns },
});

const givesBackLateThread = priqV8.createMachine({
  id: 'priqV8ThreadGivesBackLate',
  ...priqV8Config,
  states: { ...priqV8States, ...givesBackLate },
});

const rightThread = priqV8.createMachine({
  id: 'priqV8ThreadGivesBackLateAndCountsRuns',
  ...priqV8Config,
  states: { ...priqV8States, ...countsRuns, ...givesBackLate },
});

/** The driver of dev0 stops it before it lets go of the PASID, and starts it again for the next one. */
const unbind = flushPriq.extend({
  guards: {
    isEmptyOrOneBatch: from('LOOKED', ({ event }) => event.empty || event.batches >= 1),
  },
  actions: { stopDevice: send(() => 'dev0', 'STOP'), startDevice: send(() => 'dev0', 'START') },
});

const interruptibleStates = {
  ...flushPriqStates,
  idle: unbind.createStateConfig({ on: { UNBIND: { target: 'starting', actions: 'stopDevice' } } }),
  flushed: unbind.createStateConfig({ on: { RUN: { target: 'idle', actions: 'startDevice' } } }),
};

const interruptible = unbind.createMachine({
  id: 'flushPriqThreadOfDriver',
  ...flushPriqConfig,
  states: interruptibleStates,
});

/** With wait_event() in place of wait_event_interruptible_locked(). */
const unbindStates = {
  ...without(interruptibleStates, 'interrupted'),
  waiting: unbind.createStateConfig({ on: { WAKE: 'woken' } }),
  woken: unbind.createStateConfig({ on: { RUN: flushPriqStates.woken.on.RUN } }),
};

const twoBatches = unbind.createMachine({ id: 'flushPriqThreadWaits', ...flushPriqConfig, states: unbindStates });

const oneBatch = unbind.createMachine({
  id: 'flushPriqThreadOneBatch',
  ...flushPriqConfig,
  states: {
    ...unbindStates,
    checking: unbind.createStateConfig({
      on: {
        LOOKED: [
          { guard: 'isEmptyOrOneBatch', target: 'ending', actions: ['forgetBatch', 'unlock'] },
          { target: 'waiting', actions: 'unlock' },
        ],
      },
    }),
  },
});

const untilEmpty = unbind.createMachine({
  id: 'flushPriqThreadUntilEmpty',
  ...flushPriqConfig,
  states: {
    ...unbindStates,
    checking: unbind.createStateConfig({
      on: {
        LOOKED: [
          { guard: 'isEmpty', target: 'ending', actions: ['forgetBatch', 'unlock'] },
          { target: 'waiting', actions: 'unlock' },
        ],
      },
    }),
  },
});

/** In place of the iopf core, its work queue and a handler. */
const answersAtOnce = setup({
  types: {
    input: {} as { name: string; device: string },
    context: {} as { name: string; device: string },
    events: {} as { type: 'REPORT'; request: PageRequest } | { type: 'DISCARD_PARTIAL' },
  },
  actions: {
    answer: send(
      'device',
      from('REPORT', ({ context, event: { request } }) => ({
        type: 'PRG_RESPONSE',
        index: request.index,
        code: 'success',
        by: context.name,
        generation: request.generation,
      })),
    ),
  },
}).createMachine({
  id: 'answersAtOnce',
  context: ({ input }) => input,
  on: {
    REPORT: { actions: 'answer' },
    // No group has more than one request.
    DISCARD_PARTIAL: {},
  },
});

const machines = {
  fixed: { thread: rightThread, flush: twoBatches },
  'until-empty': { thread: rightThread, flush: untilEmpty },
  'one-batch': { thread: rightThread, flush: oneBatch },
  'entry-in-hand': { thread: countsRunsThread, flush: twoBatches },
  'full-batches': { thread: givesBackLateThread, flush: twoBatches },
  interrupted: { thread: rightThread, flush: interruptible },
  'as-posted': { thread: priqV8Thread, flush: interruptible },
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
  parameters: z.object({
    devices: z
      .number()
      .int()
      .min(2)
      .max(3)
      .default(2)
      .describe('devices of the SMMU; dev0 is flushed, the others flood'),
    groups: z.number().int().min(1).max(4).default(2).describe('page request group indexes of each device'),
    entries: z.number().int().min(2).max(4).default(2).describe('entries of the queue, and so of a batch'),
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
    const { thread, flush } = machines[variant];
    const deviceNames = names('dev', devices);
    const coreNames = names('core', devices);
    const slotNames = names('slot', entries);
    const mayBeInterrupted = flush === interruptible;

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('dev', devices, (index) =>
          actor(faultingFunction, {
            input: { name: `dev${index}`, queue: 'priq', pages: ['page0'] },
            choices: names('prg', groups).map((prg) => ({ type: 'REQUEST' as const, index: prg })),
            rest: ({ context }) => Object.keys(context.posted).length === 0,
          }),
        ),
        family('slot', entries, () => actor(priQueueSlot)),
        family('core', devices, (index) =>
          actor(answersAtOnce, { input: { name: `core${index}`, device: `dev${index}` } }),
        ),
        {
          priq: actor(priQueue, { input: { name: 'priq', slots: slotNames, irqThread: 'priqThread' } }),
          q: actor(smmuQueue, { input: { name: 'q', hardware: 'priq', entries } }),
          priqThread: actor(thread, {
            input: {
              name: 'priqThread',
              queue: 'q',
              queueEntries: entries,
              cores: pairs(deviceNames, coreNames),
              waiters: ['flush'],
            },
            choices: [RUN],
            rest: ['asleep'],
          }),
          flush: actor(flush, {
            input: { name: 'flush', queue: 'q', cores: coreNames },
            choices: [{ type: 'UNBIND' }, RUN, ...(mayBeInterrupted ? [{ type: 'SIGNAL' as const }] : [])],
            rest: ['idle'],
          }),
        },
      ),
      blocking: ['LOCK'],
      // Who waits for a queued spin lock gets it.
      fairness: { flush: { RUN: 'strong' } },
      properties: ({ always, leadsTo, reachable, happens }) => [
        always(NOTHING_LEFT, (view) => {
          if (!view.get('flush').matches('flushed')) return true;
          const inHand = view.get('priqThread').context.inHand?.device;
          return inHand !== 'dev0' && slotNames.every((slot) => view.get(slot).context.entry?.device !== 'dev0');
        }),
        leadsTo(
          FLUSH_RETURNS,
          (view) => view.get('flush').matches('waiting') || view.get('flush').matches('woken'),
          (view) => view.get('flush').matches('flushed'),
        ),
        reachable('a flush waits for a request of its device', (view) => {
          return (
            view.get('flush').matches('waiting') &&
            slotNames.some((slot) => view.get(slot).context.entry?.device === 'dev0')
          );
        }),
        reachable('a flush waits, and only for requests of another device', (view) => {
          const stored = slotNames.flatMap((slot) => view.get(slot).context.entry ?? []);
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
          return (
            view.get('flush').matches('flushed') && slotNames.some((slot) => view.get(slot).context.entry !== null)
          );
        }),
      ],
    });
  },
});

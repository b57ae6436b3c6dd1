/**
 * B-26: who takes a PASID away from a device has to know that none of its page requests is left in the hardware queue. To
 * wait until the queue is empty is right and may take for ever: the queue belongs to all devices of the SMMU, and another one
 * can keep it filled. The series of 2018 to 2020 that wanted PRI for SMMUv3 counts batches instead: what was in the queue when
 * the flush began has been handled after as many entries as the queue has, twice, because one batch was under way.
 *
 * The series got two more things right or wrong on its way: its first version also counted the end of each pass, the last
 * one did not; and since the lock is dropped while an entry is handled, the queue looks empty while its last entry is still
 * in hand (`entry-in-hand`; that this was a bug is our own conclusion from reading).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { batchCounter } from '../kernel/arm-smmu-v3/batch-counter.ts';
import { batchingThread } from '../kernel/arm-smmu-v3/batching.ts';
import { queueFlushThread } from '../kernel/arm-smmu-v3/queue-flush.ts';
import { names } from '../parts/names.ts';

const RUN = { type: 'RUN' } as const;
const FLUSH_RETURNS = 'a flush returns';
const NOTHING_LEFT = 'when a flush has returned, no request of dev0 is in the queue or in hand';

const waits = {
  fixed: { batches: 2, givesBack: 'after-handling' },
  'until-empty': { batches: null, givesBack: 'after-handling' },
  'one-batch': { batches: 1, givesBack: 'after-handling' },
  'entry-in-hand': { batches: 2, givesBack: 'before-handling' },
} as const;

export const flushUntilEmpty = defineScenario({
  name: 'flush-until-empty',
  title: 'One device is flushed while another one floods the queue',
  sources: ['B-26', 'seed:002', 'SMMUv3 PRI series (2018 to 2020) arm_smmu_flush_priq(), arm_smmu_priq_thread()'],
  group: 'iopf',
  parameters: z.object({
    devices: z
      .number()
      .int()
      .min(2)
      .max(3)
      .default(2)
      .describe('devices of the SMMU; dev0 is flushed, the others flood'),
    groups: z.number().int().min(2).max(4).default(2).describe('page request group indexes of each device'),
    entries: z.number().int().min(2).max(4).default(2).describe('entries of the queue, and so of a batch'),
  }),
  variants: {
    fixed: {
      title: 'waits until the queue is empty or two batches were handled; an entry in hand is not handled',
      expected: { verdict: 'holds' },
    },
    'until-empty': {
      title: 'waits until the queue is empty',
      expected: { verdict: 'violated', property: FLUSH_RETURNS },
    },
    'one-batch': {
      title: 'waits until the queue is empty or one batch was handled',
      expected: { verdict: 'violated', property: NOTHING_LEFT },
    },
    'entry-in-hand': {
      title: 'as fixed, but the slot of an entry is given back before it is handled (queue_remove_raw())',
      expected: { verdict: 'violated', property: NOTHING_LEFT },
    },
  },
  build({ devices, groups, entries }, variant) {
    const { batches, givesBack } = waits[variant];
    const requests = names('prg', groups).map((index) => ({ type: 'REQUEST' as const, index }));

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('dev', devices, (index) =>
          actor(faultingFunction, {
            input: { name: `dev${index}`, queue: 'priq', pages: ['page0'] },
            choices: requests,
            rest: ({ context }) => Object.keys(context.posted).length === 0,
          }),
        ),
        {
          priq: actor(pageRequestQueue, { input: { entries } }),
          priqThread: actor(batchingThread, {
            input: { name: 'priqThread', queue: 'priq', counter: 'batches', batchSize: entries, givesBack },
            choices: [RUN],
            rest: ['asleep'],
          }),
          batches: actor(batchCounter, { input: { queue: 'priq', batches } }),
          flush: actor(queueFlushThread, {
            input: { name: 'flush', device: 'dev0', counter: 'batches' },
            choices: [RUN],
            rest: ['bound'],
          }),
        },
      ),
      blocking: ['PAGE_REQUEST', 'PEEK', 'AWAIT', 'EMPTY'],
      properties: ({ always, leadsTo, reachable, happens }) => [
        always(NOTHING_LEFT, (view) => {
          if (!view.get('flush').matches('flushed')) return true;
          const { entries: stored } = view.get('priq').context;
          const { inHand } = view.get('priqThread').context;
          return ![...stored, ...(inHand ? [inHand] : [])].some(({ device }) => device === 'dev0');
        }),
        leadsTo(
          FLUSH_RETURNS,
          (view) => view.get('flush').matches('waiting'),
          (view) => view.get('flush').matches('flushed'),
        ),
        reachable('a flush waits for a request of its device', (view) => {
          const { entries: stored } = view.get('priq').context;
          return view.get('flush').matches('waiting') && stored.some(({ device }) => device === 'dev0');
        }),
        reachable('a flush waits, and only for requests of another device', (view) => {
          const { entries: stored } = view.get('priq').context;
          return (
            view.get('flush').matches('waiting') && stored.length > 0 && stored.every(({ device }) => device !== 'dev0')
          );
        }),
        ...(batches === null
          ? []
          : [
              reachable('a flush returns although the queue was never empty', (view) => {
                return view.get('batches').context.counted === batches && view.get('priq').context.entries.length > 0;
              }),
            ]),
        happens('a device gets its answer', { type: 'PRG_RESPONSE' }),
        reachable('a flush returns, and the queue is not empty', (view) => {
          return view.get('flush').matches('flushed') && view.get('priq').context.entries.length > 0;
        }),
      ],
    });
  },
});

/**
 * System 16: the page request queue of VT-d overflows while its thread works, which moves the head once a pass and so gives no room back
 * before. The hardware has answered the last requests of groups whose first ones are in the queue, or with the core, already; their
 * indexes come again as soon as PRO is cleared.
 *
 * prq_event_thread() clears PRO only where head and tail are equal (28a77185f1cd, v5.12), and discards partial requests before that
 * (d5b9e4bfe0d8, v5.14). Each is wrong without the other. Both are right because nothing comes to the queue while PRO is set: what the thread
 * finds empty stays empty, and who finds it not empty is sure of another interrupt. Of that it is sure only as it clears PPR before it reads the
 * pointers; else it sleeps with PRO set (`acknowledges-last`).
 *
 * The order of the last two matters less than it seems: `clears-first` discards what is new, and only makes a group shorter, since no
 * other thread reports.
 *
 * Simplifications: those of the machines; an overflow needs more credits than entries (B-09); a drain is not under way.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { groupsOfOne, groupsOfTwo, type PostedGroup, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pageRequestRegistersOverflow } from '../hardware/vtd/page-request-registers-overflow.ts';
import { prqOverflowThread } from '../kernel/intel/prq-overflow.ts';
import { prqOverflowThreadAcknowledgesLast } from '../kernel/intel/prq-overflow-acknowledges-last.ts';
import { prqOverflowThreadAnyTail } from '../kernel/intel/prq-overflow-any-tail.ts';
import { prqOverflowThreadClearsFirst } from '../kernel/intel/prq-overflow-clears-first.ts';
import { prqOverflowThreadV511 } from '../kernel/intel/prq-overflow-v5.11.ts';
import { prqOverflowThreadV512 } from '../kernel/intel/prq-overflow-v5.12.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { groupsAreAnswered, noMixedGroup, noSecondAnswer } from '../monitors/pasid-groups.ts';
import { names } from '../parts/names.ts';
import { howMany } from '../rigs/parameters.ts';
import { actorOf } from '../rigs/version.ts';

const RUN = { type: 'RUN' } as const;
const AWAKE = 'the thread does not sleep while PRO is set';
const merged = { verdict: 'violated', property: noMixedGroup().name } as const;

const threads = {
  fixed: prqOverflowThread,
  'clears-always': prqOverflowThreadV511,
  'no-discard': prqOverflowThreadV512,
  'any-tail': prqOverflowThreadAnyTail,
  'clears-first': prqOverflowThreadClearsFirst,
  'acknowledges-last': prqOverflowThreadAcknowledgesLast,
};

export const prqOverflow = defineScenario({
  name: 'prq-overflow',
  title: 'The page request queue of VT-d overflows while its thread works on what is in it',
  sources: [
    'B-09',
    'B-35',
    '28a77185f1cd',
    'd5b9e4bfe0d8',
    'drivers/iommu/intel/prq.c prq_event_thread()',
    'VT-d 7.4.1',
  ],
  group: 'iopf',
  systems: ['vtd-prq', 'iopf-core-v6.9'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the function', { min: 2, max: 3, default: 2 }),
    entries: howMany('entries of the queue; with more than indexes it never overflows', { max: 3, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'where the queue is empty, discards partial requests and then clears PRO (d5b9e4bfe0d8, v5.14, to 7.0)',
      expected: { verdict: 'holds', counts: [4_058, 10_966] },
    },
    'clears-always': {
      title: 'clears PRO, whether the queue is empty or not (to v5.11)',
      expected: { ...merged, length: 14 },
    },
    'no-discard': {
      title: 'where the queue is empty, clears PRO (28a77185f1cd, v5.12, to v5.13)',
      expected: { ...merged, length: 15 },
    },
    'any-tail': {
      title: 'discards, and clears PRO, whether the queue is empty or not',
      expected: { ...merged, length: 15 },
    },
    'clears-first': {
      title: 'where the queue is empty, clears PRO and then discards',
      expected: { verdict: 'holds', counts: [4_551, 12_140] },
    },
    'acknowledges-last': {
      title: 'as fixed, but clears PPR when it has moved the head: no interrupt tells of what came meanwhile',
      expected: { verdict: 'violated', property: AWAKE, length: 8 },
    },
  },
  build({ indexes, entries }, variant) {
    return defineSystem({
      unsent: 'ignore',
      actors: {
        dev0: actor(pasidFunction, {
          input: { name: 'dev0', iommu: 'registers' },
          // The others fill the queue.
          choices: [...groupsOfTwo(1, 'pasid1'), ...groupsOfOne(indexes, 'pasid1').slice(1)],
          // Waiting for an answer is no rest.
          rest: ({ context }) => Object.values<PostedGroup>(context.groups).every(({ complete }) => !complete),
        }),
        registers: actor(pageRequestRegistersOverflow, { input: { name: 'registers', entries, thread: 'irq' } }),
        irq: actorOf(threads[variant], {
          input: { name: 'irq', registers: 'registers', core: 'core' },
          choices: [RUN],
          rest: ['asleep'],
        }),
        core: actor(iopfCoreV70, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
        array: actor(pasidArray, { input: { handles: { pasid1: 'handle0' } } }),
        handle0: actor(attachHandle, { input: { handler: 'groups', isAttached: true } }),
        groups: actor(heldGroups, {
          input: { core: 'core' },
          choices: [RUN],
          rest: ({ context }) => context.held.length === 0,
        }),
      },
      properties: ({ always, reachable, happens }) => [
        noMixedGroup(),
        noSecondAnswer('registers'),
        always(AWAKE, (view) => {
          return !view.get('irq').matches('asleep') || view.get('registers').matches('normal');
        }),
        ...names('prg', indexes).map((index) => groupsAreAnswered(index)),
        reachable('PRO is set with a partial request in the core', (view) => {
          return view.get('registers').matches('overflow') && view.get('core').context.partial.length > 0;
        }),
        reachable('PRO is set, and the queue is not empty when the head has moved', (view) => {
          const { requests } = view.get('registers').context;
          return view.get('irq').matches('moved') && view.get('registers').matches('overflow') && requests.length > 0;
        }),
        happens('PRO is cleared', { type: 'CLEAR_PRO' }),
        happens('the hardware answers a group', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'registers' }),
        happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'core' }),
      ],
    });
  },
});

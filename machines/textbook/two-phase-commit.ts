/**
 * Two-phase commit after Gray and Lamport: resource managers vote or abort on their own, the transaction manager
 * commits once it has seen every vote, or aborts at any time before.
 *
 * Messages are a set that only grows. Each possible message is an actor that remembers whether it was sent, so a
 * resource manager can read the decision whenever it likes. Nobody reads the same message twice, which leaves 288 states
 * for three resource managers, 8,832 for five, 296,448 for seven and 1,745,408 for eight, as in the published models.
 */
import { enqueueActions, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { alike, interchangeable } from '../parts/names.ts';

interface ResourceManager {
  vote: string;
}

const resourceManager = setup({
  types: {
    context: {} as ResourceManager,
    input: {} as ResourceManager,
    events: {} as
      | { type: 'PREPARE' }
      | { type: 'CHOOSE_ABORT' }
      | { type: 'LOOK' }
      | { type: 'COMMITTED' }
      | { type: 'ABORTED' },
  },
  actions: {
    castVote: sendTo(({ system, context }) => system.get(context.vote), { type: 'SEND' }),
    readDecision: sendTo(
      ({ system }) => system.get('decision'),
      ({ self }) => ({ type: 'READ', by: self.id }),
    ),
  },
}).createMachine({
  id: 'resourceManager',
  context: ({ input }) => input,
  initial: 'working',
  states: {
    working: {
      on: {
        PREPARE: { target: 'prepared', actions: 'castVote' },
        CHOOSE_ABORT: 'aborted',
        LOOK: { target: 'reading', actions: 'readDecision' },
      },
    },
    prepared: { on: { LOOK: { target: 'reading', actions: 'readDecision' } } },
    // Left within the same step: the decision answers at once, or is not there and disables the step.
    reading: { on: { COMMITTED: 'committed', ABORTED: 'aborted' } },
    committed: { type: 'final' },
    aborted: { type: 'final' },
  },
});

/** The message that a resource manager is prepared. */
const vote = setup({
  types: { events: {} as { type: 'SEND' } | { type: 'READ' } | { type: 'REQUIRE' } },
}).createMachine({
  id: 'vote',
  initial: 'unsent',
  states: {
    unsent: { on: { SEND: 'sent' } },
    sent: { on: { READ: 'seen' } },
    seen: { on: { REQUIRE: {} } },
  },
});

/** The transaction manager's one message to all. */
const decision = setup({
  types: { events: {} as { type: 'COMMIT' } | { type: 'ABORT' } | { type: 'READ'; by: string } },
  actions: {
    answerCommitted: sendTo(({ system, event }) => system.get('by' in event ? event.by : ''), { type: 'COMMITTED' }),
    answerAborted: sendTo(({ system, event }) => system.get('by' in event ? event.by : ''), { type: 'ABORTED' }),
  },
}).createMachine({
  id: 'decision',
  initial: 'unsent',
  states: {
    unsent: { on: { COMMIT: 'commit', ABORT: 'abort' } },
    commit: { on: { READ: { actions: 'answerCommitted' } } },
    abort: { on: { READ: { actions: 'answerAborted' } } },
  },
});

interface TransactionManager {
  /** The votes that a commit needs. */
  required: string[];
}

const transactionManager = setup({
  types: {
    context: {} as TransactionManager,
    input: {} as TransactionManager,
    events: {} as { type: 'LOOK'; vote: string } | { type: 'COMMIT' } | { type: 'ABORT' },
  },
  actions: {
    readVote: sendTo(({ system, event }) => system.get('vote' in event ? event.vote : ''), { type: 'READ' }),
    requireVotes: enqueueActions(({ enqueue, context }) => {
      for (const name of context.required) enqueue.sendTo(({ system }) => system.get(name), { type: 'REQUIRE' });
    }),
    sendCommit: sendTo(({ system }) => system.get('decision'), { type: 'COMMIT' }),
    sendAbort: sendTo(({ system }) => system.get('decision'), { type: 'ABORT' }),
  },
}).createMachine({
  id: 'transactionManager',
  context: ({ input }) => input,
  initial: 'collecting',
  states: {
    collecting: {
      on: {
        LOOK: { actions: 'readVote' },
        COMMIT: { target: 'committed', actions: ['requireVotes', 'sendCommit'] },
        ABORT: { target: 'aborted', actions: 'sendAbort' },
      },
    },
    committed: { type: 'final' },
    aborted: { type: 'final' },
  },
});

export const twoPhaseCommit = defineScenario({
  name: 'two-phase-commit',
  title: 'Resource managers agree on commit or abort',
  sources: ['Gray and Lamport, Consensus on Transaction Commit (TODS 31, 2006)'],
  group: 'textbook',
  parameters: z.object({
    managers: z.number().int().min(1).max(10).default(5).describe('resource managers'),
  }),
  variants: {
    fixed: {
      title: 'commit needs every vote',
      expected: { verdict: 'holds', counts: [8_832, 37_345], reduced: [314, 1_332] },
    },
    hasty: {
      title: 'commit needs no vote',
      expected: { verdict: 'violated', property: 'no resource manager commits what another one aborted', length: 3 },
    },
    'no-abort': {
      title: 'the transaction manager never aborts, so the prepared wait for the one who did',
      expected: { verdict: 'violated', property: 'no deadlock', length: 5 },
    },
  },
  build({ managers: count }, variant) {
    const indices = Array.from({ length: count }, (_, index) => index);
    const votes = indices.map((index) => `vote${index}`);
    return defineSystem({
      actors: Object.assign(
        family('rm', count, (index) =>
          actor(resourceManager, {
            input: { vote: `vote${index}` },
            choices: [{ type: 'PREPARE' }, { type: 'CHOOSE_ABORT' }, { type: 'LOOK' }],
          }),
        ),
        {
          tm: actor(transactionManager, {
            input: { required: variant === 'hasty' ? [] : votes },
            choices: [
              ...votes.map((name) => ({ type: 'LOOK', vote: name }) as const),
              { type: 'COMMIT' },
              ...(variant === 'no-abort' ? [] : [{ type: 'ABORT' } as const]),
            ],
          }),
        },
        family('vote', count, () => actor(vote)),
        { decision: actor(decision) },
      ),
      blocking: ['READ', 'REQUIRE'],
      symmetry: interchangeable(alike(count, 'rm', 'vote')),
      properties: ({ always, reachable }) => [
        always('no resource manager commits what another one aborted', (view) => {
          const values = indices.map((index) => view.get(`rm${index}`).value);
          return !(values.includes('committed') && values.includes('aborted'));
        }),
        // Neither fault needs these to fail, so they are asked for only where the protocol is whole.
        ...(variant === 'fixed'
          ? [
              reachable('a resource manager commits', (view) => view.get('rm0').matches('committed')),
              reachable('a resource manager aborts', (view) => view.get('rm0').matches('aborted')),
            ]
          : []),
      ],
    });
  },
});

/**
 * Two-phase commit with its messages as Gray and Lamport have them: a set of all that was ever sent, in which everybody finds what
 * is meant for him, again and again. That a message is received late, or never, says that it is lost; so nobody has to lose it.
 *
 * Known counts: TLC finds 288 distinct states and generates 1,146, the initial one included, for three resource managers (TwoPhase of
 * the TLA+ examples), and 50,816 distinct states for six, as the module itself says. `two-phase-commit` has the same states with an actor
 * for each message, and fewer steps, for there nobody reads a vote twice.
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { alike, interchangeable, names } from '../parts/names.ts';

const resourceManager = setup({
  types: { events: {} as { type: 'PREPARE' } | { type: 'CHOOSE_ABORT' } | { type: 'COMMITTED' } | { type: 'ABORTED' } },
  actions: {
    vote: sendTo(
      ({ system }) => system.get('tm'),
      ({ self }) => ({ type: 'PREPARED', by: self.id }),
    ),
  },
}).createMachine({
  id: 'resourceManagerByMessages',
  initial: 'working',
  // RMRcvCommitMsg, RMRcvAbortMsg: whatever its state is.
  on: { COMMITTED: '.committed', ABORTED: '.aborted' },
  states: {
    // RMPrepare, RMChooseToAbort
    working: { on: { PREPARE: { target: 'prepared', actions: 'vote' }, CHOOSE_ABORT: 'aborted' } },
    prepared: {},
    committed: {},
    aborted: {},
  },
});

interface TransactionManager {
  managers: readonly string[];
  /** Commits without looking at the votes. */
  hasty: boolean;
}

const transactionManager = setup({
  types: {
    context: {} as TransactionManager & { prepared: readonly string[] },
    input: {} as TransactionManager,
    events: {} as { type: 'PREPARED'; by: string } | { type: 'COMMIT' } | { type: 'ABORT' },
  },
  guards: {
    mayCommit: ({ context }) => context.hasty || context.prepared.length === context.managers.length,
  },
  actions: {
    noteVote: assign({
      prepared: ({ context, event }) =>
        event.type === 'PREPARED' ? [...new Set([...context.prepared, event.by])].sort() : context.prepared,
    }),
    tellAll: enqueueActions(({ enqueue, context }, { type }: { type: 'COMMITTED' | 'ABORTED' }) => {
      for (const name of context.managers) enqueue.sendTo(({ system }) => system.get(name), { type });
    }),
  },
}).createMachine({
  id: 'transactionManagerByMessages',
  context: ({ input }) => ({ ...input, prepared: [] }),
  initial: 'init',
  states: {
    init: {
      on: {
        // TMRcvPrepared, TMCommit, TMAbort
        PREPARED: { actions: 'noteVote' },
        COMMIT: {
          guard: 'mayCommit',
          target: 'committed',
          actions: { type: 'tellAll', params: { type: 'COMMITTED' } },
        },
        ABORT: { target: 'aborted', actions: { type: 'tellAll', params: { type: 'ABORTED' } } },
      },
    },
    committed: {},
    aborted: {},
  },
});

export const messageSetCommit = defineScenario({
  name: 'message-set-commit',
  title: 'Resource managers agree on commit or abort, by messages that stay for ever',
  sources: ['Gray and Lamport, Consensus on Transaction Commit (TODS 31, 2006); TwoPhase of the TLA+ examples'],
  group: 'textbook',
  parameters: z.object({
    managers: z.number().int().min(1).max(7).default(3).describe('resource managers'),
  }),
  variants: {
    fixed: {
      title: 'commit needs every vote',
      expected: { verdict: 'holds', counts: [288, 1_145], reduced: [80, 317] },
    },
    hasty: {
      title: 'commit needs no vote',
      expected: { verdict: 'violated', property: 'no resource manager commits what another one aborted', length: 3 },
    },
  },
  build({ managers: count }, variant) {
    const managers = names('rm', count);
    return defineSystem({
      actors: combineActors(
        family('rm', count, () => actor(resourceManager, { choices: [{ type: 'PREPARE' }, { type: 'CHOOSE_ABORT' }] })),
        {
          tm: actor(transactionManager, {
            input: { managers, hasty: variant === 'hasty' },
            choices: [{ type: 'COMMIT' }, { type: 'ABORT' }],
          }),
        },
      ),
      channels: { messages: { to: ['tm', ...managers], order: 'set', capacity: Infinity, duplicating: 'always' } },
      blocking: ['PREPARED'],
      symmetry: interchangeable(alike(count, 'rm')),
      properties: ({ always, reachable }) => [
        always('no resource manager commits what another one aborted', (view) => {
          const values = managers.map((name) => view.get(name).value);
          return !(values.includes('committed') && values.includes('aborted'));
        }),
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

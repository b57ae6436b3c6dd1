/** Work items that keep a slot, somebody who stops them, and what their steps take. */
import { assign, sendTo, setup } from 'xstate';
import { actor, combineActors, defineSystem, family, type System } from '../../src/system/system.ts';
import type { ResourceTiming, StepTiming, Timing } from '../../src/system/timing.ts';

export type JobEvent = { type: 'START' | 'WAKE' | 'RUN' | 'STOP' | 'HURRY' | 'BACK' | 'JOB' };

/** It starts, sleeps, runs and is over. It may hurry, somebody else may stop it, and it may come back. */
const job = setup({ types: { events: {} as JobEvent }, actions: { keep: assign({}) } }).createMachine({
  id: 'job',
  initial: 'queued',
  states: {
    queued: { on: { START: 'active', STOP: {} } },
    active: {
      on: { STOP: 'stopped' },
      initial: 'asleep',
      states: {
        // A transition of a choice counts if it does something, though this changes nothing.
        asleep: { on: { WAKE: 'awake', HURRY: '#over', BACK: { actions: 'keep' } } },
        awake: { on: { RUN: '#over' } },
      },
    },
    stopped: { on: { HURRY: 'over', BACK: 'active', STOP: {} } },
    over: { id: 'over', on: { STOP: {} } },
  },
});

/** It stops the first job and another one, in one step. */
const hand = setup({
  types: { input: {} as { other: string }, context: {} as { other: string }, events: {} as { type: 'PRESS' } },
  actions: {
    stopFirst: sendTo(({ system }) => system.get('job0'), { type: 'STOP' }),
    stopOther: sendTo(({ system, context }) => system.get(context.other), { type: 'STOP' }),
  },
}).createMachine({
  id: 'hand',
  context: ({ input }) => input,
  initial: 'up',
  states: { up: { on: { PRESS: { target: 'down', actions: ['stopFirst', 'stopOther'] } } }, down: {} },
});

type Types = readonly JobEvent['type'][];
const AS_USUAL: Types = ['START', 'WAKE', 'RUN'];

function jobs(count: number, types: Types) {
  return family('job', count, () => actor(job, { choices: types.map((type) => ({ type })), rest: () => true }));
}

export function alone(count: number, types = AS_USUAL): System {
  return defineSystem({ actors: jobs(count, types) });
}

/** With a hand that stops the first one, or the first two. */
export function stopped(count: number, stops: 1 | 2, types = AS_USUAL): System {
  const press = actor(hand, {
    input: { other: `job${stops - 1}` },
    choices: [{ type: 'PRESS' }],
    rest: () => true,
  });
  return defineSystem({ actors: combineActors(jobs(count, types), { hand: press }) });
}

/** START takes 1 with a slot, WAKE 10 with nothing, RUN 2. */
export function timed(
  { units = 1, wakeUp = 0, keeps = { 'job*': 'active' } }: Partial<ResourceTiming>,
  steps: Record<string, StepTiming | StepTiming[]> = {},
) {
  const START = { takes: 1, uses: 'slot' };
  return {
    resources: { slot: { units, wakeUp, keeps }, cpu: { units: 1 } },
    actors: { 'job*': { START, WAKE: 10, RUN: { takes: 2 }, HURRY: 1, BACK: 1, ...steps } },
  } satisfies Timing;
}

/** The hand stops at 5. */
export function pressed(timing: Timing): Timing {
  return { ...timing, actors: { ...timing.actors, hand: { PRESS: 5 } } };
}

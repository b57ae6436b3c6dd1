/**
 * Several threads on few units, so that they are at the same actors all the time: what they do is still one step after the other,
 * in the order of their numbers.
 */
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, sendTo, setup } from 'xstate';
import { SEQUENCE, VERSION } from '../../src/stress/layout.ts';
import { namedSteps } from '../../src/stress/log-steps.ts';
import { LOG_WORDS } from '../../src/stress/outcomes.ts';
import type { Plan } from '../../src/stress/plan.ts';
import type { StressRun } from '../../src/stress/stress.ts';
import { unitState } from '../../src/stress/unit-state.ts';
import { type Actors, actor, defineSystem, family, type System } from '../../src/system/system.ts';
import { LiveSystem } from '../../src/trace/live.ts';
import { followLive, planOf, runOf, scaled, scenarioOf } from './harness.ts';

const CASES = [
  { name: 'pri-overflow', threads: 2, units: 1 },
  { name: 'atc-before-tlb', threads: 4, units: 2 },
  { name: 'slow-reader', threads: 4, units: 1 },
];

describe('threads that collide', () => {
  it.each(CASES)('in $name: $threads on $units', async ({ name, threads, units }) => {
    const { template, definition, population, small } = scaled(scenarioOf(name), 'fixed', 6);
    const { plan, run } = await collided(threads, 10_000, () => planOf(template, { units, population }, definition));
    const { tally } = run;
    // Each end of an episode has closed the books.
    expect(tally.episodes).toBeGreaterThan(0);
    for (let unit = 0; unit < units; unit++) {
      expect(lockedSlots(plan, unit)).toEqual([]);
      const log = run.logOf(unit);
      const given = plan.memory[unit * plan.layout.unitWords + SEQUENCE]!;
      expect(log.length).toBeLessThanOrEqual(given);
      expect(stepsBeyond(plan, unit, given)).toBe(0);
      expect(followLive(plan, unit, log, small())).toBe('done');
    }
  });

  it.each([2, 4])('do not lose, double or misplace a step: %i on a ring', async (threads) => {
    const system = ring();
    // So long that none ends: all steps that the threads say they have done are in the log.
    const { plan, run } = await collided(threads, 50_000, () => planOf(system, { episode: 2_000_000 }));
    expect(run.tally.episodes).toBe(0);
    const log = namedSteps(plan, run.logOf(0));
    expect(log).toHaveLength(run.tally.steps);
    const expected = Array.from({ length: RING }, () => ({ bumps: 0, sum: 0 }));
    for (const { actor, event } of log) {
      const at = Number(actor.slice(1));
      const [self, neighbour] = [expected[at]!, expected[(at + 1) % RING]!];
      if (event.type === 'COPY') self.sum = (self.sum + neighbour.bumps) % MODULUS;
      else for (const one of [self, neighbour]) one.bumps = (one.bumps + 1) % MODULUS;
    }
    const { actors } = unitState(plan, 0, new LiveSystem(system).state());
    expect(Object.values(actors).map(({ context }) => context)).toEqual(expected);
  });
});

/**
 * A run in which each thread had to give way to another. They start together, but a busy machine may hardly let one
 * of them run, so a run in which one did not is done again with twice the steps.
 */
async function collided(threads: number, steps: number, planned: () => Plan): Promise<{ plan: Plan; run: StressRun }> {
  const plan = planned();
  const run = runOf(plan, { threads, steps, mix: 'random' });
  expect(await run.run()).toBeUndefined();
  expect(run.tally.steps).toBeGreaterThanOrEqual(steps);
  if (run.tally.threads.every(({ conflicts }) => conflicts > 0)) return { plan, run };
  if (steps > MOST_STEPS) throw new Error(`not all of ${threads} threads collided in ${steps} steps`);
  return collided(threads, 2 * steps, planned);
}

const MOST_STEPS = 800_000;

const RING = 4;
const MODULUS = 7;

/**
 * Actors that can always go on. They change their neighbour, or add to their sum what it has, which they look at without changing
 * it: a step that is lost, doubled or out of its place shows for ever.
 */
function ring(): System {
  const build = (index: number) =>
    setup({
      types: {
        context: {} as { bumps: number; sum: number },
        events: {} as
          | { type: 'GO' | 'BUMP' | 'COPY' }
          | { type: 'READ'; by: string }
          | { type: 'VALUE'; bumps: number },
      },
      actions: {
        bump: assign({ bumps: ({ context }) => (context.bumps + 1) % MODULUS }),
        tell: sendTo(({ system }) => system.get(`a${(index + 1) % RING}`), { type: 'BUMP' }),
        ask: sendTo(
          ({ system }) => system.get(`a${(index + 1) % RING}`),
          () => ({ type: 'READ', by: `a${index}` }),
        ),
        answer: sendTo(
          ({ system, event }) => system.get((event as { by: string }).by),
          ({ context }) => ({ type: 'VALUE', bumps: context.bumps }),
        ),
        add: assign({ sum: ({ context, event }) => (context.sum + (event as { bumps: number }).bumps) % MODULUS }),
      },
    }).createMachine({
      context: { bumps: 0, sum: 0 },
      on: {
        GO: { actions: ['bump', 'tell'] },
        BUMP: { actions: 'bump' },
        COPY: { actions: 'ask' },
        READ: { actions: 'answer' },
        VALUE: { actions: 'add' },
      },
    });
  return defineSystem<Actors>({
    actors: family('a', RING, (index) =>
      actor(build(index) as unknown as AnyStateMachine, {
        choices: [{ type: 'GO' }, { type: 'COPY' }],
        rest: () => true,
      }),
    ),
  });
}

/** Slots of a unit whose version is odd. */
function lockedSlots({ layout, memory }: Plan, unit: number): string[] {
  return layout.kinds.flatMap(({ name, sort, offset, stride }) =>
    Array.from({ length: sort === 'family' ? layout.population : 1 }, (_, member) => member)
      .filter((member) => memory[unit * layout.unitWords + offset + member * stride + VERSION]! % 2 !== 0)
      .map((member) => `${name} ${member}`),
  );
}

/** Entries of a unit's log with numbers that were not given. */
function stepsBeyond({ log, episode }: Plan, unit: number, given: number): number {
  let count = 0;
  for (let number = given; number < episode; number++) if (log[(unit * episode + number) * LOG_WORDS] !== 0) count++;
  return count;
}

/** How interleavings are chosen makes a difference, and the one that its name says. */
import { expect, it } from 'vitest';
import { type NamedStep, namedSteps } from '../../src/stress/log-steps.ts';
import { MIXES, type Mix } from '../../src/stress/run-shape.ts';
import { listener, planOf, runInTurns, runOf, scaled, scenarioOf } from './harness.ts';

/** The steps of one thread, in names. */
async function stepsWith(mix: Mix): Promise<readonly NamedStep[]> {
  const { template, definition, population } = scaled(scenarioOf('racing-unmap'), 'fixed', 20);
  const plan = planOf(template, { population }, definition);
  const run = runOf(plan, { mix, steps: 3000 });
  const steps: NamedStep[] = [];
  const finding = await runInTurns(run, (it) =>
    it.runInTurns(listener({ stepped: (_, step) => steps.push(...namedSteps(plan, [step])) })),
  );
  expect(finding).toBeUndefined();
  return steps;
}

const stepsOf = new Map<Mix, readonly NamedStep[]>();
for (const mix of Object.keys(MIXES) as Mix[]) stepsOf.set(mix, await stepsWith(mix));

it('of one seed each but `all` goes its own way, and `all` goes one of theirs', () => {
  const { all, ...others } = Object.fromEntries([...stepsOf].map(([mix, steps]) => [mix, JSON.stringify(steps)]));
  expect(new Set(Object.values(others)).size).toBe(Object.keys(MIXES).length - 1);
  expect(Object.values(others)).toContain(all);
});

it('in storms and waves more is taken back than at random', () => {
  const reclaims = (mix: Mix) => stepsOf.get(mix)!.filter(({ event }) => event.type === 'RECLAIM').length;
  expect(reclaims('storm')).toBeGreaterThan(reclaims('random') * 1.2);
});

it('in bursts whose turn it is changes less often', () => {
  const switches = (mix: Mix) => {
    const starters = stepsOf.get(mix)!.map(({ kind, actor, channel }) => (kind === 'deliver' ? channel : actor));
    return starters.filter((starter, at) => starter !== starters[at - 1]).length;
  };
  expect(switches('bursts')).toBeLessThan(switches('random') * 0.9);
});

it('with priorities and starvation some actor has far more turns than at random', () => {
  const turnsOf = (mix: Mix) => {
    const turns = new Map<string, number>();
    for (const { actor } of stepsOf.get(mix)!) turns.set(actor, (turns.get(actor) ?? 0) + 1);
    return turns;
  };
  const random = turnsOf('random');
  for (const mix of ['priorities', 'starvation'] as const) {
    // Of those that have many at random: of few, chance makes many.
    const ratios = [...random]
      .filter(([, turns]) => turns > 100)
      .map(([actor, turns]) => (turnsOf(mix).get(actor) ?? 0) / turns);
    expect(Math.max(...ratios)).toBeGreaterThan(2);
  }
});

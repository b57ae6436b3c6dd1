/** What is drawn in a stress run depends on its seed and on the thread, and on nothing else. */
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import type { LoggedStep } from '../../src/stress/records.ts';
import { UnitRunner } from '../../src/stress/unit-runner.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { Random } from '../../src/tabulate/random.ts';
import { planOf, runOf } from './harness.ts';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('a source of numbers', () => {
  it('has the same ones for the same seeds, and nothing in common with one of other seeds', () => {
    const seeds = [[0], [1], [2], [0, 1], [1, 0], [1, 1], [1, 2], [2, 1]];
    const drawn = seeds.flatMap((some) => draw(new Random(...some), 50));
    expect(seeds.flatMap((some) => draw(new Random(...some), 50))).toEqual(drawn);
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('draws evenly, from one source as well as first from each of many', () => {
    const spread = (drawn: readonly number[]) =>
      Array.from({ length: 10 }, (_, number) => drawn.filter((one) => one === number).length);
    const random = new Random(1);
    const fromOne = Array.from({ length: 10_000 }, () => random.below(10));
    const fromMany = Array.from({ length: 10_000 }, (_, seed) => new Random(seed).below(10));
    for (const counts of [spread(fromOne), spread(fromMany)]) {
      expect(counts.reduce((sum, count) => sum + count)).toBe(10_000);
      expect(Math.min(...counts)).toBeGreaterThan(800);
    }
  });
});

describe('a run whose steps are drawn at random', () => {
  const coin = createMachine({
    initial: 'heads',
    states: { heads: { on: { FLIP: 'tails', STAY: 'heads' } }, tails: { on: { FLIP: 'heads', STAY: 'tails' } } },
  });
  const system = defineSystem({ actors: { coin: actor(coin, { choices: [{ type: 'FLIP' }, { type: 'STAY' }] }) } });

  /** What each thread does with a unit of its own. */
  function logsOf(seed: number): (readonly LoggedStep[])[] {
    const plan = planOf(system, { units: 2 });
    const run = runOf(plan, { seed, threads: 2, placement: 'whole', mix: 'random' });
    run.jobs.forEach((job, unit) => {
      new UnitRunner(job, plan.tables).visit(unit, 30);
    });
    return run.jobs.map((_, unit) => run.logOf(unit));
  }

  it('takes others with another seed, and on each of its threads', () => {
    const [one, other] = logsOf(1);
    expect(one).toHaveLength(30);
    expect(logsOf(1)).toEqual([one, other]);
    expect(other).not.toEqual(one);
    expect(logsOf(2)[0]).not.toEqual(one);
  });
});

/** The same run on live actors: it does the same, and it notices when the tables do something else. */
import { describe, expect, it } from 'vitest';
import { runLive } from '../../src/stress/live-run.ts';
import type { Plan } from '../../src/stress/plan.ts';
import { planOf, runOf, scaled, scenarioOf } from './harness.ts';
import { paging } from './paging.ts';

const UNITS = 2;

describe('a run on live actors', () => {
  it.each([
    ['pri-overflow', 'fixed'],
    ['atc-before-tlb', 'fixed'],
    ['racing-unmap', 'late-seq'],
  ])('of %s --variant %s is the run', async (name, variant) => {
    const { template, definition, population, small } = scaled(scenarioOf(name), variant, 6);
    const runs = [0, 1].map(() =>
      runOf(planOf(template, { units: UNITS, population, episode: 1024 }, definition), { steps: 3000 }),
    );
    const [run, live] = runs as [(typeof runs)[0], (typeof runs)[0]];
    const finding = run.runHere();
    expect(finding !== undefined).toBe(variant !== 'fixed');
    expect(await runLive(live, small())).toEqual(finding);
    expect(live.tally).toEqual(run.tally);
    for (let unit = 0; unit < UNITS; unit++) expect(live.logOf(unit)).toEqual(run.logOf(unit));
  });

  it('is stopped from outside', async () => {
    const run = runOf(planOf(paging(4), { units: UNITS }), { steps: Number.POSITIVE_INFINITY });
    setTimeout(() => run.stop(), 20);
    expect(await runLive(run, paging(4))).toBeUndefined();
    expect(run.tally.steps).toBeGreaterThan(0);
  });

  it('is refused for a unit of a thousand actors', async () => {
    const run = runOf(planOf(paging(4), { population: 1000 }));
    await expect(runLive(run, paging(500))).rejects.toMatchObject({
      code: 'too-large',
      message: 'a unit has 1003 actors, and at most 500 are run live',
    });
  });

  it('is refused for another system than that of the units', async () => {
    const run = runOf(planOf(paging(4), { population: 7 }));
    await expect(runLive(run, paging(4))).rejects.toThrow('7 things in a unit, and 4 in the live system');
  });
});

describe('live actors disagree', () => {
  /** Does something to each effect that the tables are given, if it can. */
  function tampered(change: (pool: Int32Array, effect: number, state: number) => void): Plan {
    const plan = planOf(paging(4), { units: UNITS });
    const { tables } = plan;
    const original = tables.reaction.bind(tables);
    tables.reaction = (state, message, places) => {
      const effect = original(state, message, places);
      if (effect > 0) change(tables.buffers.pool, effect, state);
      return effect;
    };
    return plan;
  }

  const outcomeOf = (plan: Plan) => runLive(runOf(plan), paging(4));

  it('with none that is as it should be', async () => {
    expect(await outcomeOf(tampered(() => {}))).toBeUndefined();
  });

  it('when a transition does not change the state', async () => {
    const lost = tampered((pool, effect, state) => {
      const isSameSize = pool[effect + 1] === 0;
      if (isSameSize) pool[effect] = state;
    });
    await expect(outcomeOf(lost)).rejects.toThrow(/the tables and live actors disagree/);
  });

  it('when a message is not sent', async () => {
    const silent = tampered((pool, effect) => {
      pool[effect + 2 + pool[effect + 1]!] = 0;
    });
    await expect(outcomeOf(silent)).rejects.toThrow(
      /the tables and live actors disagree in step 1 of unit 1, device.TOUCH, about the messages; this is a bug of Faultline/,
    );
  });

  it('when two messages are sent in the other order', async () => {
    const reordered = tampered((pool, effect) => {
      const sends = effect + 2 + pool[effect + 1]!;
      if (pool[sends] !== 2 || pool[sends + 3] !== pool[sends + 6 + pool[sends + 3]!]) return;
      const length = 3 + pool[sends + 3]!;
      const first = pool.slice(sends + 1, sends + 1 + length);
      pool.copyWithin(sends + 1, sends + 1 + length, sends + 1 + 2 * length);
      pool.set(first, sends + 1 + length);
    });
    await expect(outcomeOf(reordered)).rejects.toThrow(/disagree in step \d+ of unit \d, .* about the messages/);
  });
});

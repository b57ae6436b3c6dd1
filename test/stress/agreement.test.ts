/**
 * Every step of a stress run is a step of the model: live XState actors that take the same steps come to the same states.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it } from 'vitest';
import { runLive } from '../../src/stress/live-run.ts';
import { ModelError } from '../../src/system/errors.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { seedOr } from '../seed.ts';
import { swept } from '../sweep.ts';
import { followLive, planOf, runInTurns, runOf, scaled, scenarioOf, stressed } from './harness.ts';

const PAGES = 6;

describe('each step of a stress run is one of the model', () => {
  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 300);
  const seed = seedOr(20261121);

  it(`in ${runs} random systems, FAULTLINE_SEED=${seed}`, { timeout: 60_000 + runs * 200 }, async () => {
    const outcomes = new Map<string, number>();
    let steps = 0;
    let episodes = 0;
    const note = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
    const agrees = fc.asyncProperty(systemSpecs, fc.nat(), async (spec, number) => {
      const system = buildSystem(stressed(spec));
      try {
        const plan = planOf(system, { units: 2, episode: 256 });
        const run = runOf(plan, { seed: number, steps: 120 });
        const finding = await runInTurns(run, (it) => runLive(it, system));
        for (const unit of [0, 1]) {
          const log = finding?.unit === unit ? finding.log : run.logOf(unit);
          const outcome = followLive(plan, unit, log, system);
          const isModelError = finding?.unit === unit && (finding.kind === 'unhandled' || finding.kind === 'endless');
          if (outcome !== 'done' && !isModelError) throw new Error(`a log ends in ${outcome}`);
        }
        steps += run.tally.steps;
        episodes += run.tally.episodes;
        note(finding?.kind ?? 'nothing found');
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        note(error.code);
      }
    });
    await fc.assert(agrees, { numRuns: runs, seed });
    if (runs < 300) return;
    // The agreement is worth little if hardly anything happens.
    expect(steps).toBeGreaterThan(40 * runs);
    expect(episodes).toBeGreaterThan(50);
    for (const kind of ['nothing found', 'violation', 'dead-end', 'not-quiet', 'unhandled']) {
      expect(outcomes.get(kind)).toBeGreaterThan(0);
    }
  });

  /** A message in a channel at the start, several ways to start, a set of messages, receivers that compete: refused with a reason. */
  const NOT_LIFTABLE: ReadonlySet<string> = new Set([
    'ping-pong',
    'alternating-bit',
    'message-set-commit',
    'deli',
    'single-copy-register',
    'paxos',
  ]);
  // What faulty variants do that end in a finding is taken on live actors by the tests of findings.
  const scenarios = [...new Set(swept.map(({ scenario }) => scenario))]
    .filter(({ name }) => !NOT_LIFTABLE.has(name))
    .map((scenario) => ({ scenario, name: scenario.name }));

  it.each(scenarios)('in $name', async ({ scenario }) => {
    const [variant] = Object.keys(scenario.variants);
    const { template, definition, population, small } = scaled(scenario, variant!, PAGES);
    const plan = planOf(template, { units: 2, population, episode: 512 }, definition);
    const run = runOf(plan, { steps: 700 });
    const system = small();
    const finding = await runInTurns(run, (it) => runLive(it, system));
    for (const unit of [0, 1]) {
      followLive(plan, unit, finding?.unit === unit ? finding.log : run.logOf(unit), system);
    }
    expect(run.tally.steps).toBeGreaterThan(0);
  });

  it('known limit: not where a channel holds messages at the start', () => {
    const { template } = scaled(scenarioOf('ping-pong'), 'reliable', 0);
    expect(() => planOf(template)).toThrow('channel "network" holds messages at the start');
  });
});

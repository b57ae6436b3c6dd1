/**
 * What scenarios say about their stress runs is true of them: names exist, populations are interchangeable, gauges are whole
 * numbers, and when a run is stopped, what is under way ends and all balances close.
 */
import { describe, expect, test } from 'vitest';
import type { AnyStateNode, EventObject } from 'xstate';
import { partialFallthrough } from '../../machines/races/B-01-partial-fallthrough.ts';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import { randomBelow } from '../../src/explore/random.ts';
import type { ParameterValues } from '../../src/system/parameters.ts';
import type { MessagePattern } from '../../src/system/property.ts';
import type { Scenario, StressDefinition } from '../../src/system/scenario.ts';
import type { System } from '../../src/system/system.ts';
import { viewOf } from '../../src/tabulate/predicate.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { START, Walker } from '../../src/tabulate/walker.ts';
import { SAFETY } from '../stress/harness.ts';

const WALKS = 200;
/** Steps of a walk before it is stopped: enough for every queue to have been full. */
const WALK_STEPS = 100;
/** Nothing under way takes so many steps to end, by chance or otherwise. */
const DRAIN_STEPS_MAX = 5000;

const scenarios = catalogue.flatMap((scenario) => (scenario.stress ? [{ scenario, stress: scenario.stress }] : []));

/** With fewer pages than a stress run has, so that walks meet on them, but more than frames. */
function systemOf(scenario: Scenario, variant: string, settings: ParameterValues = {}): System {
  const { stress } = scenario;
  const pages = stress?.pages === undefined ? {} : { [stress.pages]: 5 };
  return scenario.build(scenario.parameters.parse({ ...stress?.parameters, ...pages, ...settings }), variant);
}

test('the scenarios about safety can be stressed', () => {
  expect(scenarios.map(({ scenario }) => scenario.name).sort()).toEqual([...SAFETY].sort());
});

describe.each(scenarios)('$scenario.name', ({ scenario, stress }) => {
  const variants = Object.keys(scenario.variants);
  const holding = variants.filter((variant) => scenario.variants[variant]!.expected.verdict === 'holds');

  test('names parameters that it has, with values that they take', () => {
    const { devices, queueEntries, pages, parameters = {} } = stress;
    const named = [devices, queueEntries, pages, ...Object.keys(parameters)].filter((name) => name !== undefined);
    expect(Object.keys(scenario.parameters.shape)).toEqual(expect.arrayContaining(named));
    expect(scenario.parameters.parse(parameters)).toMatchObject(parameters);
  });

  test('presses by choices that its actors have', () => {
    const choices = Object.values(systemOf(scenario, 'fixed').actors).flatMap((actor) => actor.choices);
    expect(choices.map(({ type }) => type)).toEqual(expect.arrayContaining([...(stress.pressure ?? [])]));
  });

  test('balances counters that there are', () => {
    const sides = (stress.balances ?? []).flatMap(({ left, right }) => [left, right]);
    expect(sides.length).toBeGreaterThan(0);
    expect(sides.filter((side) => side.length === 0)).toEqual([]);
    expect(Object.keys(stress.counters ?? {})).toEqual(expect.arrayContaining(sides.flat()));
  });

  test('measures how long actors stay in states that they have', () => {
    const actors = variants.flatMap((variant) => Object.entries(systemOf(scenario, variant).actors));
    for (const { actors: prefix, states } of Object.values(stress.latencies ?? {})) {
      const machines = actors.filter(([name]) => name.startsWith(prefix)).map(([, { machine }]) => machine);
      expect(machines.flatMap(({ root }) => statesOf(root))).toEqual(expect.arrayContaining([...states]));
    }
  });

  test('has the whole population, of things that are interchangeable', async () => {
    for (const variant of variants) {
      const template = scenario.build(scenario.parameters.parse(stress.parameters ?? {}), variant);
      const pages = stress.pages === undefined ? 0 : (stress.parameters?.[stress.pages] as number);
      expect(template.population).toHaveLength(pages);
      if (pages === 0) continue;
      // With properties of progress no search makes use of symmetry.
      const safety = 'progress' in scenario.parameters.shape ? { progress: false } : {};
      const { error, reductions } = await exchanging(systemOf(scenario, variant, { [stress.pages!]: 3, ...safety }));
      expect(error?.message).toBeUndefined();
      expect(reductions).toMatchObject([{ name: 'symmetry', used: true, renamings: 6 }]);
    }
  });

  test.each(holding)('%s: when the producers stop, everything ends and the balances close', (variant) => {
    const run = new Run(systemOf(scenario, variant), stress);
    const total: Record<string, number> = {};
    let open = 0;
    for (let seed = 1; seed <= WALKS; seed++) {
      run.start(seed);
      const steps = Array.from({ length: WALK_STEPS }, () => run.step('all'));
      expect(steps).not.toContain(false);
      expect(run.gauges().filter((depth) => !Number.isInteger(depth) || depth < 0)).toEqual([]);
      if (run.openBalances().length > 0) open++;
      let drained = 0;
      while (run.step('what is under way') && drained < DRAIN_STEPS_MAX) drained++;
      expect(drained).toBeLessThan(DRAIN_STEPS_MAX);
      expect(run.actorsNotAtRest(), `seed ${seed}`).toEqual([]);
      expect(run.openBalances(), `seed ${seed}`).toEqual([]);
      for (const [name, count] of Object.entries(run.counts)) total[name] = (total[name] ?? 0) + count;
    }
    // Before a run is stopped something is nearly always under way.
    expect(open).toBeGreaterThan(WALKS / 2);
    expect(Object.keys(total).filter((name) => total[name] === 0)).toEqual(NEVER[scenario.name] ?? []);
  });
});

/** Counters that stay at 0. */
const NEVER: Readonly<Record<string, readonly string[]>> = {
  // Nobody detaches a device.
  'slow-reader': ['automatic answers', 'cookies refused'],
};

test('a population that is none is refused', async () => {
  const system = priOverflow.build(priOverflow.parameters.parse({ pages: 3 }), 'fixed');
  expect(system.population).toEqual([]);
  const population = [['page0'], ['page1'], ['page2']];
  await expect(exchanging({ ...system, population })).rejects.toMatchObject({ code: 'not-symmetric' });
});

test('a balance stays open where a group gets two answers', () => {
  const run = new Run(systemOf(partialFallthrough, 'missing-return'), partialFallthrough.stress!);
  const open = Array.from({ length: 20 }, (_, seed) => {
    run.start(seed + 1);
    for (let step = 0; step < WALK_STEPS; step++) run.step('all');
    while (run.step('what is under way'));
    return run.openBalances();
  });
  expect(open.flat()).toContain('each complete group is answered');
});

/** A bounded search that takes one state of those that differ only in who is who in the population. */
function exchanging(system: System) {
  return check({ ...system, symmetry: [system.population] }, { maxStates: 5000 });
}

/** As `matches` takes them. */
function statesOf({ path, states }: AnyStateNode): string[] {
  return [path.join('.'), ...Object.values(states).flatMap(statesOf)];
}

/** One run at a time from the initial state, by random steps. */
class Run {
  readonly #system: System;
  readonly #stress: StressDefinition;
  readonly #walker: Walker;
  /** By the counter's name; of this run. */
  readonly counts: Record<string, number> = {};
  #below: (end: number) => number = randomBelow(0);

  constructor(system: System, stress: StressDefinition) {
    this.#system = system;
    this.#stress = stress;
    this.#walker = new Walker(new Tables(system));
  }

  start(seed: number): void {
    this.#below = randomBelow(seed);
    this.#walker.begin();
    this.#walker.start();
    for (const name of Object.keys(this.#stress.counters ?? {})) this.counts[name] = 0;
  }

  /** Makes a random step of a random actor or channel; false when there is none. */
  step(allowed: 'all' | 'what is under way'): boolean {
    const walker = this.#walker;
    const starters = [...walker.tables.starters];
    while (starters.length > 0) {
      const [slot] = starters.splice(this.#below(starters.length), 1) as [number];
      const isAtRest = slot < walker.tables.actorCount && walker.tables.atRest(slot, walker.current[slot]!);
      let found = 0;
      let chosen: { readonly state: Int32Array; readonly taken: readonly number[] } | undefined;
      walker.record = [];
      walker.begin([slot]);
      while (walker.next()) {
        const isNew = walker.kind === START && isAtRest && walker.tables.messages[walker.message]!.event.type !== 'RUN';
        const isChosen = (allowed === 'all' || !isNew) && this.#below(++found) === 0;
        const taken = walker.record.filter(({ kind }) => kind === 'taken').map(({ message }) => message);
        if (isChosen) chosen = { state: walker.current.slice(), taken };
        walker.record = [];
      }
      walker.record = undefined;
      if (!chosen) continue;
      walker.begin();
      walker.current.set(chosen.state);
      for (const message of chosen.taken) this.#count(message);
      return true;
    }
    return false;
  }

  gauges(): number[] {
    const view = viewOf(this.#walker.tables, this.#walker.current);
    return Object.values(this.#stress.gauges ?? {}).map((gauge) => gauge(view));
  }

  openBalances(): string[] {
    const sum = (side: readonly string[]) => side.reduce((total, name) => total + this.counts[name]!, 0);
    return (this.#stress.balances ?? []).filter(({ left, right }) => sum(left) !== sum(right)).map(({ name }) => name);
  }

  actorsNotAtRest(): string[] {
    const { tables, current } = this.#walker;
    return Object.keys(this.#system.actors).filter((_, slot) => !tables.atRest(slot, current[slot]!));
  }

  #count(message: number): void {
    const { to, event } = this.#walker.tables.messages[message]!;
    const receiver = this.#walker.tables.actors[to]!.name;
    for (const [name, pattern] of Object.entries(this.#stress.counters ?? {})) {
      if (matches(pattern, receiver, event)) this.counts[name]!++;
    }
  }
}

function matches({ to, type, where }: MessagePattern, receiver: string, event: EventObject): boolean {
  return type === event.type && (to === undefined || to === receiver) && (where?.(event) ?? true);
}

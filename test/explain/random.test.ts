/** Explanations of random systems, against brute force on the naive twin. `FAULTLINE_SEED` sets which ones. */
import { expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import { whyNot } from '../../src/explain/why-not.ts';
import { check } from '../../src/explore/check.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { Property, SystemView } from '../../src/system/property.ts';
import type { System } from '../../src/system/system.ts';
import { enabledSteps, type Path } from '../../src/tabulate/path.ts';
import { canonicalKey } from '../../src/tabulate/plain.ts';
import { viewOf } from '../../src/tabulate/predicate.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { replayTrace } from '../../src/trace/replay.ts';
import { eventLabel, type Trace, traceOf } from '../../src/trace/trace.ts';
import fc from '../fast-check.ts';
import { checkNaively, type NaiveWalk } from '../naive-checker.ts';
import type { Starter } from '../naive-liveness.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { SEED } from '../seed.ts';
import { has, interleavingsOf, respects } from './interleavings.ts';

const RUNS = 200;
/** Longer traces have too many others beside them for brute force. */
const LENGTH_MAX = 6;
const NODES_MAX = 4000;
const INTERLEAVINGS_MAX = 300;

interface Seen {
  calm: number;
  calmer: number;
  races: number;
  errors: number;
  questions: number;
}

test(`whatever they violate, on ${RUNS} random systems, FAULTLINE_SEED=${SEED}`, { timeout: 120_000 }, async () => {
  const seen: Seen = { calm: 0, calmer: 0, races: 0, errors: 0, questions: 0 };
  await fc.assert(
    fc.asyncProperty(systemSpecs, (spec) => agrees(buildSystem(spec), seen)),
    { numRuns: RUNS, seed: SEED },
  );
  // The agreement is worth little if hardly anything happens in these systems.
  expect(Math.min(seen.calm, seen.calmer, seen.errors), JSON.stringify(seen)).toBeGreaterThan(0);
  expect(seen.questions).toBeGreaterThan(30);
});

test(`a state must not be reached, on ${RUNS} random systems, FAULTLINE_SEED=${SEED}`, {
  timeout: 120_000,
}, async () => {
  const seen: Seen = { calm: 0, calmer: 0, races: 0, errors: 0, questions: 0 };
  const choices = fc.array(fc.nat({ max: 9 }), { minLength: LENGTH_MAX, maxLength: LENGTH_MAX });
  const property = fc.asyncProperty(systemSpecs, choices, async (spec, walk) => {
    const system = buildSystem({ ...spec, properties: [], deadlock: 'ignore' });
    const forbidden = stateAfter(system, walk);
    const never: Property = { kind: 'always', name: 'not there', holds: (view) => keyOf(system, view) !== forbidden };
    await agrees({ ...system, properties: [never] }, seen);
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
  expect(Math.min(seen.calmer, seen.races), JSON.stringify(seen)).toBeGreaterThan(0);
  expect(seen.questions).toBeGreaterThan(500);
});

async function agrees(system: System, seen: Seen): Promise<void> {
  const result = await check(system, { maxStates: 1500 });
  const { tables, path, property, deadEnd, error } = result;
  if (!path || path.steps.length > LENGTH_MAX) return;
  const ending = { ...(property !== undefined && { property }), ...(deadEnd !== undefined && { deadEnd }) };
  const found = explain(tables, path, ending, { isShortest: true });
  if (!found) {
    expect(path.steps.length === 0 || error !== undefined).toBe(true);
    return;
  }
  const trace = traceOf(tables, found.path);
  expect(trace.steps).toHaveLength(path.steps.length);
  const replay = replayTrace(system, trace);
  if (error) expect(replay.error?.code).toBe(error.code);
  else expect(replay.violated).toContain(property);

  const { switches, calmestOf, race, staying } = found.explanation;
  if (staying) {
    expect({ race, path: found.path }).toEqual({ race: null, path });
    return;
  }
  const end = error ? { code: error.code } : { property: property! };
  const calmest = fewestSwitches(system, trace, end);
  if (calmest !== undefined) {
    expect(calmestOf).toBe('shortest');
    // Errors of the same code may be different errors.
    if (error) expect(switches).toBeGreaterThanOrEqual(calmest);
    else expect(switches).toBe(calmest);
    seen.calm++;
    if (calmest > 0) seen.calmer++;
  }
  expect(switchesIn(trace.steps)).toBe(switches);

  if (error) {
    seen.errors++;
    return;
  }
  seen.questions += questionsAlong(system, tables, found.path);
  const interleavings = interleavingsOf(system, trace, end, { max: INTERLEAVINGS_MAX });
  if (!interleavings) return;
  const reaching = interleavings.filter(({ reachesEnd }) => reachesEnd);
  expect([race!.interleavings, race!.violating]).toEqual([interleavings.length, reaching.length]);
  expect(race!.areEnough).toBe(true);
  for (const interleaving of interleavings) {
    const { orders } = race!;
    const hasAll = orders.every(({ first, second }) => respects(interleaving, first.step, second.step));
    if (hasAll) expect(interleaving.reachesEnd).toBe(true);
    if (!interleaving.reachesEnd) continue;
    for (const { first, second, isNeeded } of orders) {
      if (isNeeded) expect(has(interleaving, first.step, second.step)).toBe(true);
    }
  }
  if (race!.orders.length > 0) seen.races++;
}

/** Where some steps lead, each chosen by its number among the enabled ones. */
function stateAfter(system: System, choices: readonly number[]): string {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  try {
    walker.start();
    let state = walker.current.slice();
    for (const choice of choices) {
      const steps = enabledSteps(walker, state);
      if (steps.length === 0) break;
      state = new Int32Array(steps[choice % steps.length]!.state);
    }
    return keyOf(system, viewOf(tables, state));
  } catch (error) {
    if (error instanceof ModelError) return 'nowhere';
    throw error;
  }
}

/** A bag shows its messages in an order that is the engine's own. */
function keyOf({ actors, channels }: System, view: SystemView): string {
  const states = Object.keys(actors).map((name) => [view.get(name).value, view.get(name).context]);
  const contents = Object.keys(channels).map((name) => {
    const keys = view.channel(name).map((envelope) => canonicalKey(envelope, 'message'));
    return channels[name]!.order === 'fifo' ? keys : keys.sort();
  });
  return canonicalKey([states, contents], 'state');
}

type Stepping = Pick<Starter, 'kind' | 'actor' | 'channel'>;
const runnerOf = ({ kind, actor, channel }: Stepping) => (kind === 'lose' ? `channel ${channel}` : `actor ${actor}`);
const switchesIn = (steps: readonly Stepping[]) =>
  steps.filter((step, at) => at > 0 && runnerOf(step) !== runnerOf(steps[at - 1]!)).length;

function walkOf(system: System): NaiveWalk {
  let walk: NaiveWalk | undefined;
  checkNaively(system, { onWalk: (given) => (walk = given) });
  return walk!;
}

/** Of all runs of a length that come to an end; undefined when there are too many to go through. */
function fewestSwitches(
  system: System,
  { start = 0, steps: { length } }: Pick<Trace, 'start' | 'steps'>,
  end: { property: string } | { code: string },
): number | undefined {
  const { initial, stepsFrom, violates } = walkOf(system);
  let nodes = 0;
  let least = Number.POSITIVE_INFINITY;
  const go = (state: unknown, steps: readonly Stepping[]) => {
    if (++nodes > NODES_MAX) return;
    if (steps.length === length) {
      if ('property' in end && violates(state, end.property)) least = Math.min(least, switchesIn(steps));
      return;
    }
    const all = stepsFrom(state);
    for (const { starter, next, error } of all) {
      if (!error) {
        // The search does not take the steps of a state that has a failing one.
        if (all.every((other) => !other.error)) go(next, [...steps, starter]);
      } else if ('code' in end && steps.length === length - 1 && error.code === end.code) {
        least = Math.min(least, switchesIn([...steps, starter]));
      }
    }
  };
  go(initial[start], []);
  return nodes > NODES_MAX ? undefined : least;
}

/** Asks for every choice in every state of a path, and compares what is said to be enabled with what is. */
function questionsAlong(system: System, tables: Tables, path: Path): number {
  const { initial, stepsFrom } = walkOf(system);
  let asked = 0;
  const { start = 0, steps } = traceOf(tables, path);
  let state = initial[start];
  for (let at = 0; at <= steps.length; at++) {
    const all = stepsFrom(state);
    if (all.some(({ error }) => error)) return asked;
    const enabled = all.flatMap(({ starter }) =>
      starter.kind === 'choice' ? [`${starter.actor}.${eventLabel(starter.event)}`] : [],
    );
    for (const [name, { choices }] of Object.entries(system.actors)) {
      for (const choice of choices) {
        const label = eventLabel(choice);
        const { answers } = whyNot(tables, path, `${name} ${label}`, at);
        const answer = answers.find(({ step }) => step === `${name}.${label}`)!;
        expect(answer.hindrance === null, `${name} ${label}: ${answer.hindrance?.text}`).toBe(
          enabled.includes(answer.step),
        );
        asked++;
      }
    }
    const step = steps[at];
    if (!step) break;
    const wanted = JSON.stringify([step.kind, step.actor, step.event, step.timer, step.channel, step.place]);
    const taken = all.find(
      ({ starter }) =>
        JSON.stringify([starter.kind, starter.actor, starter.event, starter.timer, starter.channel, starter.place]) ===
        wanted,
    )!;
    state = taken.next;
  }
  return asked;
}

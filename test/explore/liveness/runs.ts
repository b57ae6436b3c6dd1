/** Runs in the explicit graph of the naive twin: whether one violates a property of progress, and how short one can be. */
import { expect } from 'vitest';
import type { CheckResult } from '../../../src/explore/check.ts';
import type { System } from '../../../src/system/system.ts';
import { type EnabledStep, traceOf } from '../../../src/trace/trace.ts';
import {
  enables,
  entitiesOf,
  givenUp,
  mayEnd,
  type NaiveState,
  regionOf,
  type Starter,
  settles,
} from '../../naive-liveness.ts';

/** Follows the run that a search told, and asserts that it is a fair run that violates the property. */
export function checkRun(
  system: System,
  states: readonly NaiveState[],
  { path, property, deadEnd, tables }: CheckResult,
): void {
  const trace = traceOf(tables, path!);
  const isStart = ({ isInitial, view }: NaiveState) =>
    isInitial &&
    Object.entries(trace.initial.actors).every(([name, { value, context }]) => {
      const own = view.get(name);
      return JSON.stringify([own.value, own.context]) === JSON.stringify([value, context]);
    });
  const visited = [states.findIndex(isStart)];
  const edges = trace.steps.map((step) => {
    const at = visited.at(-1)!;
    const edge = states[at]!.edges.find(({ starter }) => keyOf(starter) === keyOf(step));
    expect(edge, `a step that the twin has too: ${keyOf(step)}`).toBeDefined();
    visited.push(edge!.to);
    return edge!;
  });
  const region = regionOf(system.properties.find(({ name }) => name === property)!)!;
  const stays = visited.map((at) => region.stays(states[at]!));
  const cycleStart = path!.cycleStart ?? visited.length - 1;
  expect(stays.slice(cycleStart), 'stays in the region').not.toContain(false);
  const { begins } = region;
  const begin =
    begins === 'initial'
      ? 0
      : visited.findIndex((at, place) => begins(states[at]!) && !stays.slice(place).includes(false));
  expect(begin, 'comes into the region').toBeGreaterThanOrEqual(0);
  expect(stays.slice(begin), 'does not leave it any more').not.toContain(false);
  if (path!.cycleStart === undefined) {
    const { edges: enabled } = states[visited.at(-1)!]!;
    expect(mayEnd(states[visited.at(-1)!]!), 'may end there').toBe(true);
    expect(deadEnd, 'a dead end is where nothing is enabled').toBe(enabled.length === 0);
    expect(trace.stops?.map(keyOf).sort() ?? []).toEqual(enabled.map(({ starter }) => keyOf(starter)).sort());
    return;
  }
  expect(deadEnd).toBe(false);
  expect(visited.at(-1), 'the cycle closes').toBe(visited[cycleStart]);
  const cycle = edges.slice(cycleStart);
  expect(cycle.length).toBeGreaterThan(0);
  const around = visited.slice(cycleStart, -1).map((at) => states[at]!);
  for (const entity of entitiesOf(around)) {
    const isTaken = cycle.some(({ fair }) => fair?.key === entity.key);
    const isEnabled = around.map((state) => enables(state, entity));
    const isWronged = entity.strength === 'weak' ? !isEnabled.includes(false) : isEnabled.includes(true);
    expect(isTaken || !isWronged, `fair to ${entity.key}`).toBe(true);
  }
}

function keyOf({ kind, actor, event, timer, channel, place }: EnabledStep | Starter): string {
  const sorted = Object.fromEntries(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify([kind, actor, sorted, timer, channel, place]);
}

/** The length of the shortest run that violates a property, by trying everything. */
export function shortestRun(system: System, states: readonly NaiveState[], property: string): number {
  const region = regionOf(system.properties.find(({ name }) => name === property)!)!;
  const stays = states.map((state) => region.stays(state));
  const stems = stemLengths(states, stays, region.begins);
  let shortest = Number.POSITIVE_INFINITY;
  for (const [at, state] of states.entries()) {
    if (!stays[at] || stems[at] === undefined) continue;
    if (mayEnd(state)) shortest = Math.min(shortest, stems[at]);
    else shortest = Math.min(shortest, stems[at] + shortestCycle(states, stays, at));
  }
  return shortest;
}

/** Per state in which a violating run may be, the steps to it. */
function stemLengths(
  states: readonly NaiveState[],
  stays: readonly boolean[],
  begins: 'initial' | ((state: NaiveState) => boolean),
): (number | undefined)[] {
  // A pair of a state and whether the run has come into the region for good.
  const lengths = new Map<string, number>();
  const pairs: [at: number, isIn: boolean][] = [];
  const reach = (at: number, isIn: boolean, length: number) => {
    if (isIn && !stays[at]) return;
    if (lengths.has(`${at} ${isIn}`)) return;
    lengths.set(`${at} ${isIn}`, length);
    pairs.push([at, isIn]);
  };
  const mayBegin = (at: number) => begins === 'initial' || begins(states[at]!);
  for (const [at, { isInitial }] of states.entries()) {
    if (!isInitial) continue;
    reach(at, false, 0);
    if (mayBegin(at)) reach(at, true, 0);
  }
  for (const [at, isIn] of pairs) {
    const length = lengths.get(`${at} ${isIn}`)!;
    for (const { to } of states[at]!.edges) {
      reach(to, isIn, length + 1);
      if (!isIn && begins !== 'initial' && mayBegin(to)) reach(to, true, length + 1);
    }
  }
  return states.map((_, at) => lengths.get(`${at} true`));
}

function shortestCycle(states: readonly NaiveState[], stays: readonly boolean[], from: number): number {
  const entities = entitiesOf(states);
  let shortest = Number.POSITIVE_INFINITY;
  for (const never of givenUp(entities)) {
    const isLeft = (at: number) => stays[at] && !never.some((entity) => enables(states[at]!, entity));
    if (!isLeft(from)) continue;
    const owed = entities.filter((entity) => !never.includes(entity));
    const all = 2 ** owed.length - 1;
    const known = new Set<string>();
    const pairs: { at: number; done: number; length: number }[] = [{ at: from, done: 0, length: 0 }];
    for (const { at, done, length } of pairs) {
      for (const edge of states[at]!.edges) {
        if (!isLeft(edge.to)) continue;
        let next = done;
        for (const [place, entity] of owed.entries()) if (settles(states[at]!, edge, entity)) next |= 1 << place;
        if (known.has(`${edge.to} ${next}`)) continue;
        known.add(`${edge.to} ${next}`);
        pairs.push({ at: edge.to, done: next, length: length + 1 });
        if (edge.to === from && next === all) shortest = Math.min(shortest, length + 1);
      }
    }
  }
  return shortest;
}

/** An exported model, run by an interpreter, does in every state what the tables do. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { labelOfStep, type Model, modelOf } from '../../src/export/model.ts';
import { exploreSpace, IncompleteSpace, type Space } from '../../src/export/space.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { System } from '../../src/system/system.ts';
import { deadEndProperties } from '../../src/tabulate/dead-end.ts';
import { enabledSteps } from '../../src/tabulate/path.ts';
import { viewOf } from '../../src/tabulate/predicate.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { ModelInterpreter, type ModelState } from './interpreter.ts';
import { countingTo } from './odd-system.ts';

function scenario(name: string, variant: string, parameters: Record<string, unknown> = {}): System {
  const found = catalogue.find((one) => one.name === name)!;
  return found.build(found.parameters.parse(parameters) as Record<string, unknown>, variant);
}

/** A bag has no order; in the tables it is sorted in some way, in the interpreter as messages came. */
function modelState({ tables }: Space, state: Int32Array): ModelState {
  return [...state].map((value, slot) =>
    slot < tables.actors.length ? value : tables.channels[slot - tables.actors.length]!.contents[value]!,
  );
}

function keyOf(model: Model, state: ModelState): string {
  const bags = new Set(model.channels.filter(({ order }) => order !== 'fifo').map(({ slot }) => slot));
  return JSON.stringify(
    state.map((value, slot) => (bags.has(slot) ? [...(value as number[])].sort((a, b) => a - b) : value)),
  );
}

function expectSame(space: Space): void {
  const { tables, walker } = space;
  const model = modelOf(space);
  const interpreter = new ModelInterpreter(model);
  for (let number = 0; number < space.expanded; number++) {
    const state = space.at(number).slice();
    const own = modelState(space, state);
    // Behind a violation there is nothing.
    const steps = space.isExpanded(number) ? enabledSteps(walker, state) : [];
    const expected = steps.map((step) => `${labelOfStep(tables, step)} ${keyOf(model, modelState(space, step.state))}`);
    const got = interpreter
      .successors(own)
      .map(({ label, state: next }) => `${label.replace(/ #\d+$/, '')} ${keyOf(model, next)}`);
    expect(got.sort()).toEqual(expected.sort());
    expect(violatedIn(model, interpreter, own, steps.length === 0)).toEqual(
      violatedByTables(space, state, steps.length === 0),
    );
  }
}

function violatedIn(model: Model, interpreter: ModelInterpreter, state: ModelState, deadEnd: boolean): string[] {
  return model.properties
    .filter(({ kind, expression }) => {
      if (kind === 'happens') return false;
      if (kind === 'reachable') return interpreter.holds(expression, state);
      if (kind === 'hot' || kind === 'deadlock') return deadEnd && !interpreter.holds(expression, state);
      return !interpreter.holds(expression, state);
    })
    .map(({ kind, name }) => `${kind} ${name}`)
    .sort();
}

function violatedByTables({ tables }: Space, state: Int32Array, deadEnd: boolean): string[] {
  const view = viewOf(tables, state);
  let slot = tables.actorCount;
  const found = tables.system.properties.flatMap((property) => {
    if (property.kind === 'always') return property.holds(view) ? [] : [`always ${property.name}`];
    if (property.kind === 'reachable') return property.witness(view) ? [`reachable ${property.name}`] : [];
    if (property.kind !== 'monitor') return [];
    const { snapshot } = tables.actors[slot]!.locals[state[slot++]!]!;
    return snapshot.hasTag('violation') ? [`monitor ${property.name}`] : [];
  });
  const ends = deadEnd ? deadEndProperties(tables, state) : [];
  return [...found, ...ends.map((name) => (name === 'no deadlock' ? `deadlock ${name}` : `hot ${name}`))].sort();
}

describe('a model does what the tables do', () => {
  test.each([
    ['dining-philosophers', 'left-right', { philosophers: 4 }],
    ['peterson', 'flags-only', {}],
    ['ping-pong', 'lossy', {}],
    ['bounded-fifo', 'fixed', {}],
    ['bounded-fifo', 'unordered', { numbers: 5 }],
    ['partial-fallthrough', 'fixed', {}],
    ['lock-free-set', 'fixed', {}],
    ['pri-overflow', 'fixed', { devices: 1 }],
  ])('%s %s', async (name, variant, parameters) => {
    expectSame(await exploreSpace(scenario(name, variant, parameters)));
  });

  test('of the first steps, when only these are wanted', async () => {
    const space = await exploreSpace(scenario('partial-fallthrough', 'missing-return'), { depth: 6 });
    expect(space.isComplete).toBe(false);
    expect(space.depth).toBe(7);
    expectSame(space);
  });

  test('of random systems', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(systemSpecs, async (spec) => {
        let space: Space;
        try {
          space = await exploreSpace(buildSystem(spec), { maxStates: 300 });
        } catch (error) {
          if (error instanceof IncompleteSpace || error instanceof ModelError) return;
          throw error;
        }
        expectSame(space);
        if (space.size > 2) compared++;
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(20);
  });
});

test('a step that is too large for one rule becomes several, which exclude each other', async () => {
  const model = modelOf(await exploreSpace(scenario('pri-overflow', 'fixed', { devices: 1 })));
  const { rules } = model.groups.find(({ name }) => name === 'priqThread')!;
  expect(rules.length).toBeGreaterThan(1);
  expect(new Set(rules.map(({ label }) => label))).toEqual(new Set(['priqThread.RUN']));
});

test('so do assignments that depend on very many local states', async () => {
  const space = await exploreSpace(countingTo(1500));
  expect(modelOf(space).groups[0]!.rules.length).toBe(8);
  expectSame(space);
});

test('identifiers are unique, whatever the case, and none is a word of a language', async () => {
  const model = modelOf(await exploreSpace(scenario('partial-fallthrough', 'fixed')));
  const names = [
    ...model.machines.flatMap(({ identifier, values }) => [identifier, ...values.map((value) => value.identifier)]),
    ...model.groups.flatMap(({ identifier, rules }) => [
      identifier,
      ...rules.flatMap((rule) => [rule.identifier, rule.guardIdentifier]),
    ]),
  ];
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[A-Za-z]\w*$/);
});

test('a property that holds says what it is about, not just true', async () => {
  const model = modelOf(await exploreSpace(scenario('dining-philosophers', 'left-handed', { philosophers: 3 })));
  const always = model.properties.filter(({ kind }) => kind === 'always');
  expect(always.length).toBeGreaterThan(0);
  for (const { expression } of always) expect(expression.kind).not.toBe('constant');
});

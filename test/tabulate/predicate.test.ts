import { describe, expect, it } from 'vitest';
import { assign, createMachine, sendTo, setup } from 'xstate';
import { ModelError } from '../../src/system/errors.ts';
import type { SystemView } from '../../src/system/property.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { enabledSteps } from '../../src/tabulate/path.ts';
import { Predicate, viewOf } from '../../src/tabulate/predicate.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import fc from '../fast-check.ts';

const counter = setup({
  types: { context: {} as { n: number } },
  actions: {
    count: assign({ n: ({ context }) => (context.n + 1) % 3 }),
    post: sendTo(
      ({ system }) => system.get('sink'),
      ({ context }) => ({ type: 'ITEM', n: context.n }),
    ),
  },
}).createMachine({ context: { n: 0 }, on: { COUNT: { actions: ['count', 'post'] } } });
const sink = createMachine({ on: { ITEM: { actions: [] } } });

const COUNTERS = 3;
const system = defineSystem({
  actors: {
    ...family('c', COUNTERS, () => actor(counter, { choices: [{ type: 'COUNT' }] })),
    sink: actor(sink),
  },
  channels: { link: { to: ['sink'], order: 'unordered', capacity: 2, whenFull: 'drop' } },
});

/** Some reachable states. */
function someStates(tables: Tables): Int32Array[] {
  const walker = new Walker(tables);
  walker.start();
  const states = [walker.current.slice()];
  for (let at = 0; at < 60; at++) states.push(...enabledSteps(walker, states[at]!).map(({ state }) => state.slice()));
  return states;
}

const n = (view: SystemView, index: number): number => view.get(`c${index}`).context.n;

describe('a predicate', () => {
  /** A random way through the actors: what is read next depends on what was read before. */
  type Tree = boolean | { read: number; branches: Tree[] } | { length: true; branches: Tree[] };
  const tree = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.boolean(),
      fc.record({ read: fc.nat(COUNTERS - 1), branches: fc.tuple(tie('tree'), tie('tree'), tie('tree')) }),
      fc.record({ length: fc.constant(true as const), branches: fc.tuple(tie('tree'), tie('tree'), tie('tree')) }),
    ),
  })).tree;

  function walk(at: Tree, view: SystemView): boolean {
    if (typeof at === 'boolean') return at;
    const value = 'read' in at ? n(view, at.read) : view.channel('link').length;
    return walk(at.branches[value]!, view);
  }

  it('is what running it says, in every state and in any order', () => {
    const tables = new Tables(system);
    const states = someStates(tables);
    const order = fc.shuffledSubarray(states.map((_, index) => index));
    fc.assert(
      fc.property(tree, order, (root, indices) => {
        const predicate = new Predicate('p', tables, (view) => walk(root, view));
        for (const index of [...indices, ...indices]) {
          const state = states[index]!;
          expect(predicate.evaluate(state)).toBe(walk(root, viewOf(tables, state)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('runs twice per combination of what it reads, and no more', () => {
    const tables = new Tables(system);
    let runs = 0;
    const predicate = new Predicate('p', tables, (view) => {
      runs++;
      return n(view, 0) < 2 || n(view, 1) < 2;
    });
    for (const state of someStates(tables)) predicate.evaluate(state);
    // c0 is 0 or 1; or it is 2, and c1 one of three.
    expect(runs).toBe(2 * 5);
    expect([...predicate.reads].sort()).toEqual([0, 1]);
  });

  it('that reads nothing is a constant', () => {
    const predicate = new Predicate('p', new Tables(system), () => true);
    expect(predicate.evaluate(new Int32Array(5))).toBe(true);
    expect(predicate.reads.size).toBe(0);
  });

  it('may not read something else in the same situation', () => {
    const tables = new Tables(system);
    let turn = 0;
    const predicate = new Predicate('fickle', tables, (view) => n(view, turn++ % 2) === 0);
    const evaluate = () => {
      for (const state of someStates(tables)) predicate.evaluate(state);
    };
    expect(evaluate).toThrow(ModelError);
    expect(evaluate).toThrow(/"fickle" gave two answers to the same question/);
  });

  it('that throws is a model error with its name', () => {
    const predicate = new Predicate('breaks', new Tables(system), () => {
      throw new RangeError('page 7');
    });
    expect(() => predicate.evaluate(new Int32Array(5))).toThrow('property "breaks" threw: page 7');
  });

  it('may not name what does not exist', () => {
    const tables = new Tables(system);
    const state = someStates(tables)[0]!;
    const reading = (read: (view: SystemView) => unknown) => () =>
      new Predicate('p', tables, (view) => Boolean(read(view))).evaluate(state);
    expect(reading((view) => view.get('c9'))).toThrow('reads the actor "c9", which does not exist');
    expect(reading((view) => view.channel('links'))).toThrow('reads the channel "links", which does not exist');
  });
});

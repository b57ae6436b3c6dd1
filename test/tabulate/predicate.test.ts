import { inspect, isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AnyMachineSnapshot, assign, createMachine, sendTo, setup } from 'xstate';
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

  it('runs three times per combination of what it reads, and no more', () => {
    const tables = new Tables(system);
    let runs = 0;
    const predicate = new Predicate('p', tables, (view) => {
      runs++;
      return n(view, 0) < 2 || n(view, 1) < 2;
    });
    for (const state of someStates(tables)) predicate.evaluate(state);
    // c0 is 0 or 1; or it is 2, and c1 one of three. It is shown stand-ins, what there is, and copies.
    expect(runs).toBe(3 * 5);
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

  it('may not say something else the second time, and then stay with that', () => {
    const tables = new Tables(system);
    for (const times of [1, 2]) {
      let asked = 0;
      const predicate = new Predicate('turns', tables, (view) => n(view, 0) > 2 || asked++ >= times);
      const evaluate = () => {
        for (const state of someStates(tables)) predicate.evaluate(state);
      };
      expect(evaluate).toThrow(/"turns" gave two answers to the same question/);
    }
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

/** Goes round three states, and counts rounds and steps; what it has in its hands is an object. */
const runner = setup({
  types: { context: {} as { rounds: number; steps: number; held: { item: string } | null } },
  actions: {
    step: assign({
      steps: ({ context }) => (context.steps + 1) % 4,
      held: ({ context }) => (context.steps === 2 ? null : { item: `i${context.steps}` }),
    }),
    round: assign({ rounds: ({ context }) => (context.rounds + 1) % 3 }),
  },
}).createMachine({
  context: { rounds: 0, steps: 0, held: null },
  initial: 'near',
  states: {
    near: { on: { GO: { target: 'far', actions: 'step' } } },
    far: { tags: 'away', on: { GO: { target: 'back', actions: 'step' } } },
    back: { tags: 'away', on: { GO: { target: 'near', actions: ['step', 'round'] } } },
  },
});
const runners = defineSystem({
  actors: family('r', 2, () => actor(runner, { choices: [{ type: 'GO' }] })),
});

describe('what a predicate looks at', () => {
  const tables = new Tables(runners);
  const states = (() => {
    const walker = new Walker(tables);
    walker.start();
    const found = new Map<string, Int32Array>([[String(walker.current), walker.current.slice()]]);
    for (const state of found.values()) {
      for (const { state: next } of enabledSteps(walker, state)) {
        if (!found.has(String(next))) found.set(String(next), next);
      }
    }
    return [...found.values()];
  })();

  /** How often it is asked about new states, apart from copies, in all states. */
  function askedBy(test: (view: SystemView) => boolean): number {
    let runs = 0;
    const predicate = new Predicate('p', tables, (view) => {
      runs++;
      return test(view);
    });
    for (const state of states) expect(predicate.evaluate(state)).toBe(test(viewOf(tables, state)));
    return runs;
  }

  it('is the value, a tag or a field alone: all that agree in it are one case', () => {
    expect(states).toHaveLength(37 * 37);
    expect(askedBy((view) => view.get('r0').value === 'far')).toBe(3 * 3);
    expect(askedBy((view) => view.get('r0').matches('far'))).toBe(3 * 2);
    expect(askedBy((view) => view.get('r0').hasTag('away'))).toBe(3 * 2);
    expect(askedBy((view) => view.get('r0').context.rounds === 1)).toBe(3 * 3);
    expect(askedBy((view) => view.get('r0').context.held?.item === 'i1')).toBe(3 * 4);
    // Of r0 three values; where it is far, three of r1.
    expect(askedBy((view) => view.get('r0').value === 'far' && view.get('r1').value === 'far')).toBe(3 * (2 + 3));
  });

  it('makes no difference to what it says, however it looks', () => {
    const LOOKS: readonly ((snapshot: AnyMachineSnapshot) => number)[] = [
      ({ value }) => ['near', 'far', 'back'].indexOf(value as string),
      (snapshot) => (snapshot.matches('near') ? 0 : 1),
      (snapshot) => (snapshot.hasTag('away') ? 0 : 1),
      ({ context }) => context.rounds,
      ({ context }) => context.held?.item.length ?? 0,
      ({ context }) => Object.keys(context).length + context.steps - 3,
      ({ context }) => (JSON.stringify(context).includes('i2') ? 1 : 2),
      ({ tags }) => tags.size,
      ({ status }) => status.length - 5,
      (snapshot) => (inspect(snapshot).includes('steps: 1') ? 1 : 0),
      (snapshot) => ('held' in snapshot.context ? 2 : 0),
    ];
    type Tree = boolean | { actor: number; look: number; branches: Tree[] };
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.boolean(),
        fc.record({
          actor: fc.nat(1),
          look: fc.nat(LOOKS.length - 1),
          branches: fc.tuple(tie('tree'), tie('tree'), tie('tree')),
        }),
      ),
    }));
    const walk = (at: Tree, view: SystemView): boolean => {
      if (typeof at === 'boolean') return at;
      return walk(at.branches[LOOKS[at.look]!(view.get(`r${at.actor}`)) % 3]!, view);
    };
    fc.assert(
      fc.property(tree, (root) => {
        const predicate = new Predicate('p', tables, (view) => walk(root, view));
        for (const state of states.slice(0, 400)) {
          expect(predicate.evaluate(state)).toBe(walk(root, viewOf(tables, state)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is everything where it goes through the keys or asks what a machine can do', () => {
    expect(askedBy((view) => JSON.stringify(view.get('r0').context).includes('"rounds":1'))).toBeGreaterThanOrEqual(36);
    expect(askedBy((view) => ({ ...view.get('r0').context }).rounds === 1)).toBeGreaterThanOrEqual(36);
    expect(askedBy((view) => 'held' in view.get('r0').context && view.get('r0').value === 'far')).toBeGreaterThan(35);
    expect(askedBy((view) => view.get('r0').can({ type: 'GO' }))).toBeGreaterThanOrEqual(36);
  });

  it('is everything to who can tell a stand-in from what it stands for', () => {
    expect(askedBy((view) => structuredClone(view.get('r0').context).rounds === 1)).toBeGreaterThanOrEqual(36);
    expect(askedBy((view) => inspect(view.get('r0').context).includes('rounds: 1'))).toBeGreaterThan(36);
    expect(askedBy((view) => inspect(view.get('r0')).includes('steps: 2'))).toBeGreaterThan(36);
    expect(askedBy((view) => isDeepStrictEqual(view.get('r0').context.held, { item: 'i1' }))).toBe(3 * 4);
  });

  it('is looked at again by who remembers what it has found out about an object', () => {
    const known = new WeakMap<object, boolean>();
    const isFar = (snapshot: { value: unknown; context: { rounds: number } }) => {
      const found = known.get(snapshot) ?? (snapshot.value === 'far' && snapshot.context.rounds === 1);
      known.set(snapshot, found);
      return found;
    };
    askedBy((view) => view.get('r1').context.rounds === 2 || isFar(view.get('r0') as never));
  });

  it('shows in the slots that it reads, which depend on the local states before them', () => {
    const predicate = new Predicate('p', tables, (view) => {
      const { value, context } = view.get('r1');
      return value === 'far' && view.get('r0').value === 'far' && context.rounds === 1;
    });
    const reads = new Map<number, string>();
    for (const state of states) {
      const slots = predicate.readsIn(state).join();
      expect(slots).toMatch(/^1(,0)?$/);
      expect(reads.get(state[1]!) ?? slots).toBe(slots);
      reads.set(state[1]!, slots);
    }
    expect([...predicate.reads].sort()).toEqual([0, 1]);
  });

  it('is refused where it is which object something is', () => {
    const shared = { n: 0 };
    const same = createMachine({ context: { shared } });
    const system = defineSystem({ actors: { a: actor(same), b: actor(same) } });
    const predicate = new Predicate('p', new Tables(system), (view) => view.get('a').context === view.get('b').context);
    expect(() => predicate.evaluate(new Int32Array(2).fill(0))).toThrow();
  });
});

/**
 * What is done for a system of many actors grows as the number of its actors, not as its square. Nothing is timed here: how often
 * something is asked for is counted, with so many actors and with twice as many.
 */
import { describe, expect, test } from 'vitest';
import { foldFamilies } from '../src/diagram/fold-families.ts';
import { systemGraph } from '../src/diagram/system-graph.ts';
import { RenamingGroup } from '../src/explore/renaming.ts';
import { shorten } from '../src/explore/shorten.ts';
import { Routes } from '../src/system/routes.ts';
import type { CompleteChannel, System } from '../src/system/system.ts';
import { hashAfter, hashOf, NumberedStates } from '../src/tabulate/numbered-states.ts';
import { enabledSteps, forEachStep, possibleSteps } from '../src/tabulate/path.ts';
import { Tables } from '../src/tabulate/tables.ts';
import { Walker } from '../src/tabulate/walker.ts';
import { replaySchedule, replayTrace } from '../src/trace/replay.ts';
import { house } from './many-lights.ts';

const FEW = 100;
const MANY = 2 * FEW;

/** Counts how often elements of arrays of states are copied while something runs: what `slice` of typed arrays takes. */
function wordsCopied(run: () => void): number {
  const { slice } = Int32Array.prototype;
  let words = 0;
  Int32Array.prototype.slice = function (...range) {
    const copy = slice.apply(this, range);
    words += copy.length;
    return copy;
  };
  try {
    run();
  } finally {
    Int32Array.prototype.slice = slice;
  }
  return words;
}

/** A list that counts the looks at its elements. */
function counted<T extends object>(target: T, count: () => void): T {
  return new Proxy(target, {
    get: (of, key) => {
      if (typeof key === 'string') count();
      return Reflect.get(of, key) as unknown;
    },
  });
}

function build(lights: number, variant: 'fixed' | 'faulty' = 'faulty'): System {
  return house.build({ lights }, variant);
}

describe('words that are copied', () => {
  const lastThenFirst = (lights: number) => `${lights - 1}/1`;
  const trace = (lights: number) => replaySchedule(build(lights), lastThenFirst(lights)).trace;
  const shortened = (lights: number) => {
    const tables = new Tables(build(lights));
    const walker = new Walker(tables);
    walker.start();
    const states: Int32Array[] = [walker.current.slice()];
    for (const index of [lights - 1, 1])
      states.push(enabledSteps(walker, states.at(-1)!, (step) => step.index === index)[0]!.state);
    // The one step is left that matters.
    expect(
      shorten(tables, states, { kind: 'violation', property: 'd1 stays off', deadEnd: false }, 10 * lights).steps,
    ).toHaveLength(1);
  };
  test.each<[string, (lights: number) => () => void]>([
    ['a schedule is replayed', (lights) => () => replaySchedule(build(lights), lastThenFirst(lights))],
    [
      'a trace is replayed',
      (lights) => {
        const stored = trace(lights);
        return () => replayTrace(build(lights), stored);
      },
    ],
    ['a path is shortened', (lights) => () => shortened(lights)],
  ])('%s: at most twice as many for twice the actors', (_, prepare) => {
    const [few, many] = [wordsCopied(prepare(FEW)), wordsCopied(prepare(MANY))];
    expect(few).toBeGreaterThan(0);
    expect(many).toBeLessThanOrEqual(2 * few + FEW);
  });
});

test('the steps of a state are named without a state for each', () => {
  const walker = new Walker(new Tables(build(FEW)));
  walker.start();
  const initial = walker.current.slice();
  expect(wordsCopied(() => expect(possibleSteps(walker, initial)).toHaveLength(FEW))).toBe(0);
});

test('channels are looked up by their receiver', () => {
  const looksFor = (count: number) => {
    let looks = 0;
    const channel = (to: string): CompleteChannel =>
      counted(
        {
          to: [to],
          types: [],
          order: 'fifo',
          capacity: 1,
          whenFull: 'block',
          lossy: false,
          duplicating: false,
          competing: false,
        },
        () => looks++,
      );
    const names = Array.from({ length: count }, (_, index) => `d${index}`);
    const routes = new Routes(Object.fromEntries(names.map((name) => [`to-${name}`, channel(name)])));
    for (const name of names) expect(routes.carrying('d0', name, 'GO')).toEqual([`to-${name}`]);
    return looks;
  };
  expect(looksFor(MANY)).toBeLessThanOrEqual(2 * looksFor(FEW));
});

test('families are folded by going through their members once', () => {
  const looksFor = (count: number) => {
    const graph = systemGraph(build(count), { name: 'house', maxStates: 1 });
    let looks = 0;
    const actors = graph.actors.map((one) => counted(one, () => looks++));
    expect(foldFamilies({ ...graph, actors }).actors).toHaveLength(1);
    return looks;
  };
  expect(looksFor(MANY)).toBeLessThanOrEqual(2 * looksFor(FEW) + 10);
});

test('too many renamings are refused without making one', () => {
  const thingsOf = (count: number) => Array.from({ length: count }, (_, index) => [`d${index}`]);
  const groupOf = (symmetry: System['symmetry']) => new RenamingGroup({ symmetry } as System);
  expect(() => groupOf([thingsOf(10_000)])).toThrow('more than 40320 renamings');
  const pairs = Array.from({ length: 5000 }, (_, index) => [[`a${index}`], [`b${index}`]]);
  expect(() => groupOf(pairs)).toThrow('more than 40320 renamings');
  // Lists with a name in common give more than each by itself.
  const star = Array.from({ length: 5000 }, (_, index) => [['hub'], [`d${index}`]]);
  expect(() => groupOf(star)).toThrow('more than 40320 renamings');
  expect(groupOf([thingsOf(8)]).size).toBe(40_320);
  // The same things twice are the same renamings.
  expect(groupOf([thingsOf(8), thingsOf(8)]).size).toBe(40_320);
  expect(groupOf(star.slice(0, 7)).size).toBe(40_320);
  expect(() => groupOf([thingsOf(9)])).toThrow('more than 40320 renamings');
});

describe('numbered states', () => {
  test('know a state by its hash, and by what a step adds to it', () => {
    const walker = new Walker(new Tables(build(FEW)));
    walker.start();
    const initial = walker.current.slice();
    const states = new NumberedStates(FEW);
    expect(states.numberOf(initial)).toBe(0);
    forEachStep(walker, initial, ({ state }) => {
      const hash = hashAfter(hashOf(initial), walker);
      expect(hash).toBe(hashOf(state));
      expect(states.find(state)).toBe(-1);
      expect(states.numberOf(state, hash)).toBe(states.size - 1);
    });
    expect(states.size).toBe(FEW + 1);
    forEachStep(walker, initial, ({ index, state }) => {
      expect(states.find(state)).toBe(index + 1);
    });
  });

  test('are told apart when their hashes are the same', () => {
    const states = new NumberedStates(2);
    const numbers = [
      [1, 2],
      [2, 1],
      [1, 2],
      [3, 3],
    ].map((state) => states.numberOf(Int32Array.from(state), 7));
    expect(numbers).toEqual([0, 1, 0, 2]);
    expect([...states.at(1)]).toEqual([2, 1]);
  });
});

/**
 * A search over a bit array never says that anything holds, and says how much it may have missed. That it finds what is there is in
 * `shorten.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { BitSet } from '../../src/explore/bit-set.ts';
import { check } from '../../src/explore/check.ts';
import type { Fault } from '../../src/explore/findings.ts';
import { Budget } from '../../src/explore/memory.ts';
import { randomBelow } from '../../src/explore/random.ts';
import { BitStore, type SwarmOptions } from '../../src/explore/vectors/bit-store.ts';
import { DepthFirst } from '../../src/explore/vectors/depth-first.ts';
import { VectorParts, VectorSearch } from '../../src/explore/vectors/vector-search.ts';
import { always } from '../../src/system/property.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';

const systemOf = (name: string, variant: string) => {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  return scenario.build(scenario.parameters.parse({}), variant);
};
const searchOf = (system: System, options: SwarmOptions) => {
  const parts = new VectorParts(new Tables(system), { states: Number.POSITIVE_INFINITY, bytes: 2 ** 30 });
  return new VectorSearch(parts, new DepthFirst(parts, new BitStore(parts, options), options.seed));
};
const philosophers = () => systemOf('dining-philosophers', 'left-handed');

describe('a bitstate search', () => {
  test('never says that anything holds', async () => {
    const result = await check(philosophers(), { store: 'bitstate', bits: 2 ** 20 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'bits', states: 2187, steps: 10206 });
    const statuses = new Set(result.properties.map(({ status }) => status));
    expect(statuses).not.toContain('holds');
    expect(statuses).not.toContain('violated');
    const { searches, swarm, fill, missedShare } = result.bitstate!;
    expect({ searches, swarm }).toEqual({ searches: 1, swarm: 1 });
    // Three bits each, hardly any of them shared.
    expect(fill).toBeCloseTo((3 * 2187) / 2 ** 23, 5);
    expect(missedShare).toBeLessThan(1e-9);
  });

  test('misses states when the array is small, and says about how many', async () => {
    const result = await check(philosophers(), { store: 'bitstate', bits: 1024 });
    expect(result.states).toBeLessThan(2187);
    expect(result.bitstate!.fill).toBeGreaterThan(0.4);
    const missed = 1 - result.states / 2187;
    expect(result.bitstate!.missedShare!).toBeGreaterThan(missed / 5);
    expect(result.bitstate!.missedShare!).toBeLessThan(missed * 5);
  });

  test('of a swarm are told from each other by their seeds, and what all of them miss is less', async () => {
    const one = (await check(philosophers(), { store: 'bitstate', bits: 1024, seed: 4 })).bitstate!;
    const result = await check(philosophers(), { store: 'bitstate', bits: 1024, seed: 4, swarm: 3 });
    const { searches, swarm, missedShare } = result.bitstate!;
    expect({ verdict: result.verdict, bound: result.bound, searches, swarm }).toEqual({
      verdict: 'unknown',
      bound: 'bits',
      searches: 3,
      swarm: 3,
    });
    expect(missedShare!).toBeLessThan(one.missedShare! / 2);
    expect(result.states).toBeGreaterThan(2 * 1500);
  });

  test('of a seed is the same, however it is cut into slices', () => {
    const run = (seed: number, slice: number) => {
      const search = searchOf(philosophers(), { seed, bits: 1024, swarm: 2 });
      while (!search.run(slice));
      const { finding, states, steps, depth, facts } = search;
      return { finding, states, steps, depth, facts };
    };
    expect(run(3, 1)).toEqual(run(3, 1000));
    expect(new Set([1, 2, 3, 4].map((seed) => JSON.stringify(run(seed, 100)))).size).toBe(4);
  });

  test('of a swarm are those of its seeds one by one, each over an empty array', async () => {
    const options = { store: 'bitstate', bits: 1024 } as const;
    const [four, five] = [
      await check(philosophers(), { ...options, seed: 4 }),
      await check(philosophers(), { ...options, seed: 5 }),
    ];
    expect(four.states).not.toBe(five.states);
    const both = await check(philosophers(), { ...options, seed: 4, swarm: 2 });
    expect([both.states, both.steps]).toEqual([four.states + five.states, four.steps + five.steps]);
    expect(both.bitstate!.fill).toBe(Math.max(four.bitstate!.fill, five.bitstate!.fill));
  });

  test('keep only the way to what they find, however many others they have tried before', () => {
    const others = Array.from({ length: 9 }, (_, n) => `other${n}`);
    const walk = setup({}).createMachine({
      initial: 'start',
      states: {
        start: { on: { FAR: 'far', ...Object.fromEntries(others.map((name) => [name, name])) } },
        far: { on: { ON: 'goal' } },
        goal: {},
        ...Object.fromEntries(others.map((name) => [name, {}])),
      },
    } as object);
    const choices = ['FAR', 'ON', ...others].map((type) => ({ type }));
    const system = defineSystem({
      actors: { walk: actor(walk, { choices }) },
      properties: () => [always('never at the goal', (view) => !view.get('walk').matches('goal' as never))],
      deadlock: 'ignore',
    });
    for (const seed of [1, 2, 3, 4, 5]) {
      const search = searchOf(system, { seed, bits: 2 ** 16, swarm: 1 });
      while (!search.run(1000));
      const { finding } = search;
      expect(finding).toMatchObject({ kind: 'violation', state: 2 });
      expect(search.pathOf(finding as Fault).steps).toHaveLength(2);
    }
  });

  test('ends a swarm at the first violation', async () => {
    const system = systemOf('dining-philosophers', 'left-right');
    const result = await check(system, { store: 'bitstate', swarm: 5, bits: 2 ** 16 });
    expect(result).toMatchObject({ verdict: 'violated', bitstate: { searches: 1, swarm: 5 } });
    expect(result.bitstate!.missedShare).toBeUndefined();
    expect(result.path!.steps).toHaveLength(7);
  });

  test('stops at the other bounds, too', async () => {
    const options = { store: 'bitstate', swarm: 1e9, bits: 4096 } as const;
    expect(await check(philosophers(), { ...options, maxStates: 5000 })).toMatchObject({ bound: 'states' });
    expect(await check(philosophers(), { ...options, maxSeconds: 0.2 })).toMatchObject({ bound: 'seconds' });
    const scarce = { bits: 2 ** 20, maxBytes: 2 ** 20 + 2 ** 14 };
    expect(await check(philosophers(), { ...options, ...scarce })).toMatchObject({ bound: 'memory' });
    const signal = AbortSignal.abort();
    expect(await check(philosophers(), { ...options, signal })).toMatchObject({ bound: 'interrupted' });
  });
});

test('a bit array estimates how many new elements it took for known ones', () => {
  const set = new BitSet(4096, new Budget());
  const random = randomBelow(1);
  let known = 0;
  for (let i = 0; i < 10_000; i++) if (!set.add(random(2 ** 32) | 0, random(2 ** 32) | 0)) known++;
  // 30,000 balls into 32,768 places.
  expect(set.fill).toBeCloseTo(1 - Math.exp((-3 * set.count) / 32_768), 1);
  expect(Math.abs(set.missedShare - known / 10_000)).toBeLessThan(0.02);
  set.clear();
  expect(set.fill).toBe(0);
  expect(set.add(1, 2)).toBe(true);
  expect(set.add(1, 2)).toBe(false);
});

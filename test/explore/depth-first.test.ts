/**
 * A depth-first search covers what a breadth-first one does, count for count, in another order.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { type CheckResult, check } from '../../src/explore/check.ts';
import { Budget, StoreFull } from '../../src/explore/memory.ts';
import { codeOf, DepthFirst } from '../../src/explore/orders.ts';
import { ModelError } from '../../src/system/errors.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { naiveTwin } from '../engines.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { reproduces } from '../reproduces.ts';
import { SEED } from '../seed.ts';

describe('a depth-first search', () => {
  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 100);

  test(`agrees with the naive twin on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 60_000 + runs * 200,
  }, async () => {
    const agrees = fc.asyncProperty(systemSpecs, async (spec) => {
      const system = buildSystem(spec);
      const twin = await naiveTwin.run(system, { maxStates: 1000 });
      let result: CheckResult;
      try {
        result = await check(system, { search: 'depth-first', maxStates: 1000 });
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
        expect(twin.verdict).toBe('model-error');
        return;
      }
      const { verdict, property, states, steps, path } = result;
      reproduces(system, result);
      const complete = twin.verdict === 'holds' || (twin.verdict === 'violated' && twin.length === undefined);
      if (complete) {
        const { verdict: expected, property: unmet, ...counts } = twin;
        expect({ verdict, property, states, steps }).toEqual({
          verdict: expected,
          property: unmet,
          states: counts.states,
          steps: counts.steps,
        });
        expect(result.depth).toBeGreaterThanOrEqual(twin.depth);
      } else if (verdict === 'violated') {
        // What is found need not be what is found first elsewhere, but it is never for want of a witness.
        expect(path).toBeDefined();
      } else {
        expect(['model-error', 'unknown']).toContain(verdict);
      }
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });
  });

  const holding = [
    ['partial-fallthrough', 'fixed'],
    ['racing-unmap', 'fixed'],
    ['slow-reader', 'fixed'],
    ['dining-philosophers', 'left-handed'],
    ['two-phase-commit', 'fixed'],
    ['ping-pong', 'lossy'],
    ['bounded-fifo', 'fixed'],
  ] as const;
  test.each(holding)('counts as many states and steps of %s %s', async (name, variant) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const system = scenario.build(scenario.parameters.parse({}), variant);
    const counts = ({ verdict, states, steps, properties }: CheckResult) => ({ verdict, states, steps, properties });
    const depthFirst = await check(system, { search: 'depth-first' });
    expect(counts(depthFirst)).toEqual(counts(await check(system, { symmetry: false })));
    expect(depthFirst.search).toBe('depth-first');
  });

  const counter = setup({
    types: { context: {} as { n: number } },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
  }).createMachine({ context: { n: 0 }, on: { COUNT: { actions: 'count' } } });
  const light = setup({}).createMachine({
    initial: 'off',
    states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } },
  });
  const endless = defineSystem({
    actors: {
      counter: actor(counter, { choices: [{ type: 'COUNT' }] }),
      light: actor(light, { choices: [{ type: 'FLIP' }] }),
    },
  });

  test('without an end says what grows', async () => {
    const result = await check(endless, { search: 'depth-first', maxStates: 10_000 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'states' });
    expect(result.growth!.map(({ name, field }) => [name, field])).toEqual([['counter', 'n']]);
    expect(result.depth).toBeGreaterThan(4000);
  });

  test('counts its own memory', async () => {
    const result = await check(endless, { search: 'depth-first', maxBytes: 2 ** 20 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'memory' });
  });
});

describe('the depth-first order', () => {
  const found = (order: DepthFirst, columns: readonly number[]) => {
    for (const column of columns) order.fresh[0].append(7, Int32Array.of(column));
    order.advance();
  };

  test('gives out the youngest state, once its successors are there', () => {
    const order = new DepthFirst(new Budget());
    const given: number[] = [];
    found(order, [0]);
    const successors: Record<number, number[]> = { 0: [1, 2], 2: [3], 3: [] };
    while (order.take()) {
      const [column] = order.columns as unknown as [number];
      given.push(column);
      expect(order.row).toBe(7);
      expect(order.take()).toBe(false);
      found(order, successors[column] ?? []);
    }
    expect(given).toEqual([0, 2, 3, 1]);
    expect(order.pathTo(codeOf(7, 3))).toEqual([0, 2, 3].map((column) => codeOf(7, column)));
    expect(order.depth).toBe(2);
    expect(order.waiting).toBe(0);
  });

  test('grows up to its bound', () => {
    const order = new DepthFirst(new Budget(200_000));
    expect(() => {
      for (let column = 0; column < 100_000; column++) found(order, [column]);
    }).toThrow(StoreFull);
  });
});

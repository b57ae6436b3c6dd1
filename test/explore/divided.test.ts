/** A search goes on as before when the slots are divided anew on the way. */
import { expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import type { Dividing } from '../../src/explore/dividing.ts';
import { Violations } from '../../src/explore/findings.ts';
import { Budget } from '../../src/explore/memory.ts';
import { BreadthFirst } from '../../src/explore/orders.ts';
import { laneOf } from '../../src/explore/pending.ts';
import { Search, type SearchOptions } from '../../src/explore/search.ts';
import type { Piece, StateList } from '../../src/explore/state-list.ts';
import { Threads } from '../../src/explore/threads.ts';
import type { System } from '../../src/system/system.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';

const VALUES = 10;
const PAIRS = 4;

/** Each counter has an image of itself, which stands in the other half at first. */
const counter = setup({
  types: { context: {} as { n: number; image: string }, input: {} as { image: string }, events: {} as { type: 'GO' } },
  actions: {
    count: assign({ n: ({ context }) => (context.n + 1) % VALUES }),
    tell: sendTo(({ system, context }) => system.get(context.image), { type: 'GO' }),
  },
}).createMachine({
  context: ({ input }) => ({ n: 0, image: input.image }),
  on: { GO: { actions: ['count', 'tell'] } },
});
const image = setup({
  types: { context: {} as { n: number } },
  actions: { count: assign({ n: ({ context }) => (context.n + 1) % VALUES }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'count' } } });

it.each([100, 5000])('finds all states, in slices of %i', (slice) => {
  const system = defineSystem({
    actors: {
      ...family('counter', PAIRS, (at) =>
        actor(counter, { input: { image: `image${at}` }, choices: [{ type: 'GO' }] }),
      ),
      ...family('image', PAIRS, () => actor(image)),
    } as never,
  });
  const search = new Search(new Tables(system), { states: 1e6, bytes: 2 ** 30 });
  while (!search.run(slice));
  expect([search.done, search.states, search.steps]).toEqual([true, VALUES ** PAIRS, PAIRS * VALUES ** PAIRS]);
  // Pairs are together now.
  const [slots] = search.partition;
  for (const slot of slots!) expect(slots).toContain((slot + PAIRS) % (2 * PAIRS));
});

/** All that a search tells, with a path as its length. */
function told(system: System, options: SearchOptions) {
  const violations = options.violations && new Violations();
  const search = new Search(new Tables(system), { states: 20_000, bytes: 2 ** 30 }, { ...options, violations });
  while (!search.run(64));
  const { states, steps, depth, finding, levels, unwitnessed } = search;
  if (finding?.kind === 'bound') return { bound: finding.bound };
  const length = finding && (options.order || finding.state < 0 ? 0 : search.pathOf(finding).steps.length);
  const noted = violations?.inOrder().map(({ finding, depth }) => [finding.property, depth]);
  const kind = finding?.kind === 'violation' ? finding.property : finding?.error.code;
  const sizes = options.order ? [] : levels.map(({ states }) => states);
  return { states, steps, depth: options.order ? 0 : depth, kind, length, sizes, unwitnessed: [...unwitnessed], noted };
}

const EARLY = [3, 40, 300];
const DIVIDINGS: readonly Dividing[] = [
  { at: EARLY, parts: 2 },
  { at: EARLY, parts: 3 },
  { at: EARLY, parts: 4 },
  // Numbers that outgrow their bits in the middle of a level.
  { at: EARLY, parts: 3, columnBits: 6 },
  { at: EARLY, parts: 4, columnBits: 8 },
];

it.each([
  ['two-phase-commit', 'fixed', { managers: 5 }],
  ['pri-overflow', 'no-discard', {}],
  ['racing-unmap', 'fixed', {}],
  ['flush-deadlock', 'fixed', {}],
  ['lock-free-set', 'fixed', {}],
] as const)('finds the same of %s %s in any number of parts', (name, variant, size) => {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  const system = () => scenario.build(scenario.parameters.parse(size), variant);
  for (const order of [undefined, 'depth-first'] as const) {
    if (order && variant === 'no-discard') continue;
    const options = order ? { order } : {};
    const wanted = told(system(), { ...options, dividing: { at: [] } });
    for (const dividing of DIVIDINGS) expect(told(system(), { ...options, dividing })).toEqual(wanted);
  }
});

it('finds the same of random systems in any number of parts', () => {
  fc.assert(
    fc.property(systemSpecs, fc.constantFrom(...DIVIDINGS), fc.boolean(), (spec, dividing, all) => {
      const violations = all ? new Violations() : undefined;
      const wanted = told(buildSystem(spec), { violations, dividing: { at: [] } });
      expect(told(buildSystem(spec), { violations, dividing })).toEqual(wanted);
    }),
    { numRuns: Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 80) },
  );
});

it.each([
  ['two-phase-commit', { managers: 6 }],
  ['flush-deadlock', { devices: 2 }],
] as const)('finds the same of %s in any number of parts with worker threads', async (name, size) => {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  const tables = () => new Tables(scenario.build(scenario.parameters.parse(size), 'fixed'));
  const threads = new Threads(2, { partMin: 16 });
  try {
    await threads.start();
    const counts = async (dividing: Dividing, pool?: Threads) => {
      const search = new Search(tables(), { states: 1e6, bytes: 2 ** 31 }, { dividing });
      while (pool && (await pool.expand(search)) ? !search.finding : !search.run(16));
      return { done: search.done, states: search.states, steps: search.steps, depth: search.depth };
    };
    const wanted = await counts({ at: [] });
    const at = [100, 1000, 2000, 3000];
    for (const dividing of DIVIDINGS) {
      const before = threads.expanded;
      expect(await counts({ ...dividing, at }, threads)).toEqual(wanted);
      expect(threads.expanded).toBeGreaterThan(before);
    }
  } finally {
    await threads.close();
  }
});

it('keeps what was given out, and the lanes that rows were dealt to in the middle of a level', () => {
  const budget = new Budget();
  const fields = [{ shift: 0, bits: 8 }];
  const order = new BreadthFirst(budget);
  for (const row of [1, 2, 3]) order.fresh[0]!.append(row, Int32Array.of(row, row + 10));
  order.advance(fields);
  order.take(2);
  order.take(1);
  order.deal(4);
  order.fresh[laneOf(7, 4)]!.append(7, Int32Array.of(5));
  const insert = (states: Iterable<Piece>, into: readonly StateList[]) => {
    for (const { row, columns } of states) into[laneOf(row, into.length)]!.append(row, columns);
  };
  const other = order.renumbered(budget, insert, () => fields);
  expect(other.fresh).toHaveLength(4);
  expect(other.leftOfLevel).toBe(3);
  const left: string[] = [];
  while (other.take(1)) left.push(`${other.row} ${other.columns[other.from]}`);
  expect(left.sort()).toEqual(['2 12', '3 13', '3 3']);
  expect(other.waiting).toBe(1);
});

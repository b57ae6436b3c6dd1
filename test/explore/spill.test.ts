/** States on disk change nothing but the time: not the counts, not the verdict, not the length of a trace. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import { Violations } from '../../src/explore/findings.ts';
import { Budget } from '../../src/explore/memory.ts';
import { RowSets } from '../../src/explore/row-sets.ts';
import { Search, type SearchOptions } from '../../src/explore/search.ts';
import { Spill, SpillError } from '../../src/explore/spill.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import { Threads } from '../../src/explore/threads.ts';
import type { System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';

const directory = mkdtempSync(join(tmpdir(), 'faultline-spill-'));
const threads = new Threads(2, { partMin: 32 });
beforeAll(() => threads.start());
afterAll(async () => {
  await threads.close();
  rmSync(directory, { recursive: true });
});

interface Way {
  readonly isSpilled: boolean;
  readonly isSymmetric?: boolean;
  readonly all?: boolean;
  readonly dividing?: SearchOptions['dividing'];
  readonly threads?: Threads;
}

/** All that a search tells, with a path as its length. Whatever can be on disk is there from the beginning, when it is spilled. */
async function told(system: System, { isSpilled, isSymmetric, all, dividing, threads: pool }: Way) {
  const tables = new Tables(system);
  const spill = isSpilled ? new Spill(directory, { from: 0, lanes: 8 }) : undefined;
  const violations = all ? new Violations() : undefined;
  const symmetry = isSymmetric ? new Symmetry(tables) : undefined;
  const search = new Search(tables, { states: 400_000, bytes: 2 ** 31 }, { symmetry, violations, dividing, spill });
  while (!search.done && !search.finding) if (!(await pool?.expand(search))) search.run(64);
  const { states, steps, depth, finding, levels, unwitnessed } = search;
  const isPath = finding && finding.kind !== 'bound' && finding.state >= 0;
  const kind = finding?.kind === 'violation' ? finding.property : finding?.kind;
  const length = isPath ? search.pathOf(finding).steps.length : undefined;
  const noted = violations?.inOrder().map((note) => [note.finding.property, note.depth]);
  const found = Array.from(search.allStates(), ({ row, columns }) => {
    return Array.from(columns, (column) => {
      const vector = new Int32Array(tables.slotCount);
      search.load(row, column, vector);
      return vector.join();
    });
  }).flat();
  const sizes = levels.map((level) => level.states);
  const result = { states, steps, depth, kind, length, sizes, noted, unwitnessed: [...unwitnessed].sort() };
  search.dispose();
  return { result, found: new Set(found).size, bytes: spill?.bytes ?? 0 };
}

const CASES = [
  ['two-phase-commit', 'fixed', { managers: 5 }],
  ['pri-overflow', 'no-discard', { devices: 1 }],
  ['racing-unmap', 'no-lock-over-gup', {}],
  ['dining-philosophers', 'all-states', { philosophers: 6 }],
] as const;

describe('a search with states on disk', () => {
  it.each(CASES)('finds the same in %s %s %o', async (name, variant, size) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const build = () => scenario.build(scenario.parameters.parse(size), variant);
    const ways: readonly Omit<Way, 'isSpilled'>[] = [
      {},
      { dividing: { at: [100, 300, 1000], parts: 3 } },
      { threads },
      { threads, dividing: { at: [100, 300, 1000], parts: 4, columnBits: 12 } },
    ];
    const wanted = await told(build(), { isSpilled: false });
    expect(wanted.found).toBe(wanted.result.states);
    for (const way of ways) {
      const before = threads.expanded;
      const found = await told(build(), { ...way, isSpilled: true });
      expect(found.result).toEqual(wanted.result);
      expect(found.found).toBe(wanted.result.states);
      expect(found.bytes).toBeGreaterThan(wanted.result.states);
      if (way.threads && name === 'two-phase-commit') expect(threads.expanded).toBeGreaterThan(before);
    }
  });

  it.each([undefined, threads])('finds the same with symmetry', async (pool) => {
    const scenario = catalogue.find((candidate) => candidate.name === 'two-phase-commit')!;
    const build = () => scenario.build(scenario.parameters.parse({ managers: 5 }), 'fixed');
    const wanted = await told(build(), { isSpilled: false, isSymmetric: true });
    const found = await told(build(), { isSpilled: true, isSymmetric: true, threads: pool! });
    expect(found.result).toEqual(wanted.result);
    expect(found.bytes).toBeGreaterThan(0);
  });

  it('finds the same of random systems', async () => {
    await fc.assert(
      fc.asyncProperty(systemSpecs, fc.boolean(), fc.boolean(), async (spec, all, isThreaded) => {
        const way = { all, ...(isThreaded && { threads }) };
        const wanted = await told(buildSystem(spec), { ...way, isSpilled: false });
        const found = await told(buildSystem(spec), { ...way, isSpilled: true });
        expect(found.result).toEqual(wanted.result);
      }),
      { numRuns: Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 60) },
    );
  });

  it('leaves nothing behind', async () => {
    const scenario = catalogue.find((candidate) => candidate.name === 'flush-deadlock')!;
    const result = await check(scenario.build({}, 'fixed'), { spill: directory });
    expect(result.verdict).toBe('holds');
    // Levels are always there; sets go when half of the memory is taken.
    expect(result.diskBytes).toBeGreaterThan(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused where no file can be made', async () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    const scenario = catalogue.find((candidate) => candidate.name === 'ping-pong')!;
    const [variant] = Object.keys(scenario.variants);
    const checked = check(scenario.build({}, variant!), { spill: join(file, 'under-it') });
    await expect(checked).rejects.toThrow(SpillError);
    await expect(checked).rejects.toThrow(`cannot keep states in ${join(file, 'under-it')}: `);
    rmSync(file);
  });

  it.each([
    [{ search: 'depth-first' }, 'spill is for a breadth-first search that keeps whole states'],
    [{ store: 'hash-compact' }, 'spill is for a breadth-first search that keeps whole states'],
    [
      { partialOrder: true },
      'spill does not go with partialOrder: a search that leaves out steps keeps its states in memory',
    ],
    [
      { checkpoint: { every: 1, title: '', save: () => {} } },
      'spill does not go with checkpoint: a checkpoint is made of states in memory',
    ],
    [{ spill: '' }, 'spill: got "", expected the name of a directory'],
  ] as const)('is refused with %o', async (options, message) => {
    const scenario = catalogue.find((candidate) => candidate.name === 'ping-pong')!;
    const [variant] = Object.keys(scenario.variants);
    const checked = check(scenario.build({}, variant!), { spill: directory, ...options });
    await expect(checked).rejects.toThrow(message);
  });
});

it('sets of all forms are the same after they have been in a file', () => {
  const spill = new Spill(directory);
  fc.assert(
    fc.property(
      fc.array(fc.record({ row: fc.nat(20), column: fc.nat(4000) }), { maxLength: 3000 }),
      fc.constantFrom(4001, 2 ** 30),
      (members, columns) => {
        const fields = [{ shift: 0, bits: 12 }];
        const sets = new RowSets(new Budget());
        sets.fit(21);
        const fresh = new Int32Array(members.length + 1);
        const add = (some: typeof members) => {
          sets.end = 0;
          for (const { row, column } of some) sets.add(row, Int32Array.of(column), 0, 1, columns, fresh);
          return sets.end;
        };
        const half = members.slice(0, members.length / 2);
        const known = new Set(half.map(({ row, column }) => row * 5000 + column));
        expect(add(half)).toBe(known.size);
        sets.openFile(spill);
        const stored = sets.store(fields);
        expect(sets.stored).toBe(stored);
        sets.load(stored);
        expect(add(half)).toBe(0);
        for (const { row, column } of members) known.add(row * 5000 + column);
        const before = new Set(half.map(({ row, column }) => row * 5000 + column)).size;
        expect(add(members)).toBe(known.size - before);
        sets.close();
      },
    ),
    { numRuns: 60 },
  );
});

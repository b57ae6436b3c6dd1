/** A search that goes on from a checkpoint ends as if it had never stopped. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import {
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  type Identity,
  identityOf,
} from '../../src/explore/checkpoint.ts';
import { Search } from '../../src/explore/search.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import type { System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';

const LIMITS = { states: 20_000, bytes: 2 ** 31 };

/** Copying is slower than searching. */
const RESUMED_MAX = 5;

function newSearch(system: System, symmetry: boolean): Search {
  const tables = new Tables(system);
  return new Search(tables, LIMITS, { symmetry: symmetry ? new Symmetry(tables) : undefined });
}

function identityFor(system: System, symmetry: boolean): Identity {
  const kinds = { search: 'breadth-first', store: 'exact', symmetry, allViolations: false } as const;
  return { system: identityOf(system), ...kinds, versions: { faultline: '1' }, origin: { a: 'b' }, title: 'a test' };
}

/** Through bytes and back, in tables that have seen nothing. */
function copyOf(search: Search, system: System, symmetry: boolean): Search | undefined {
  const snapshot = search.snapshot();
  if (!snapshot) return undefined;
  const identity = identityFor(system, symmetry);
  const bytes = Buffer.concat(encodeCheckpoint({ identity, seconds: 1, snapshot }));
  const read = decodeCheckpoint(bytes, 'it');
  expect(read.identity).toEqual(identity);
  const copy = newSearch(system, symmetry);
  expect(copy.resume(read.snapshot)).toBe(undefined);
  return copy;
}

function outcome(search: Search) {
  const { states, steps, depth, finding, levels } = search;
  const { kind } = finding ?? { kind: 'none' };
  const what =
    finding?.kind === 'model-error' ? finding.error.code : finding?.kind === 'violation' ? finding.property : undefined;
  const isPath = finding && finding.kind !== 'bound' && finding.state >= 0;
  const length = isPath ? search.pathOf(finding).steps.length : undefined;
  return { states, steps, depth, kind, what, length, unwitnessed: [...search.unwitnessed].sort(), levels };
}

function run(system: System, symmetry: boolean, expansions: number): { resumed: number; search: Search } {
  let search = newSearch(system, symmetry);
  let resumed = 0;
  while (!search.run(expansions)) {
    const copy = resumed < RESUMED_MAX ? copyOf(search, system, symmetry) : undefined;
    if (!copy) continue;
    search = copy;
    resumed++;
  }
  return { resumed, search };
}

const CASES = [
  ['two-phase-commit', 'fixed', { managers: 5 }, 150],
  ['racing-unmap', 'fixed', { devices: 1 }, 300],
  ['racing-unmap', 'no-lock-over-gup', {}, 150],
  ['pri-overflow', 'no-discard', { devices: 1 }, 50],
  ['slow-reader', 'fixed', {}, 400],
] as const;

describe('a search that goes on from a checkpoint', () => {
  it.each(CASES)('ends as one that never stopped: %s %s %o, every %i states', (name, variant, size, expansions) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const system = scenario.build(scenario.parameters.parse(size), variant);
    for (const symmetry of system.symmetry.length > 0 ? [true, false] : [false]) {
      const whole = newSearch(system, symmetry);
      while (!whole.run(1000));
      const { search, resumed } = run(system, symmetry, expansions);
      expect(resumed).toBeGreaterThan(0);
      expect(outcome(search)).toEqual(outcome(whole));
    }
  });

  it('does so in random systems', () => {
    let resumedOnes = 0;
    fc.assert(
      fc.property(systemSpecs, fc.integer({ min: 5, max: 40 }), (spec, expansions) => {
        const system = buildSystem(spec);
        const whole = newSearch(system, false);
        while (!whole.run(1000));
        fc.pre(whole.finding?.kind !== 'bound');
        const { search, resumed } = run(system, false, expansions);
        expect(outcome(search)).toEqual(outcome(whole));
        if (resumed > 0) resumedOnes++;
      }),
      { numRuns: Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 60) },
    );
    expect(resumedOnes).toBeGreaterThan(10);
  });
});

/** Where numbers of a snapshot stand. */
interface Crafted {
  readonly log: { readonly asked: Int32Array; readonly messages: unknown[] };
  readonly states: {
    readonly partition: unknown[][];
    readonly bits: unknown[];
    readonly parts: readonly Int32Array[];
    readonly rows: Int32Array;
    readonly ends: Int32Array;
    readonly columns: Int32Array;
  };
  readonly levels: Record<string, unknown>[];
  readonly [count: string]: unknown;
}

/** Puts a value into a place of a part; typed arrays take what they make of it. */
function set({ log, states, levels, ...counts }: Crafted, part: string, at: number, value: unknown): void {
  const { partition, bits, parts, rows, ends, columns } = states;
  const places: Record<string, unknown[] | Int32Array> = {
    asked: log.asked,
    messages: log.messages,
    first: parts[0]!,
    second: parts[1]!,
    bits,
    rows,
    ends,
    columns,
    partition: partition[at % 2]!,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => Array.isArray(count))),
  };
  if (part === 'levels') {
    const level = levels[at % levels.length];
    if (level) level[['depth', 'states', 'values'][at % 3]!] = value;
    return;
  }
  const lists = Object.keys(places).filter((name) => part === 'counts' && Array.isArray(counts[name]));
  const list = places[lists[at % lists.length] ?? part];
  if (list && list.length > 0) list[at % list.length] = value as never;
}

describe('the bytes of a checkpoint', () => {
  const scenario = catalogue.find(({ name }) => name === 'two-phase-commit')!;
  const system = scenario.build(scenario.parameters.parse({ managers: 4 }), 'fixed');
  const search = newSearch(system, false);
  search.run(200);
  const identity = identityFor(system, false);
  const bytes = Buffer.concat(encodeCheckpoint({ identity, seconds: 2.5, snapshot: search.snapshot()! }));

  it('are refused when a single one of them has changed, or some are missing', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= change;
        expect(() => decodeCheckpoint(damaged, 'it')).toThrow(CheckpointError);
      }),
    );
    for (const length of [0, 7, 20, 43, 44, 1000, bytes.length - 1]) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length), 'it')).toThrow(CheckpointError);
    }
    expect(() => decodeCheckpoint(Buffer.concat([bytes, Buffer.of(0)]), 'it')).toThrow('damaged');
    expect(() => decodeCheckpoint(Buffer.from('something else altogether'), 'it')).toThrow('no checkpoint');
  });

  it('do no harm with a right checksum, whatever they say: they are refused, or a search goes on from them', () => {
    let [unreadable, refused, resumed] = [0, 0, 0];
    const { snapshot } = decodeCheckpoint(bytes, 'it');
    const change = fc.record({
      part: fc.constantFrom(
        ...['counts', 'levels', 'messages', 'partition', 'asked', 'first', 'second', 'bits', 'rows', 'ends', 'columns'],
      ),
      at: fc.nat(),
      value: fc.oneof(
        fc.constantFrom<unknown[]>(-1, 0, 1, 2, 1e6, 2 ** 31 - 1, 2 ** 53, 0.5, Number.NaN, null, 'x', [], {}),
        fc.integer({ min: 0, max: 40 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const crafted = structuredClone(snapshot) as unknown as Crafted;
        for (const { part, at, value } of changes) set(crafted, part, at, value);
        const written = Buffer.concat(encodeCheckpoint({ identity, seconds: 1, snapshot: crafted as never }));
        let read: ReturnType<typeof decodeCheckpoint>;
        try {
          read = decodeCheckpoint(written, 'it');
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
          unreadable++;
          return;
        }
        const search = newSearch(system, false);
        if (search.resume(read.snapshot) !== undefined) {
          refused++;
          return;
        }
        resumed++;
        for (let slices = 0; slices < 100 && !search.run(1000); slices++);
        expect(search.done || search.finding !== undefined).toBe(true);
      }),
      { numRuns: 120 },
    );
    expect(Math.min(unreadable, refused, resumed)).toBeGreaterThan(3);
  });

  it('do not fit another system', () => {
    const { snapshot } = decodeCheckpoint(bytes, 'it');
    const other = scenario.build(scenario.parameters.parse({ managers: 5 }), 'fixed');
    expect(newSearch(other, false).resume(snapshot)).not.toBe(undefined);
    expect(identityOf(other)).not.toEqual(identityOf(system));
    expect(identityOf(scenario.build(scenario.parameters.parse({ managers: 4 }), 'fixed'))).toEqual(identityOf(system));
    for (const variant of Object.keys(scenario.variants).filter((name) => name !== 'fixed')) {
      expect(identityOf(scenario.build(scenario.parameters.parse({ managers: 4 }), variant))).not.toEqual(
        identityOf(system),
      );
    }
  });
});

import { expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { type CheckOptions, check } from '../../src/explore/check.ts';
import { Budget, GrowingInts, Resident, StoreFull } from '../../src/explore/memory.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const counter = createMachine({
  context: { n: 0 },
  on: { GO: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
});
const endless = defineSystem({ actors: { a: actor(counter, { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' });

const MEGABYTE = 2 ** 20;

/** A process that seems to need so many bytes more each time it is looked at. */
function growing(bytesMax: number, step: number) {
  const seen = { bytes: 0, looks: 0 };
  return {
    seen,
    options: {
      bytesMax,
      measure: () => {
        seen.looks++;
        seen.bytes += step;
        return seen.bytes;
      },
    },
  };
}

test.each<[string, CheckOptions]>([
  ['breadth-first', {}],
  ['depth-first', { search: 'depth-first' }],
  ['random walks', { search: 'random', walks: 10, maxSteps: 100_000 }],
  ['hash compaction', { store: 'hash-compact' }],
  ['bit arrays', { store: 'bitstate', bits: 4096 }],
  ['partial order', { partialOrder: true }],
  ['with coverage', { coverage: true }],
])('%s: a search stops before the process has more than it may', async (_, options) => {
  const { options: resident, seen } = growing(100 * MEGABYTE, MEGABYTE);
  const result = await check(endless, { ...options, resident, maxSeconds: 60 });
  expect(result).toMatchObject({ verdict: 'unknown', bound: 'memory' });
  // At the first look that shows too much, or that arrays would be too much, and never again.
  expect(Math.abs(seen.bytes / MEGABYTE - 100)).toBeLessThanOrEqual(1);
});

test('tables tell that they grow: one slice may take long and much', async () => {
  const { options: resident, seen } = growing(2 ** 40, 1000);
  const result = await check(endless, { resident, maxStates: 2000 });
  expect(result.bound).toBe('states');
  expect(seen.looks).toBeGreaterThan(2000 / 64);
});

test('garbage is collected before a search ends for it, and not again while there is little', () => {
  const process = { bytes: 1000, collections: 0 };
  const resident = new Resident({
    bytesMax: 10_000,
    measure: () => process.bytes,
    collect: () => {
      process.collections++;
      process.bytes = Math.max(5000, process.bytes - 4000);
    },
  });
  process.bytes = 10_500;
  expect(resident.hasRoomFor(0)).toBe(true);
  expect(process).toEqual({ bytes: 6500, collections: 1 });
  process.bytes = 10_500;
  expect(resident.hasRoomFor(0)).toBe(true);
  expect(process.collections).toBe(2);
  process.bytes = 7000;
  expect(resident.hasRoomFor(4000)).toBe(false);
  expect(process.collections).toBe(2);
});

test('what arrays may have counts before they are written to', () => {
  const resident = new Resident({ bytesMax: 2 ** 24, measure: () => 2 ** 20 });
  const budget = new Budget(Number.POSITIVE_INFINITY, resident);
  const ints = new GrowingInts(1024, budget);
  expect(() => {
    for (let length = 2 ** 12; ; length += 2 ** 16) ints.resize(length);
  }).toThrow(StoreFull);
  expect(budget.bytes).toBeGreaterThan(2 ** 23);
  expect(budget.bytes).toBeLessThanOrEqual(2 ** 24 - 2 ** 20);
  ints.release();
  expect(resident.take(2 ** 23)).toBe(true);
});

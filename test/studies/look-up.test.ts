/** What the study of look-ups says, at a small size. */
import { describe, expect, it } from 'vitest';
import { lookUp } from '../../machines/studies/look-up.ts';
import { lookUpSystem, VARIANTS, type Variant } from '../../machines/studies/look-up-system.ts';
import { check } from '../../src/explore/check.ts';
import { runPoint } from '../../src/simulate/run-study.ts';

const usual = { ranges: 8, threads: 1, load: 20, rest: 1.36, miss: 90, cached: 255, locality: 0.9 };

function simulated(variant: Variant, more: Partial<typeof usual> = {}, values: Readonly<Record<string, number>> = {}) {
  const built = lookUp.build({ ...usual, ...more, variant }, { faults: 500, ...values });
  return runPoint(built, { seeds: [1] })[0]!;
}

describe('look-up', () => {
  it.each(VARIANTS)('%s finds everything, and two threads do not hold each other up for ever', async (variant) => {
    const { verdict } = await check(lookUpSystem({ variant, ranges: 3, threads: 2 }, { groups: 1, stalls: 1 }), {});
    expect(verdict).toBe('holds');
  });

  it('a tree of one range is one node, and one of seven has 17/7 on average', () => {
    const of = (ranges: number) =>
      simulated('handle', { ranges, locality: 0 }, { hit: 100, atomic: 0, faults: 2_500 }).lookUp!;
    // And one for what the handle points to.
    expect(of(1)).toBeCloseTo(200, 0);
    expect(of(7) - 100).toBeGreaterThan(230);
    expect(of(7) - 100).toBeLessThan(256);
  });

  it('what is no look-up takes as long in all', () => {
    for (const variant of ['v2', 'handle, range'] as const) {
      const { handler, lookUp: looking } = simulated(variant);
      expect(handler! - looking! / 1_000).toBeCloseTo(usual.rest, 2);
    }
  });

  it('less of it is looking up with v3 than with v2, and still less with a handle', () => {
    const shares = VARIANTS.map((variant) => simulated(variant).share!);
    expect(shares).toEqual([...shares].sort((one, other) => other - one));
    expect(shares[0]).toBeGreaterThan(5 * shares[2]!);
  });

  it('grows with the ranges where nodes are not in the cache, and hardly where they are', () => {
    const grown = (cached: number) =>
      simulated('handle', { ranges: 65_535, cached }).lookUp! - simulated('handle', { cached }).lookUp!;
    expect(grown(255)).toBeGreaterThan(300);
    expect(grown(65_535)).toBeLessThan(100);
  });

  it('a range that is kept helps as far as the next fault is in it', () => {
    const many = (variant: Variant, locality: number) => simulated(variant, { ranges: 65_535, locality }).lookUp!;
    expect(many('handle, range', 0.9)).toBeLessThan(0.25 * many('handle', 0.9));
    expect(many('handle, range', 0)).toBeGreaterThan(0.9 * many('handle', 0));
  });

  it('in a flood a thread does as much as its time allows', () => {
    const { answered, handler } = simulated('v2', { load: 2_000 });
    expect(answered! * (handler! + 0.5)).toBeCloseTo(1_000, -1);
  });
});

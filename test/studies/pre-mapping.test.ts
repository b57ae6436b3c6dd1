/** What the study `pre-mapping` claims, at a small size. */
import { describe, expect, it } from 'vitest';
import { preMapping } from '../../machines/studies/pre-mapping.ts';
import type { PremapPoint } from '../../machines/studies/pre-mapping-answer.ts';
import { check } from '../../src/explore/check.ts';
import { runPoint } from '../../src/simulate/run-study.ts';

const RAM = 64;
const POINT: PremapPoint = { pattern: 'sequential', policy: 'none', length: 1, page: 0.305, spread: 4 };

/** Of 64 pages the device uses 16. */
function numbers(point: Partial<PremapPoint>, ram = RAM) {
  return runPoint(preMapping.build({ ...POINT, ...point }, { ram }), { seeds: [1] })[0]!;
}

describe('the study pre-mapping', () => {
  it('has a fault for each page that is used, or for as many as one maps', () => {
    expect(numbers({}).faults).toBe(16);
    expect(numbers({ policy: 'next', length: 4 }).faults).toBe(4);
    expect(numbers({ policy: 'aligned', length: 4 }).faults).toBe(4);
    expect(numbers({ policy: 'whole' }).faults).toBe(1);
    expect(numbers({ policy: 'pinned' }).faults).toBe(0);
    expect(numbers({ pattern: 'strided' }).faults).toBe(16);
    expect(numbers({ pattern: 'random' }).faults).toBe(16);
  });

  it('comes to the speed of pinned memory with every policy, without pressure', () => {
    const pinned = numbers({ policy: 'pinned' });
    for (const pattern of ['sequential', 'strided', 'random'] as const) {
      for (const policy of ['none', 'next', 'stride', 'whole'] as const) {
        const found = numbers({ pattern, policy, length: 8 });
        expect(found.speed19, `${pattern} ${policy}`).toBeGreaterThan(0.98 * pinned.speed19!);
        expect(found.kept, `${pattern} ${policy}`).toBeLessThan(pinned.kept!);
      }
    }
  });

  it('maps what is never used where the device does not go on with the next page', () => {
    expect(numbers({ policy: 'next', length: 4 }).mapped).toBe(0.25);
    expect(numbers({ pattern: 'strided', policy: 'next', length: 4 }).mapped).toBe(1);
    expect(numbers({ pattern: 'random', policy: 'next', length: 4 }).mapped).toBe(1);
  });

  it('costs more than it saves where few pages are used, and none of those mapped ahead', () => {
    const sparse = { pattern: 'random', spread: 16 } as const;
    expect(numbers({ ...sparse, policy: 'next', length: 8 }, 256).kept).toBeLessThan(numbers(sparse, 256).kept!);
  });

  it('predicts a stride after three faults, and nothing where there is none', () => {
    const stride = { policy: 'stride', length: 64 } as const;
    const strided = numbers({ pattern: 'strided', ...stride });
    expect(strided).toMatchObject({ faults: 3, mapped: 0.25 });
    expect(numbers({ pattern: 'random', ...stride }).faults).toBeGreaterThan(8);
  });

  it('pays for whole RAM once for each page of it', () => {
    const [whole, dear] = [numbers({ policy: 'whole' }), numbers({ policy: 'whole', page: 0.61 })];
    expect((1 - dear.kept!) / (1 - whole.kept!)).toBeGreaterThan(1.5);
  });

  it.each(['none', 'next', 'aligned', 'stride'] as const)(
    'is a system without violations, policy %s',
    async (policy) => {
      // Three faults at one distance, and room for a page after them.
      const point = { ...POINT, policy, length: policy === 'none' ? 1 : 2, spread: 1 };
      const { system } = preMapping.build(point, { ram: 8 });
      expect((await check(system, { maxStates: 100_000 })).verdict).toBe('holds');
    },
  );
});

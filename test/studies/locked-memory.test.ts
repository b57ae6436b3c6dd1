/** What the study `locked-memory` claims, at small sizes; and two closed forms that it does not know. */
import { describe, expect, it } from 'vitest';
import { lockedMemory } from '../../machines/studies/locked-memory.ts';
import type { LimitPoint } from '../../machines/studies/locked-memory-answer.ts';
import { POLICY_NAMES } from '../../machines/studies/locked-memory-machines.ts';
import { check } from '../../src/explore/check.ts';
import { outcomeOf, runPoint, seedsTo } from '../../src/simulate/run-study.ts';

const BLOCKS = 10;
const POINT: LimitPoint = { workload: 'hot', policy: 'random', limit: 0.3, message: 1024, hot: 0.2 };

function mean(point: Partial<LimitPoint>, name: string, parameters: Record<string, number> = {}): number {
  const all = { blocks: BLOCKS, accesses: 2000, ...parameters };
  const asked = { ...POINT, ...point };
  return outcomeOf(asked, runPoint(lockedMemory.build(asked, all), { seeds: seedsTo(2) })).values[name]!.mean;
}

/**
 * Faults for each access where a block is drawn independently of the others, 2 of 10 by 0.9 / 2 and 8 by 0.1 / 8, and the victim at random:
 * each set of blocks that are mapped is as likely as the product of the probabilities of its blocks (King 1971; Gelenbe 1973: and so with
 * the oldest).
 */
function exactRate(room: number): number {
  const [hot, cold] = [0.9 / 2, 0.1 / 8];
  const over = (n: number, k: number): number => (k === 0 ? 1 : (over(n, k - 1) * (n - k + 1)) / k);
  let [sum, missed] = [0, 0];
  for (let k = Math.max(0, room - 8); k <= Math.min(2, room); k++) {
    const weight = over(2, k) * over(8, room - k) * hot ** k * cold ** (room - k);
    sum += weight;
    missed += weight * (1 - k * hot - (room - k) * cold);
  }
  return missed / sum;
}

describe('the study locked-memory', () => {
  it('has the fault rate of the closed form, where the victim is drawn, or the oldest goes', () => {
    const exact = exactRate(POINT.limit * BLOCKS);
    for (const policy of ['random', 'oldest'] as const) {
      const ratio = mean({ policy }, 'rate', { accesses: 6000 }) / exact;
      expect(Math.abs(ratio - 1), `${policy}: ${ratio}`).toBeLessThan(0.1);
    }
  });

  it('faults on what is not mapped, where all blocks are wanted alike', () => {
    for (const policy of ['random', 'clock'] as const)
      expect(mean({ workload: 'uniform', policy, limit: 0.5 }, 'rate'), policy).toBeCloseTo(0.5, 1);
  });

  it('needs the access flag to tell hot blocks from cold ones', () => {
    const [blind, clock, lru] = (['oldest', 'clock', 'lru'] as const).map((policy) =>
      mean({ policy }, 'rate', { blocks: 20 }),
    );
    expect(clock).toBeLessThan(0.8 * blind!);
    expect(lru).toBeLessThan(0.8 * blind!);
  });

  it('faults each time on a ring that is a block larger than the limit, but where victims are drawn; and never on one that fits', () => {
    const ring = { workload: 'ring', hot: 0.5 } as const;
    for (const policy of ['oldest', 'clock', 'lru'] as const) {
      expect(mean({ ...ring, policy, limit: 0.4 }, 'rate'), policy).toBeGreaterThan(0.9);
      expect(mean({ ...ring, policy, limit: 0.5 }, 'rate'), policy).toBe(0);
    }
    expect(mean({ ...ring, limit: 0.4 }, 'rate')).toBeLessThan(0.5);
  });

  it('keeps less of the speed where each DMA is shorter, or several devices wait for one handler', () => {
    const [kept, shorter] = [1024, 64].map((message) => mean({ policy: 'clock', message }, 'kept'));
    expect(shorter).toBeLessThan(kept! / 3);
    const uniform = { workload: 'uniform', policy: 'clock', limit: 0.5 } as const;
    const [one, four] = [1, 4].map((devices) => mean(uniform, 'kept', { devices }));
    expect(four).toBeLessThan(0.8 * one!);
  });

  it.each(POLICY_NAMES)('is a system without violations, policy %s', async (policy) => {
    const { system } = lockedMemory.build({ ...POINT, policy, limit: 0.5, hot: 0.7 }, { blocks: 3, devices: 2 });
    expect((await check(system, { maxStates: 50_000 })).verdict).toBe('holds');
  });

  it('charges as much as the limit allows, and no more', () => {
    expect(mean({ policy: 'clock' }, 'mapped')).toBeCloseTo(POINT.limit, 5);
    expect(mean({ policy: 'clock', limit: 1 }, 'mapped')).toBe(1);
  });

  it('finds where a curve begins to thrash, and tells a step from a slope', async () => {
    const estimate = (mean: number) => ({ mean, halfWidth: 0, confidence: 0.95, count: 2 });
    // As fast as the limit is large; but a ring that is either there or not.
    const { answer, tables } = await lockedMemory.run({}, async (points) =>
      points.map((point) => {
        const { workload, limit, hot } = point as LimitPoint;
        const kept = workload === 'ring' ? Number(limit >= hot) : limit;
        return { point, values: { rate: estimate(1 - limit), kept: estimate(kept), mapped: estimate(limit) } };
      }),
    );
    expect(answer[0]).toBe(
      'At 10.0 %, the proposed default, ring, hot, zipf, uniform thrash with clock; each does below: ' +
        'ring 20.0 %, hot 50.0 %, zipf 50.0 %, uniform 50.0 %.',
    );
    expect(tables.map(({ rows }) => rows.length)).toEqual([16, 5]);
  });
});

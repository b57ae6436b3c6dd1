/** What the study `comparators` claims, at small sizes. */
import { describe, expect, it } from 'vitest';
import { comparators } from '../../machines/studies/comparators.ts';
import { type ComparedPoint, tracedTrap, WAYS } from '../../machines/studies/comparators-answer.ts';
import { check } from '../../src/explore/check.ts';
import { numbersOf, outcomeOf, runSeeds, seedsTo } from '../../src/simulate/run-study.ts';

const POINT: ComparedPoint = { way: 'pin', driver: 'returns', trap: 2, work: 1, invalidation: 800, engines: 1 };
const LINE = 3.2768;

function valuesOf(point: Partial<ComparedPoint>, parameters: Record<string, number> = {}) {
  const asked = { ...POINT, ...point };
  const simulated = comparators.build(asked, { buffers: 1500, ...parameters });
  const runs = runSeeds(simulated, { seeds: seedsTo(2) }).map((run) => numbersOf(simulated, run));
  const { values } = outcomeOf(asked, runs);
  return Object.fromEntries(Object.entries(values).map(([name, { mean }]) => [name, mean])) as Record<string, number>;
}

describe('the study comparators', () => {
  it('costs a driver that keeps its buffers mapped nothing, whatever the way', () => {
    for (const way of WAYS) {
      const { kept, faults, invalidations } = valuesOf({ way, driver: 'keeps' });
      expect(kept, way).toBeGreaterThan(99);
      expect([faults, invalidations], way).toEqual([0, 0]);
    }
  });

  it('orders the ways: strict pays for each buffer, deferred for one in a queue, tracking for none', () => {
    const [strict, deferred, tracked] = (['strict', 'deferred', 'tracked'] as const).map((way) => valuesOf({ way }));
    expect(strict!.kept).toBeLessThan(0.7 * deferred!.kept!);
    expect(tracked!.kept).toBeGreaterThan(99);
    expect(strict!.invalidations).toBeCloseTo(1, 2);
    expect(deferred!.invalidations).toBeCloseTo(1 / 256, 3);
    expect(tracked!.invalidations).toBe(0);
    // The work, two traps, pinning, unpinning, an invalidation: nothing waits for anything else.
    expect(strict!.guestCpu).toBeCloseTo(1 + 2 * 2 + 0.305 + 0.05 + 800 / 2600, 0);
  });

  it('flushes by the timer where the queue never fills', () => {
    // 10 ms is about 2900 buffers.
    const { invalidations, kept } = valuesOf({ way: 'deferred' }, { queue: 4096, buffers: 10_000 });
    expect(1 / invalidations!).toBeGreaterThan(2000);
    expect(1 / invalidations!).toBeLessThan(10_000 / (LINE / (kept! / 100)) + 300);
  });

  it('has a fault for each fresh page, and none for pages that return', () => {
    const fresh = valuesOf({ way: 'iopf', driver: 'fresh' });
    expect(fresh.faults).toBeCloseTo(1, 2);
    // The device has one DMA at a time: 10.5 us of fault, then the transfer.
    expect(fresh.kept).toBeCloseTo((100 * LINE) / (LINE + 10.5), 0);
    expect(valuesOf({ way: 'iopf' }).faults).toBe(0);
    expect(valuesOf({ way: 'iopf', driver: 'fresh', engines: 4 }).kept).toBeGreaterThan(2.5 * fresh.kept!);
  });

  it('traps for a tracked page only where the host has taken it back', () => {
    const [returns, fresh] = (['returns', 'fresh'] as const).map((driver) => valuesOf({ way: 'tracked', driver }));
    expect(fresh!.guestCpu! - returns!.guestCpu!).toBeCloseTo(2 + 0.305, 1);
    expect(fresh!.invalidations).toBeCloseTo(1, 1);
  });

  it('keeps all of it where a trap costs next to nothing', () => {
    expect(valuesOf({ way: 'strict', trap: 0.1 }).kept).toBeGreaterThan(99);
    expect(valuesOf({ way: 'strict', trap: 8 }).kept).toBeLessThan(20);
  });

  it('finds the trap at which strict keeps what was measured', async () => {
    const estimate = (mean: number) => ({ mean, halfWidth: 0, confidence: 0.95, count: 2 });
    const { trap, strict, deferred } = await tracedTrap(POINT, async (points) =>
      points.map((point) => {
        const traps = point.way === 'strict' ? 2 : 1;
        return { point, values: { kept: estimate(100 / (1 + (traps * point.trap) / 3)) } };
      }),
    );
    expect(trap).toBeCloseTo((3 / 2) * (100 / 43 - 1), 1);
    expect(strict).toBeCloseTo(43, 0);
    expect(deferred).toBeCloseTo(100 / (1 + (100 / 43 - 1) / 2), 0);
  });

  it.each(WAYS)('is a system without violations, way %s', async (way) => {
    const point = { ...POINT, way, driver: 'fresh' } as const;
    const { system } = comparators.build(point, { ring: 1, queue: 1 });
    expect((await check(system, { maxStates: 100_000 })).verdict).toBe('holds');
  });
});

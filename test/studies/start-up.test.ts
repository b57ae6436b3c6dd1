/** What the study `start-up` claims, at a small size. */
import { describe, expect, it } from 'vitest';
import { startUp } from '../../machines/studies/start-up.ts';
import { casesOf, type StartPoint } from '../../machines/studies/start-up-answer.ts';
import { check } from '../../src/explore/check.ts';
import { runPoint, runStudy } from '../../src/simulate/run-study.ts';

const POINT: StartPoint = { how: 'faulted', premap: 512, buffers: 4, page: 0.718, fault: 10, time: 200_000 };

/** 128 MiB are 64 batches of 512 pages. */
function numbers(point: Partial<StartPoint>, parameters = {}) {
  return runPoint(startUp.build({ ...POINT, ...point }, { memory: 128, ...parameters }), { seeds: [1] })[0]!;
}

describe('the study start-up', () => {
  it('starts a pinned guest when each page has been pinned', () => {
    expect(numbers({ how: 'pinned' }).start).toBeCloseTo(64 * 512 * 0.718, 3);
    expect(numbers({ how: 'pinned' }, { memory: 256 }).start).toBeCloseTo(128 * 512 * 0.718, 3);
    expect(numbers({ how: 'pinned a page at a time' }).start).toBeCloseTo(64 * 512 * 0.818, 3);
  });

  it('starts a guest at once where faults map, whatever memory it has', () => {
    expect(numbers({}).start).toBe(0);
    expect(numbers({}, { memory: 256 }).start).toBe(0);
  });

  it('has a fault for each run of pages of each buffer, once', () => {
    expect(numbers({}).faults).toBe(4);
    expect(numbers({ premap: 64 }).faults).toBe(4 * 8);
    expect(numbers({ premap: 64, time: 400_000 }).faults).toBe(4 * 8);
    expect(numbers({ premap: 1 }).faults).toBe(4 * 512);
    expect(numbers({ how: 'pinned' }).faults).toBe(0);
  });

  it('is at full speed sooner with fewer buffers, and with more pages a fault', () => {
    const [many, few] = [numbers({ premap: 1, buffers: 8 }), numbers({ premap: 1 })];
    expect(many.full! / few.full!).toBeGreaterThan(1.7);
    expect(many.full! / few.full!).toBeLessThan(2.3);
    expect(numbers({}).full).toBeLessThan(few.full! / 4);
    expect(numbers({ premap: 1, fault: 20 }).full! / few.full!).toBeGreaterThan(1.7);
  });

  it('is slower than pinning everything where faults are dear', () => {
    const pinned = numbers({ how: 'pinned' }).full!;
    expect(numbers({ premap: 1 }).full).toBeLessThan(pinned);
    expect(numbers({ premap: 1, fault: 50 }).full).toBeGreaterThan(pinned);
  });

  it.each(['pinned', 'faulted'] as const)('is a system without violations, %s', async (how) => {
    const { system } = startUp.build({ ...POINT, how, premap: 64, buffers: 2 }, { memory: 4 });
    // The meter ticks at any time, and so do all others.
    expect((await check(system, { maxStates: 200_000 })).verdict).toBe('holds');
  });

  it('tells from which memory on faults take longer', async () => {
    const parameters = { memory: 256, buffers: 64 };
    const { answer, plots } = await runStudy(startUp, { parameters, seeds: 2 });
    expect(answer[0]).toMatch(/^A guest of 256 MiB that is pinned starts after 0.0471 s/);
    expect(answer[2]).toMatch(/^Faults of one page take longer than pinning everything beyond 1[678] MiB/);
    expect(plots[0]!.series).toHaveLength(5);
    expect(casesOf({ ...parameters, page: 0.718, fault: 10, call: 0.1 })).toHaveLength(19);
  });
});

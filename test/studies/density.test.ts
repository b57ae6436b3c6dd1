/** What the study `density` claims, at small sizes. */
import { describe, expect, it } from 'vitest';
import { density } from '../../machines/studies/density.ts';
import { type DensityPoint, largestThatFits, shapeOf } from '../../machines/studies/density-answer.ts';
import { check } from '../../src/explore/check.ts';
import { numbersOf, outcomeOf, runSeeds, seedsTo } from '../../src/simulate/run-study.ts';

/** 4 guests of 8 blocks on a host that pins 2 of them; their working sets are 8 blocks. */
const POINT: DensityPoint = { isPinned: false, guests: 4, frames: 20, working: 2, reuse: 0.999 };
const SMALL = { blocks: 8, low: 2, time: 60_000 };

function valuesOf(point: Partial<DensityPoint>, parameters: Record<string, number> = {}) {
  const asked = { ...POINT, ...point };
  const simulated = density.build(asked, { ...SMALL, ...parameters });
  const runs = runSeeds(simulated, { seeds: seedsTo(2) }).map((run) => numbersOf(simulated, run));
  const { values } = outcomeOf(asked, runs);
  return Object.fromEntries(Object.entries(values).map(([name, { mean }]) => [name, mean])) as Record<string, number>;
}

const estimate = (mean: number) => ({ mean, halfWidth: 0, confidence: 0.95, count: 2 });

describe('the study density', () => {
  it('pins as many guests as the host has room for, and refuses the others', () => {
    const [two, four] = [2, 4].map((guests) => valuesOf({ isPinned: true, guests }));
    expect([two!.refused, four!.refused]).toEqual([0, 2]);
    expect([two!.faults, four!.faults]).toEqual([0, 0]);
    expect(four!.throughput! / two!.throughput!).toBeCloseTo(1, 1);
  });

  it('refuses a host that has no room for a guest', () => {
    expect(() => valuesOf({}, { frames: 4 })).toThrow('the host has room for a guest');
  });

  it('runs with IOPF all guests whose working sets fit, at full speed', () => {
    const [one, four] = [1, 4].map((guests) => valuesOf({ guests }));
    expect(four!.refused).toBe(0);
    expect(four!.throughput! / one!.throughput!).toBeGreaterThan(3.6);
    expect(four!.latency).toBeLessThan(100);
    expect(valuesOf({ isPinned: true }).throughput! / one!.throughput!).toBeLessThan(2.2);
  });

  it('does not, where the working sets do not fit, or the drivers do not reuse their buffers', () => {
    const full = valuesOf({});
    for (const worse of [{ working: 6 }, { reuse: 0.7 }]) {
      const { throughput, latency } = valuesOf(worse);
      expect(throughput, JSON.stringify(worse)).toBeLessThan(0.7 * full.throughput!);
      expect(latency, JSON.stringify(worse)).toBeGreaterThan(500);
    }
  });

  it('has no faults where all guests fit into the host', () => {
    expect(valuesOf({ guests: 2, reuse: 0.5 }).faults).toBe(0);
  });

  it('is bound by the disk where it thrashes', () => {
    const [slow, fast] = [2000, 250].map((disk) => valuesOf({ reuse: 0.7 }, { disk }));
    expect(slow!.disk).toBeGreaterThan(80);
    expect(fast!.throughput).toBeGreaterThan(2 * slow!.throughput!);
  });

  it('takes the three numbers from a curve', () => {
    const throughputs = [2, 4, 6, 6.5, 5];
    const outcomes = throughputs.map((throughput, at) => ({
      point: { ...POINT, guests: at + 1 },
      values: { throughput: estimate(throughput) },
    }));
    expect(shapeOf({ case: POINT, outcomes })).toMatchObject({ slope: 2, plateau: 6.5, plateauAt: 4, bends: 3 });
    expect(shapeOf({ case: POINT, outcomes: outcomes.slice(0, 3) })).toMatchObject({ plateau: 6, bends: null });
  });

  it('finds the most guests that fit, also from what is known', async () => {
    let [simulated, most] = [0, 7];
    const outcome = (point: DensityPoint) => ({
      point,
      values: {
        refused: estimate(Number(point.isPinned && point.guests > 3)),
        latency: estimate(100 * point.guests),
        late: estimate(Number(point.guests > most)),
      },
    });
    const simulate = async (points: readonly DensityPoint[]) => {
      simulated += points.length;
      return points.map(outcome);
    };
    const { guests: _, ...faulting } = POINT;
    const cases = [{ ...faulting, isPinned: true }, faulting];
    const find = (known: readonly DensityPoint[]) =>
      largestThatFits(cases, { most: 20, known: known.map(outcome) }, simulate);
    expect((await find([])).map(({ guests }) => guests)).toEqual([3, 7]);
    simulated = 0;
    const known = [3, 4, 7, 8].flatMap((guests) => cases.map((of) => ({ ...of, guests })));
    expect((await find(known)).map(({ guests }) => guests)).toEqual([3, 7]);
    expect(simulated).toBe(0);
    most = 0;
    expect((await find([])).map(({ guests }) => guests)).toEqual([0, 0]);
  });

  it.each([true, false])('is a system without violations, pinned: %s', async (isPinned) => {
    const point = { ...POINT, isPinned, guests: 2, frames: 3, working: 1 };
    const { system } = density.build(point, { blocks: 2, low: 1, workers: 1 });
    const { verdict } = await check(system, { maxStates: 300_000 });
    expect(verdict).toBe('holds');
  });
});

/** What the study of the page request queue says, at a small size. */
import { describe, expect, it } from 'vitest';
import { NO_OVERFLOW, parameters, prqSystem } from '../../machines/studies/page-request-system.ts';
import { queueSize } from '../../machines/studies/queue-size.ts';
import { check } from '../../src/explore/check.ts';
import { runPoint } from '../../src/simulate/run-study.ts';

const SMALL = { devices: 2, workers: 1 };
const usual = { entries: 16, each: false, inline: true, load: 250, burst: 16, credits: 8 };
const small = { devices: 2, faults: 1_500, workers: 2 };

function simulated(point: Partial<typeof usual> = {}, values: Readonly<Record<string, number>> = {}) {
  const built = queueSize.build({ ...usual, ...point }, { ...small, ...values });
  return runPoint(built, { seeds: [1] })[0]!;
}

describe('queue-size', () => {
  // 2 functions with 1 request each: 2 may be outstanding.
  it.each([
    { each: false, entries: 4, holds: true },
    { each: false, entries: 3, holds: false },
    { each: true, entries: 2, holds: true },
    { each: true, entries: 1, holds: false },
  ])('$entries entries for 2 requests, each moves the head: $each, are enough: $holds', async (point) => {
    const system = prqSystem({ ...point, inline: true, credits: 1 }, SMALL);
    const { verdict, properties } = await check(system, {});
    expect(verdict).toBe('holds');
    expect(properties.some(({ name }) => name === NO_OVERFLOW)).toBe(point.holds);
  });

  it('by the work queue as well', async () => {
    expect((await check(prqSystem({ entries: 4, each: false, inline: false, credits: 1 }, SMALL), {})).verdict).toBe(
      'holds',
    );
    expect((await check(prqSystem({ entries: 2, each: true, inline: false, credits: 1 }, SMALL), {})).verdict).toBe(
      'holds',
    );
  });

  it('a queue of what may be outstanding overflows, and one of twice that does not', () => {
    expect(simulated().overflows).toBeGreaterThan(0);
    expect(simulated().refused).toBeGreaterThan(0);
    expect(simulated({ entries: 32 })).toMatchObject({ overflows: 0, overflowing: 0, refused: 0 });
    expect(simulated({ each: true })).toMatchObject({ overflows: 0, overflowing: 0, refused: 0 });
  });

  it('overflows more often in bursts than one by one, and inline than by the work queue', () => {
    const wide = { credits: 32, load: 150 };
    const inline = simulated(wide);
    expect(inline.overflowing).toBeGreaterThan(5 * simulated({ ...wide, inline: false }).overflowing!);
    expect(inline.overflowing).toBeGreaterThan(5 * simulated({ ...wide, burst: 1 }).overflowing!);
  });

  it('a lone request is answered sooner inline, by what it takes to wake a worker', () => {
    const lone = { burst: 1, load: 1, credits: 1 };
    const [inline, queued] = [simulated(lone), simulated({ ...lone, inline: false })];
    expect(queued.latency! - inline.latency!).toBeCloseTo(2.5, 0);
    // 2.5 us to wake the thread, 0.2 to read the pointers, 0.5, 2 and 1 to report, handle and answer.
    expect(inline.latency).toBeCloseTo(6.2, 0);
  });

  it('without a wake-up of workers the work queue is no slower', () => {
    const lone = { burst: 1, load: 1, credits: 1 };
    const [inline, queued] = [simulated(lone), simulated({ ...lone, inline: false }, { wake: 0 })];
    expect(Math.abs(queued.latency! - inline.latency!)).toBeLessThan(0.5);
  });

  it('has defaults that are allowed', () => {
    expect(parameters.safeParse({}).success).toBe(true);
  });
});

/** What the study of delivery says, at a small size. */
import { describe, expect, it } from 'vitest';
import { delivery } from '../../machines/studies/delivery.ts';
import { deliverySystem, WAYS, type Way } from '../../machines/studies/delivery-system.ts';
import { check } from '../../src/explore/check.ts';
import { runPoint } from '../../src/simulate/run-study.ts';

const FLOOD = 5_000;

function simulated(
  way: Way,
  rate: number,
  more: Partial<{ wake: number; call: number; posted: number }> = {},
  values: Readonly<Record<string, number>> = {},
) {
  const built = delivery.build({ way, rate, posted: 8, wake: 2.5, call: 0.2, ...more }, { faults: 1_000, ...values });
  return runPoint(built, { seeds: [1] })[0]!;
}

describe('delivery', () => {
  it.each(WAYS)('%s misses no wake-up', async (way) => {
    const { verdict } = await check(deliverySystem({ way, posted: 2 }, { outstanding: 2, room: 2 }), {});
    expect(verdict).toBe('holds');
  });

  it('costs as much as its steps, where nothing waits', () => {
    // 0.1 to append, 0.3 to wake, 2.5 until the thread runs, 0.1 + 0.1 for the list and the copy; 0.2 + 2 + 0.1 + 1 to handle and answer.
    expect(simulated('blocking', 1).mean).toBeCloseTo(0.1 + 0.3 + 2.5 + 0.2 + 3.3, 0);
    // As much, and a second call and look.
    expect(simulated('poll', 1).mean! - simulated('blocking', 1).mean!).toBeCloseTo(0.3, 1);
  });

  it('a worker of io-wq costs a second wake-up', () => {
    const [worker, inline] = [simulated('io-wq', 1, { posted: 1 }), simulated('nowait', 1, { posted: 1 })];
    expect(worker.median! - inline.median!).toBeGreaterThan(4);
    const [free, freeInline] = [
      simulated('io-wq', 1, { posted: 1, wake: 0 }),
      simulated('nowait', 1, { posted: 1, wake: 0 }),
    ];
    expect(free.median! - freeInline.median!).toBeLessThan(1);
  });

  it('each fault wakes all reads that are posted', () => {
    expect(simulated('nowait', 10, { posted: 32 }).busy).toBeGreaterThan(
      1.5 * simulated('nowait', 10, { posted: 1 }).busy!,
    );
  });

  it('so does each wake all threads, which one thread does not', () => {
    expect(simulated('blocking-4', 10).busy).toBeGreaterThan(1.8 * simulated('blocking', 10).busy!);
  });

  it('in a flood, fewer system calls are more faults, and that is all there is to it', () => {
    const dear = (way: Way) => simulated(way, FLOOD, { call: 3 }).answered!;
    expect(dear('nowait')).toBeGreaterThan(2 * dear('poll'));
    const free = (way: Way) => simulated(way, FLOOD, { call: 0 }, { look: 0 }).answered!;
    expect(free('nowait') / free('poll')).toBeLessThan(1.1);
  });

  it('a read with room for many groups saves calls, one with room for one does not', () => {
    const many = simulated('poll-many', FLOOD).answered!;
    const one = simulated('poll', FLOOD).answered!;
    expect(many).toBeGreaterThan(1.15 * one);
    expect(simulated('poll-many', FLOOD, {}, { room: 1 }).answered!).toBeCloseTo(one, 0);
  });
});

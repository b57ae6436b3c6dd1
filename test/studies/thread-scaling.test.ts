import { describe, expect, it } from 'vitest';
import type { ThreadBuffers } from '../../machines/studies/fault-path.ts';
import { faultPath } from '../../machines/studies/fault-path-system.ts';
import { threadScaling } from '../../machines/studies/thread-scaling.ts';
import type { ScalingHypothesis } from '../../machines/studies/thread-scaling-hypotheses.ts';
import { check } from '../../src/explore/check.ts';
import { numbersOf, runSeeds, runStudy } from '../../src/simulate/run-study.ts';

const kinds: ThreadBuffers[] = ['kept', 'madvise', 'munmap', 'munmap-write'];

/** The mean over two seeds of what one point gives. */
function simulated(
  point: {
    hypothesis: ScalingHypothesis;
    threads: number;
    between: number;
    time: number;
    isV7?: boolean;
    slower?: number;
  },
  parameters = {},
) {
  const built = threadScaling.build({ isV7: false, slower: 1, ...point }, parameters);
  const runs = runSeeds(built, { seeds: [1, 2] }).map((run) => numbersOf(built, run));
  return (name: string) => runs.reduce((sum, run) => sum + run[name]!, 0) / runs.length;
}

describe('the fault path of many threads', () => {
  it.each(kinds)('has no violation with two threads whose buffers are %s', async (buffers) => {
    expect((await check(faultPath(2, buffers))).verdict).toBe('holds');
  });

  it('takes as long for a fault alone as SVA was measured', () => {
    const value = simulated({ hypothesis: 'event-thread', threads: 1, between: 1000, time: 300_000 });
    expect(value('mean')).toBeGreaterThan(10);
    expect(value('mean')).toBeLessThan(10.7);
  });

  it('holds a worker for as long as its handler sleeps', () => {
    // Two workers whose handlers sleep 1 ms: 2 faults in 1 ms at the most, and no fewer with six threads that wait for them.
    const point = { hypothesis: 'work-queue', threads: 6, between: 100, time: 200_000 } as const;
    const value = simulated(point, { maxActive: 2 });
    expect(value('rate') * 1000).toBeGreaterThan(1.8);
    expect(value('rate') * 1000).toBeLessThan(2.2);
    expect(simulated(point, { maxActive: 6 })('rate')).toBeGreaterThan(2.2 * value('rate'));
  });

  it('lets nobody past a writer of the mmap lock', () => {
    const point = { hypothesis: 'mmap-lock', threads: 6, between: 10, time: 4000 } as const;
    // A cycle has the lock for 10 us, and waits for a reader now and then.
    expect(1 / simulated(point)('rate')).toBeGreaterThan(10);
    expect(1 / simulated(point)('rate')).toBeLessThan(13);
    // To v4.19 it has it until its CMD_SYNC is complete.
    expect(1 / simulated(point, { flushesLocked: true })('rate')).toBeGreaterThan(14);
  });

  it('loses throughput to a look-up in the report path where the interrupt thread is scarce, and nowhere else', () => {
    const change = (hypothesis: ScalingHypothesis, between: number, time: number) => {
      const rate = (isV7: boolean) =>
        simulated({ hypothesis, threads: 16, between, time, isV7 }, { report: 2, lookUp: 0.5 })('rate');
      return rate(true) / rate(false) - 1;
    };
    expect(change('event-thread', 5, 1500)).toBeLessThan(-0.14);
    expect(Math.abs(change('mmap-lock', 100, 4000))).toBeLessThan(0.04);
  });
});

describe('the study', () => {
  it('finds the knee where it was put, and no answer after 4.2 s', async () => {
    const parameters = { threads: 16, knee: 10, cpus: 4, maxActive: 8, report: 3, faults: 200, cycles: 12 };
    const { answer, tables, plots } = await runStudy(threadScaling, { parameters, seeds: 2 });
    expect(answer[1]).toMatch(/^None of them answers a fault after 4.2 s with 16 threads/);
    const [summary, shares] = tables;
    expect(summary!.rows.map(([name]) => name)).toEqual([
      'mmap-lock',
      'command-queue',
      'work-queue',
      'event-thread',
      'cpus',
    ]);
    // What is scarce is scarce: with more than `knee` threads each has less.
    for (const share of shares!.rows.at(-1)!.slice(1)) expect(Number(share)).toBeLessThan(0.85);
    expect(plots.map(({ name }) => name)).toEqual(['throughput', 'latency', 'change']);
  });

  it('has a fault of about 4.2 s when what is scarce is held as much longer as it says', () => {
    const point = { hypothesis: 'work-queue', threads: 12, between: 250 } as const;
    const parameters = { maxActive: 6 };
    const p99 = simulated({ ...point, time: 100_000 }, parameters)('p99');
    const slower = 4.2e6 / p99;
    const slowed = simulated({ ...point, slower, time: 100_000 * slower }, parameters)('p99');
    expect(slowed / 4.2e6).toBeGreaterThan(0.8);
    expect(slowed / 4.2e6).toBeLessThan(1.2);
  });
});

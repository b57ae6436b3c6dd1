/** What the scenarios about progress claim in particular: how short their lassos are, who is in them, and the answer to D-13. */
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { type CheckResult, check } from '../../src/explore/check.ts';
import type { ParameterValues } from '../../src/system/parameters.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';

function run(name: string, variant: string, settings: ParameterValues = {}): Promise<CheckResult> {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  return check(scenario.build(scenario.parameters.parse(settings), variant));
}

/** The labels of the steps before the cycle and of those in it. */
function lassoOf({ tables, path }: CheckResult): { stem: string[]; cycle: string[] } {
  const labels = traceOf(tables, path!).steps.map(labelOf);
  const start = path!.cycleStart ?? labels.length;
  return { stem: labels.slice(0, start), cycle: labels.slice(start) };
}

describe('the shortest run without progress', () => {
  test.each([
    // The demand of the issue is at most 12 and 8. Two DMAs overflow the queue, the thread and the worker do all of their work.
    ['unacknowledged-overflow', 'in-shadow', 11, 1],
    ['stale-readonly-entry', 'no-flush', 6, 6],
    ['identical-fault-loop', 'no-replay', 11, 5],
    // Round means round the ring of two with both wrap bits: the flush is woken each time and finds the queue in use each time.
    ['flush-until-empty', 'until-empty', 10, 17],
    ['flush-until-empty', 'full-batches', 4, 25],
    ['read-loop', 'inner-loop', 6, 2],
    // Two groups, and a buffer that is there when the first one is read and not when it is answered: the second read maps it again.
    ['read-loop', 'short-count', 20, 0],
    // The first request is in the work queue, and its handler in user space hangs: nothing more happens.
    ['iopf-timeout', 'no-timeout', 3, 0],
    // Once round: each of two DMAs is recorded, read, reported, mapped, answered and retried.
    ['retry-livelock', 'evict-oldest', 5, 10],
  ])('%s %s: %i steps, then %i again and again', async (name, variant, stemLength, cycleLength) => {
    const { stem, cycle } = lassoOf(await run(name, variant));
    expect([stem.length, cycle.length]).toEqual([stemLength, cycleLength]);
  });

  test('unacknowledged-overflow: the device asks and is answered within one step, and nobody else has anything to do', async () => {
    const { cycle } = lassoOf(await run('unacknowledged-overflow', 'in-shadow'));
    expect(cycle).toEqual(['dma0.RUN']);
  });

  test.each([
    ['stale-readonly-entry', 'no-flush'],
    ['identical-fault-loop', 'no-replay'],
  ])('%s %s: a handler answers Success, and the SMMU retries', async (name, variant) => {
    const result = await run(name, variant);
    const { steps } = traceOf(result.tables, result.path!);
    const taken = steps.slice(result.path!.cycleStart).flatMap(({ messages }) => messages.map(({ event }) => event));
    expect(taken).toContainEqual(expect.objectContaining({ type: 'RESPOND', code: 'success' }));
    expect(taken).toContainEqual(expect.objectContaining({ type: 'RETRY' }));
  });

  test('read-loop: the mutex is held all the time, so nobody else can read or answer', async () => {
    const { cycle } = lassoOf(await run('read-loop', 'inner-loop'));
    expect(new Set(cycle)).toEqual(new Set(['reader0.RUN']));
  });
});

test('read-loop: a read of v6.11 that fails once loses every group of the list', async () => {
  const scenario = catalogue.find(({ name }) => name === 'read-loop')!;
  const system = scenario.build(scenario.parameters.parse({}), 'lost-group');
  const { tables, path, property } = await check(system, { properties: ['at most one group is lost'] });
  const { steps } = traceOf(tables, path!);
  expect(property).toBe('at most one group is lost');
  // One system call: the mutex is taken once, and the buffer is unmapped all the time.
  const of = (type: string) => steps.flatMap(({ messages }) => messages.filter(({ event }) => event.type === type));
  expect(of('ACQUIRE').filter(({ event }) => (event as { by?: string }).by === 'reader0')).toHaveLength(1);
  expect([of('ERASE').length, of('FETCH_NEXT').length]).toEqual([2, 1]);
});

describe('D-13: K DMAs, each to its own page, of which L may be locked', () => {
  const sizes = [1, 2, 3].flatMap((dmas) => [1, 2, 3].map((limit) => ({ dmas, limit })));

  test.each(sizes)('K=$dmas, L=$limit: every DMA ends when only used pages are taken back', async (size) => {
    expect((await run('retry-livelock', 'fixed', size)).verdict).toBe('holds');
  });

  test.each(sizes)(
    'K=$dmas, L=$limit: when the oldest page is taken back, no progress is possible if K > L',
    async (size) => {
      const { verdict, property } = await run('retry-livelock', 'evict-oldest', size);
      expect({ verdict, property }).toEqual(
        size.dmas > size.limit
          ? { verdict: 'violated', property: 'while DMAs are stalled, some DMA is done some day' }
          : { verdict: 'holds', property: undefined },
      );
    },
  );

  test.each(sizes)('K=$dmas, L=$limit: when none is taken back, DMAs are aborted if K > L', async (size) => {
    const { verdict, property } = await run('retry-livelock', 'never-evict', size);
    expect({ verdict, property }).toEqual(
      size.dmas > size.limit
        ? { verdict: 'violated', property: 'no DMA ends with an abort' }
        : { verdict: 'holds', property: undefined },
    );
  });

  test('the schedule without progress maps K pages a round, each before the device of the last one has tried again', async () => {
    for (const dmas of [2, 3]) {
      const result = await run('retry-livelock', 'evict-oldest', { dmas, limit: dmas - 1 });
      const { cycle } = lassoOf(result);
      expect(cycle.filter((label) => label.includes('RESUME'))).toHaveLength(dmas);
      expect(cycle).toHaveLength(5 * dmas);
    }
  });
});

describe('what holds at the default sizes holds at others', () => {
  test.each([
    ['unacknowledged-overflow', 'fixed', { devices: 3, queueEntries: 2, workers: 2 }],
    ['stale-readonly-entry', 'fixed', { devices: 1, workers: 2 }],
    ['flush-until-empty', 'fixed', { devices: 3 }],
    ['flush-until-empty', 'fixed', { groups: 3, entries: 3 }],
    ['read-loop', 'fixed', { groups: 1, readers: 1 }],
    ['iopf-timeout', 'fixed', { devices: 1, generations: 3 }],
    ['iopf-timeout', 'host-timer-v6.9', { devices: 1, workers: 2 }],
  ])('%s %s %o', async (name, variant, settings) => {
    const { verdict, property, error } = await run(name, variant, settings);
    expect({ verdict, property, error }).toEqual({ verdict: 'holds', property: undefined, error: undefined });
  });

  test('a queue that never overflows shows nothing, and says so', async () => {
    const { verdict, property } = await run('unacknowledged-overflow', 'in-shadow', { queueEntries: 2 });
    expect({ verdict, property }).toEqual({ verdict: 'violated', property: 'an overflow is active' });
  });
});

test('pri-overflow: with fairness every complete group is answered, though the SMMU answers some of them itself', async () => {
  const size = { devices: 2, queueEntries: 1, workers: 1, progress: true };
  const { verdict, properties } = await run('pri-overflow', 'fixed', size);
  const asked = properties.filter(({ name }) => name.includes('gets exactly one answer'));
  expect([verdict, asked.map(({ status }) => status)]).toEqual(['holds', ['holds', 'holds']]);
  // One obligation for all of them would be another matter: there may always be one that waits.
  const merged = await run('pri-overflow', 'no-discard', size);
  expect(merged.property).toBe('no group has members of two generations');
});

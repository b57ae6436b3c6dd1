/** What may take long can be told to stop, and tells how far it is. */
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { z } from 'zod';
import { replicate, simulate } from '../../src/simulate/replications.ts';
import { runStudy } from '../../src/simulate/run-study.ts';
import { defineStudy } from '../../src/simulate/study.ts';
import { exponential } from '../../src/system/durations.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const machine = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
  initial: 'a',
  states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } },
});
const system = defineSystem({ actors: { it: actor(machine, { choices: [{ type: 'GO' }] }) } });
const timing = { unit: 'us' as const, actors: { it: { GO: { takes: exponential(1) } } } };
const study = defineStudy({
  ...{ name: 'endless', title: 'Endless', question: 'When?', sources: [], parameters: z.object({}), seeds: 2 },
  build: () => ({ system, timing, time: 1e12, read: ({ steps }) => ({ steps }) }),
  run: async ({ simulate: run }) => {
    await run([{ n: 1 }]);
    return { answer: [], tables: [], plots: [] };
  },
});

test('a run tells how far it is, and is the same run', () => {
  const told: number[] = [];
  const options = { seed: 1, time: 100_000 };
  const watched = simulate(system, timing, { ...options, onProgress: ({ steps }) => told.push(steps) });
  expect(told.length).toBeGreaterThan(3);
  expect(told).toEqual([...told].sort((one, other) => one - other));
  expect(watched.digest).toBe(simulate(system, timing, options).digest);
  expect(watched.steps).toBeGreaterThan(told.at(-1)!);
});

test('a run, and one of several, ends with the reason of its signal', () => {
  const controller = new AbortController();
  const options = { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) };
  expect(() => simulate(system, timing, { seed: 1, time: 1e12, ...options })).toThrow('enough');
  expect(() => replicate(system, timing, { seeds: [1, 2], time: 1e12, ...options })).toThrow('enough');
});

test('a study lets timers fire, and ends with the reason of its signal', async () => {
  const told: unknown[] = [];
  const onProgress = (progress: { point: unknown; steps: number }) => told.push(progress.point);
  await expect(runStudy(study, { signal: AbortSignal.timeout(100), onProgress })).rejects.toThrow('timeout');
  expect(told[0]).toEqual({ n: 1 });
  expect(told.length).toBeGreaterThan(1);
});

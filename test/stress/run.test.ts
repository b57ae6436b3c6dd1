import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { stress } from '../../src/stress/run.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const light = setup({ types: { events: {} as { type: 'GO' } | { type: 'STOP' } } }).createMachine({
  initial: 'red',
  states: { red: { on: { GO: 'green' } }, green: { on: { STOP: 'red' } } },
});
const choices = [{ type: 'GO' } as const, { type: 'STOP' } as const];
const lights = (isSafe: boolean) =>
  defineSystem({
    actors: { north: actor(light, { choices }), east: actor(light, { choices }) },
    deadlock: 'ignore',
    properties: ({ always }) => [
      always(
        'never both',
        (view) => isSafe || !(view.get('north').matches('green') && view.get('east').matches('green')),
      ),
    ],
  });

test('finds a race, shortened, in names', async () => {
  const { verdict, ended, found, tally } = await stress(lights(false), { steps: 100_000, threads: 1, units: 2 });
  expect({ verdict, ended }).toEqual({ verdict: 'violated', ended: 'found' });
  expect(found).toMatchObject({ kind: 'violation', property: 'never both' });
  expect(found!.steps.map(({ actor: name, event }) => `${name} ${event.type}`).sort()).toEqual(['east GO', 'north GO']);
  expect(tally.steps).toBeGreaterThan(0);
});

test('proves nothing when it finds nothing', async () => {
  const report = await stress(lights(true), { steps: 10_000, threads: 1, units: 2 });
  expect(report).toMatchObject({ verdict: 'unknown', ended: 'steps' });
});

test('ends soon when it is told to, and tells what it does', async () => {
  const controller = new AbortController();
  const told: number[] = [];
  const onProgress = ({ steps }: { steps: number }) => {
    told.push(steps);
    controller.abort();
  };
  const report = await stress(lights(true), {
    seconds: 60,
    threads: 1,
    units: 2,
    signal: controller.signal,
    onProgress,
  });
  expect(report).toMatchObject({ verdict: 'unknown', ended: 'interrupted' });
  expect(report.seconds).toBeLessThan(30);
  expect(told.length).toBeGreaterThan(0);
});

test.each([
  [{ threads: 33 }, 'threads: got 33, expected a whole number from 1 to 32'],
  [{ seconds: 0 }, 'seconds: got 0, expected a number above 0'],
  [{ seed: -1 }, 'seed: got -1, expected a whole number of at least 0'],
])('refuses %j', async (options, message) => {
  await expect(stress(lights(true), options)).rejects.toThrow(message);
});

/** The matchers in this very vitest: what passes, and what a failure says. */
import { describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { z } from 'zod';
import '../../src/entries/vitest.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const light = setup({ types: { events: {} as { type: 'GO' } | { type: 'STOP' } | { type: 'FLY' } } }).createMachine({
  initial: 'red',
  states: { red: { on: { GO: 'green' } }, green: { on: { STOP: 'red' } }, blue: { on: { FLY: 'red' } } },
});
const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: { increment: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'increment' } } });
const choices = [{ type: 'GO' } as const, { type: 'STOP' } as const];
const two = { north: actor(light, { choices }), east: actor(light, { choices }) };
const lights = defineSystem({
  actors: two,
  properties: ({ always, reachable, happens }) => [
    always('never both green', (view) => !(view.get('north').matches('green') && view.get('east').matches('green'))),
    always('north is some colour', (view) => view.get('north').matches('red') || view.get('north').matches('green')),
    reachable('north goes', (view) => view.get('north').matches('green')),
    reachable('north is blue', (view) => view.get('north').matches('blue')),
    happens('somebody stops', { type: 'STOP' }),
    happens('somebody flies', { type: 'FLY' }),
  ],
});
const fine = defineSystem({ actors: two });

async function failureOf(assertion: Promise<void>): Promise<string> {
  try {
    await assertion;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it passed');
}

describe('toHold', () => {
  test('passes when the whole space was searched', async () => {
    await expect(fine).toHold();
    await expect(lights).toHold({ properties: ['north goes'] });
  });

  test('a variant of a scenario is a system', async () => {
    const scenario = defineScenario({
      ...{ name: 'lights', title: 'Lights', sources: [], group: 'mine', parameters: z.object({}) },
      variants: { fixed: { title: 'as it is', expected: { verdict: 'holds' } } },
      build: () => fine,
    });
    await expect(scenario.build({}, 'fixed')).toHold();
    expect(await failureOf(expect(scenario).toHold())).toContain("expect(scenario.build({}, 'fixed'))");
  });

  test('tells the property, the chart and how to replay it', async () => {
    const message = await failureOf(expect(lights).toHold());
    expect(message).toMatch(/^expected the system to hold\n\nviolated: never both green, in 2 steps\n/);
    expect(message).toContain('red -> green');
    expect(message).toMatch(/replay it: replaySchedule\(system, '\d\/\d'\)$/);
  });

  test('a bounded or interrupted search is no pass', async () => {
    expect(await failureOf(expect(fine).toHold({ maxStates: 1 }))).toContain('as many states as maxStates allows');
    expect(await failureOf(expect(fine).toHold({ search: 'random', walks: 1 }))).toContain('which prove nothing');
    const endless = defineSystem({ actors: { it: actor(counter, { choices: [{ type: 'GO' }] }) } });
    const signal = AbortSignal.timeout(50);
    expect(await failureOf(expect(endless).toHold({ signal }))).toContain('it was interrupted');
  });

  test('cannot be negated', async () => {
    expect(await failureOf(expect(lights).not.toHold())).toContain('says nothing of what is wrong');
  });

  test('what is no system is told', async () => {
    expect(await failureOf(expect(light).toHold())).toBe(
      'toHold: got an object, expected what defineSystem() or scenario.build() returns',
    );
  });
});

describe('toViolate', () => {
  test('passes for the property that is named, within so many steps', async () => {
    await expect(lights).toViolate('never both green');
    await expect(lights).toViolate('never both green', { within: 2 });
    await expect(lights).toViolate('north is blue');
    await expect(lights).not.toViolate('never both green', { within: 1 });
    await expect(lights).not.toViolate('north is some colour');
  });

  test('tells what was found instead', async () => {
    const message = await failureOf(expect(lights).toViolate('north is some colour'));
    expect(message).toContain('expected the system to violate "north is some colour"\n\nit holds: the whole space');
    expect(message).toContain('instead:\nviolated: never both green, in 2 steps');
    const long = await failureOf(expect(lights).toViolate('never both green', { within: 1 }));
    expect(long).toContain('within 1 step\n\nviolated: never both green, in 2 steps');
    expect(await failureOf(expect(lights).not.toViolate('never both green'))).toContain('not to violate');
  });

  test('what is not known fails, negated as well', async () => {
    for (const wanted of [expect(fine), expect(fine).not]) {
      expect(await failureOf(wanted.toViolate('no deadlock', { maxStates: 1 }))).toContain('that is no answer');
    }
    expect(await failureOf(expect(lights).toViolate('north is blue', { within: 3 }))).toContain('leave out `within`');
  });

  test('refuses names and numbers that there are not', async () => {
    expect(await failureOf(expect(lights).toViolate('never both gren'))).toContain('never both gren');
    expect(await failureOf(expect(lights).toViolate('never both green', { within: -1 }))).toBe(
      'toViolate: within is -1, expected a whole number of steps of at least 0',
    );
  });
});

describe('toReach', () => {
  test('takes a declared property, or a predicate', async () => {
    await expect(lights).toReach('north goes', { within: 1 });
    await expect(lights).toReach((view) => view.get('north').matches('green') && view.get('east').matches('green'));
    await expect(lights).toReach('somebody stops');
    await expect(lights).not.toReach('somebody flies');
    await expect(lights).not.toReach('north is blue');
    await expect(lights).not.toReach('north goes', { within: 0 });
  });

  test('a failure tells the trace, or that there is none', async () => {
    const message = await failureOf(expect(lights).not.toReach('north goes'));
    expect(message).toContain('expected the system not to reach "north goes"\n\nreached in 1 step\n');
    expect(message).toContain('north.GO');
    expect(message).not.toContain('violated');
    expect(await failureOf(expect(lights).toReach('north is blue'))).toContain('no state is one: the whole space');
  });

  test('refuses what cannot be reached', async () => {
    expect(await failureOf(expect(lights).toReach('never both green'))).toContain('is always, expected');
    expect(await failureOf(expect(lights).toReach('somebody stops', { within: 3 }))).toContain('leave out `within`');
    expect(await failureOf(expect(lights).toReach('no such'))).toContain('there is no property "no such"');
  });
});

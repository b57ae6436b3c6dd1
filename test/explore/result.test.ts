/** What a result has is known from its verdict, without a cast; the compiler is a part of this test. */
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { replayTrace } from '../../src/trace/replay.ts';
import { labelOf } from '../../src/trace/trace.ts';

const light = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
  initial: 'red',
  states: { red: { on: { GO: 'green' } }, green: { type: 'final' } },
});
const system = defineSystem({
  actors: { north: actor(light, { choices: [{ type: 'GO' }] }), east: actor(light, { choices: [{ type: 'GO' }] }) },
  properties: ({ always, reachable }) => [
    always('never both', (view) => !(view.get('north').matches('green') && view.get('east').matches('green'))),
    reachable('never', () => false),
    reachable('north goes', (view) => view.get('north').matches('green')),
  ],
});

test('a violation has its property and its trace, which live actors confirm', async () => {
  const result = await check(system, { properties: ['never both'] });
  if (result.verdict !== 'violated') throw new Error(result.verdict);
  const property: string = result.property;
  expect(property).toBe('never both');
  expect(result.trace?.steps.map(labelOf).sort()).toEqual(['east.GO', 'north.GO']);
  expect(replayTrace(system, result.trace!).violated).toEqual(['never both']);
});

test('what lacks a witness has no trace', async () => {
  const result = await check(system, { properties: ['never'] });
  expect(result).toMatchObject({ verdict: 'violated', property: 'never' });
  expect(result.trace).toBeUndefined();
});

test('an unknown verdict has its bound, and one that holds has neither', async () => {
  const early = await check(system, { properties: ['north goes'], maxStates: 1 });
  if (early.verdict !== 'unknown') throw new Error(early.verdict);
  expect(early.bound).toBe('states');
  const whole = await check(system, { properties: ['north goes'] });
  if (whole.verdict !== 'holds') throw new Error(whole.verdict);
  const none: undefined = whole.trace ?? whole.property ?? whole.bound ?? whole.error;
  expect(none).toBeUndefined();
});

test('a model error has its error, and the trace of the step that fails', async () => {
  const broken = setup({
    guards: {
      odd: () => {
        throw new Error('no');
      },
    },
  }).createMachine({
    initial: 'one',
    states: { one: { on: { GO: { guard: 'odd', target: 'two' } } }, two: {} },
  });
  const result = await check(defineSystem({ actors: { it: actor(broken, { choices: [{ type: 'GO' }] }) } }));
  if (result.verdict !== 'model-error') throw new Error(result.verdict);
  expect(result.error.code).toBe('exception');
  expect(result.trace?.failed).toBe(true);
});

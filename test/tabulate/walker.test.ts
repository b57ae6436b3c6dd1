/** Steps are taken back whole, whatever they did. */
import { expect, it } from 'vitest';
import { createMachine, sendTo, setup } from 'xstate';
import { actor, defineSystem } from '../../src/system/system.ts';
import { enabledSteps, findStep, footprintOf } from '../../src/tabulate/path.ts';
import { inPerturbedWorld } from '../../src/tabulate/perturb.ts';
import { canonicalKey } from '../../src/tabulate/plain.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { stateOf } from '../../src/trace/trace.ts';

it('a step that changes an actor twice is taken back to where it began', () => {
  const tell = (to: string, type: string) => sendTo(({ system }) => system.get(to), { type });
  const asking = setup({ actions: { ask: tell('other', 'ASK') } }).createMachine({
    initial: 'idle',
    states: {
      idle: { on: { GO: { target: 'waiting', actions: 'ask' }, LEAVE: 'gone' } },
      waiting: { on: { ANSWER: 'done' } },
      done: {},
      gone: {},
    },
  });
  const answering = setup({ actions: { answer: tell('one', 'ANSWER') } }).createMachine({
    on: { ASK: { actions: 'answer' } },
  });
  const tables = new Tables(
    defineSystem({
      actors: {
        one: actor(asking, { choices: [{ type: 'GO' }, { type: 'LEAVE' }] }),
        other: actor(answering),
        third: actor(createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } }), {
          choices: [{ type: 'GO' }],
        }),
      },
    }),
  );
  const walker = new Walker(tables);
  walker.start();
  const initial = walker.current.slice();
  const ends = enabledSteps(walker, initial).map(({ state }) => {
    const { one, third } = stateOf(tables, state).actors;
    return `${one!.value} ${third!.value}`;
  });
  expect(ends).toEqual(['done a', 'gone a', 'idle b']);
  walker.begin();
  expect(walker.current).toEqual(initial);
});

it('a step has read what took a message, has written what it changed, and knows nothing of what was refused before', () => {
  const tell = (to: string, type: string) => sendTo(({ system }) => system.get(to), { type });
  const caller = (type: string) =>
    setup({ actions: { call: tell('desk', type) } }).createMachine({
      initial: 'a',
      states: { a: { on: { GO: { target: 'b', actions: 'call' } } }, b: {} },
    });
  const choices = [{ type: 'GO' }];
  const tables = new Tables(
    defineSystem({
      actors: {
        refused: actor(caller('NO'), { choices }),
        taken: actor(caller('YES'), { choices }),
        desk: actor(
          createMachine({
            on: { YES: { actions: [] } },
            initial: 'here',
            states: { here: {}, nowhere: { on: { NO: {} } } },
          }),
        ),
      },
      blocking: ['NO'] as never[],
    }),
  );
  const walker = new Walker(tables);
  walker.start();
  const step = findStep(walker, walker.current.slice(), () => true)!;
  expect(step.records.map(({ kind, slot }) => [kind, slot])).toEqual([
    ['taken', 1],
    ['taken', 2],
  ]);
  expect(footprintOf(step)).toEqual({ reads: [1, 2], writes: [1] });
});

it('the clock and chance are the real ones again after a step', () => {
  const world = () => [globalThis.Date, Math.random, performance.now, crypto.randomUUID, crypto.getRandomValues];
  const real = world();
  // Also after what ran before this test.
  expect(globalThis.Date.name).toBe('Date');
  const { result, asked } = inPerturbedWorld(() => new Date().getFullYear());
  expect(asked).toBe('a clock');
  expect(result).toBeGreaterThan(new Date().getFullYear() + 300);
  expect(inPerturbedWorld(() => new Date(0).getTime())).toEqual({ result: 0, asked: undefined });
  expect(world()).toEqual(real);
  expect(() =>
    inPerturbedWorld(() => {
      throw new Error('in the middle');
    }),
  ).toThrow('in the middle');
  expect(world()).toEqual(real);
});

it('data that contains itself has no key, and the error says where', () => {
  const list: unknown[] = [];
  list.push({ list });
  expect(() => canonicalKey(list, 'context')).toThrow(/context\[0\]\.list.*cycle/);
});

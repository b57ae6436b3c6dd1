/** Steps are taken back whole, whatever they did. */
import { expect, it } from 'vitest';
import { createMachine, sendTo, setup } from 'xstate';
import { actor, defineSystem } from '../../src/system/system.ts';
import { enabledSteps } from '../../src/tabulate/path.ts';
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

it('data that contains itself has no key, and the error says where', () => {
  const list: unknown[] = [];
  list.push({ list });
  expect(() => canonicalKey(list, 'context')).toThrow(/context\[0\]\.list.*cycle/);
});

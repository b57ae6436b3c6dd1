/** What is legal but hollow is told, and only when it is known. */
import { describe, expect, test } from 'vitest';
import { createMachine, raise, setup } from 'xstate';
import { type CheckOptions, check } from '../../src/explore/check.ts';
import { leadsTo, monitor } from '../../src/system/property.ts';
import { type Actor, actor, defineSystem, type SystemDefinition } from '../../src/system/system.ts';

type Parts = Partial<SystemDefinition<Record<string, Actor>>>;

async function hollow(machine: Actor['machine'], types: readonly string[], parts: Parts = {}, options?: CheckOptions) {
  const choices = types.map((type) => ({ type })) as never;
  const system = defineSystem({ actors: { x: actor(machine, { choices }) }, deadlock: 'ignore', ...parts });
  const result = await check(system, options);
  return { verdict: result.verdict, hollow: result.hollow.map(({ kind, subject }) => `${kind} ${subject}`) };
}

const ring = { a: { on: { RUN: 'b' } }, b: { on: { RUN: 'a' } } };

describe('hollow is', () => {
  test('a state that nothing leads to, and the trigger of a leadsTo that never occurs', async () => {
    const machine = createMachine({ initial: 'a', states: { ...ring, never: {}, goal: {} } });
    const at = (state: string) => (view: { get(name: string): { matches(value: never): boolean } }) =>
      view.get('x').matches(state as never);
    const promise = (from: string) => ({ properties: () => [leadsTo('promise', at(from), at('b'))] });
    expect(await hollow(machine, ['RUN'], promise('never'))).toEqual({
      verdict: 'holds',
      hollow: ['state x: never', 'state x: goal', 'trigger promise'],
    });
    expect((await hollow(machine, ['RUN'], promise('a'))).hollow).toEqual(['state x: never', 'state x: goal']);
  });

  test('not a state that a transition leads to, however deep, or that is entered with others', async () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { on: { RUN: { target: '#deep' } } },
        outer: {
          initial: 'first',
          states: {
            first: {},
            second: { id: 'deep', type: 'parallel', states: { one: {}, two: { initial: 'in', states: { in: {} } } } },
            back: { type: 'history' },
          },
        },
      },
    });
    // `first` is where `outer` begins, but it is only ever entered deeper down.
    expect((await hollow(machine, ['RUN'])).hollow).toEqual([]);
  });

  test('a monitor that nothing can violate, whatever tags it has', async () => {
    const watching = (tags: string[]) =>
      createMachine({ initial: 'a', states: { a: { on: { RUN: 'b' } }, b: { tags, on: { RUN: 'a' } } } });
    const told = async (tags: string[]) => {
      const parts = { properties: () => [monitor('watch', watching(tags))] };
      return (await hollow(createMachine({ initial: 'a', states: ring }), ['RUN'], parts)).hollow;
    };
    expect(await told(['violated'])).toEqual(['monitor watch']);
    expect(await told([])).toEqual(['monitor watch']);
    expect(await told(['violation'])).toEqual([]);
    expect(await told(['x', 'hot'])).toEqual([]);
    expect(await told(['violaton', 'hot'])).toEqual(['monitor watch']);
  });

  test('not a monitor of what must not occur, and does not', async () => {
    const ignoring = { ...ring, a: { on: { ...ring.a.on, BAD: {} } } };
    const watching = createMachine({ initial: 'a', states: { a: { on: { BAD: 'b' } }, b: { tags: 'violation' } } });
    const parts = { deadlock: 'ignore' as const, properties: () => [monitor('nothing bad', watching)] };
    expect((await hollow(createMachine({ initial: 'a', states: ignoring }), ['RUN'], parts)).hollow).toEqual([]);
  });

  test('a message that a machine has transitions for and nobody sends', async () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { RUN: 'b', STOP: 'b', IGNORED: {}, 'any.*': 'a' } }, b: { on: { RUN: 'a' } } },
    });
    expect((await hollow(machine, ['RUN'])).hollow).toEqual(['event x: STOP']);
    expect((await hollow(machine, ['RUN', 'STOP'])).hollow).toEqual([]);
    expect((await hollow(machine, ['RUN'], { unsent: 'ignore' })).hollow).toEqual([]);
  });

  test('not a message that a machine raises for itself, at once or later', async () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { entry: raise({ type: 'NEXT' }), on: { NEXT: 'b' }, after: { 5: 'b' } },
        b: { entry: raise({ type: 'LATER' }, { delay: 3 }), on: { LATER: 'a' } },
      },
    });
    expect((await hollow(machine, [])).hollow).toEqual([]);
  });

  test('what a machine names and nobody has implemented, said however far the search came', async () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: { on: { RUN: { target: 'b', actions: ['shout', { type: 'cry' }] } } },
        b: { after: { soon: 'c' } },
        c: {},
      },
    });
    const expected = ['action x: shout', 'action x: cry', 'delay x: soon'];
    expect((await hollow(machine, ['RUN'])).hollow).toEqual(expected);
    expect(await hollow(machine, ['RUN'], {}, { maxStates: 1 })).toEqual({ verdict: 'unknown', hollow: expected });
    const guarded = createMachine({
      initial: 'a',
      states: { a: { on: { RUN: { target: 'b', guard: 'maybe' } } }, b: {} },
    });
    expect(await hollow(guarded, ['RUN'])).toEqual({ verdict: 'model-error', hollow: ['guard x: maybe'] });
    const whole = setup({ actions: { shout: () => {} }, delays: { soon: 5 } }).createMachine({
      initial: 'a',
      states: { a: { on: { RUN: { target: 'b', actions: 'shout' } }, after: { soon: 'b' } }, b: {} },
    });
    expect((await hollow(whole as Actor['machine'], ['RUN'])).hollow).toEqual([]);
  });

  test('nothing that a search which stopped early has not met', async () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { on: { RUN: 'b', STOP: 'b' } }, b: { on: { RUN: 'a' } } },
    });
    expect(await hollow(machine, ['RUN'], {}, { maxStates: 1 })).toEqual({ verdict: 'unknown', hollow: [] });
    expect((await hollow(machine, ['RUN'], {}, { store: 'hash-compact' })).hollow).toEqual([]);
  });
});

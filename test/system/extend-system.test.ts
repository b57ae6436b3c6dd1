/** A system that was extended is the one that is written in one piece; and one that is spread loses nothing on the way. */
import { describe, expect, test } from 'vitest';
import { sendTo, setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { actor, defineSystem, extendSystem, isSystem, type System } from '../../src/system/system.ts';

const box = setup({ types: { events: {} as { type: 'M' } } }).createMachine({ on: { M: {} } });
const sender = setup({
  types: { events: {} as { type: 'GO' } },
  actions: { send: sendTo(({ system }) => system.get('b'), { type: 'M' }) },
}).createMachine({
  initial: 'x',
  states: { x: { on: { GO: { target: 'y', actions: 'send' } } }, y: { type: 'final' } },
});
const go = { choices: [{ type: 'GO' as const }] };
const link = { to: ['b'], types: ['M'], order: 'fifo', capacity: 2 } as const;
const base = defineSystem({
  actors: { b: actor(box), a: actor(sender, go) },
  channels: { ch: link },
  blocking: ['M'],
  fairness: { a: { GO: 'weak' } },
  properties: ({ reachable }) => [reachable('a message waits', (view) => view.channel('ch').length > 0)],
});

async function outcome(system: System) {
  const { verdict, property, states, steps, depth, properties } = await check(system);
  return { verdict, property, states, steps, depth, properties };
}

describe('extendSystem', () => {
  test('gives the system that is written in one piece', async () => {
    const whole = defineSystem({
      actors: { b: actor(box), a: actor(sender, go), c: actor(sender, go), d: actor(box) },
      channels: { ch: link, other: { from: ['a', 'c'], to: ['d'], order: 'unordered', capacity: 1 } },
      blocking: ['M'],
      fairness: { a: { GO: 'weak' }, c: 'strong' },
      symmetry: [['a', 'c']],
      properties: ({ always, reachable }) => [
        reachable('a message waits', (view) => view.channel('ch').length > 0),
        always('few wait', (view) => view.channel('ch').length < 3),
      ],
    });
    const extended = extendSystem(base, {
      actors: { c: actor(sender, go), d: actor(box) },
      channels: { other: { from: ['a', 'c'], to: ['d'], order: 'unordered', capacity: 1 } },
      blocking: ['M'],
      fairness: { c: 'strong' },
      symmetry: [['a', 'c']],
      properties: ({ always }) => [always('few wait', (view) => view.channel('ch').length < 3)],
    });
    // Not where it was defined, which is a symbol; and a property is a function of its own.
    const partsOf = ({ properties, ...parts }: System) => [Object.entries(parts), properties.map(({ name }) => name)];
    expect(partsOf(extended)).toEqual(partsOf(whole));
    expect(await outcome(extended)).toEqual(await outcome(whole));
  });

  test('lets the messages of a new actor go through a channel of all senders, and not through one of some', async () => {
    const properties = { deadlock: 'ignore', blocking: ['M'] } as const;
    const ofAll = extendSystem(base, {
      actors: { c: actor(sender, go) },
      properties: ({ always }) => [always('at most one message waits', (view) => view.channel('ch').length < 2)],
    });
    expect(await outcome(ofAll)).toMatchObject({ verdict: 'violated', property: 'at most one message waits' });
    const ofOne = extendSystem(
      defineSystem({
        ...properties,
        actors: { b: actor(box), a: actor(sender, go) },
        channels: { ch: { ...link, from: ['a'] } },
      }),
      {
        actors: { c: actor(sender, go) },
        properties: ({ always }) => [always('at most one message waits', (view) => view.channel('ch').length < 2)],
      },
    );
    expect((await outcome(ofOne)).verdict).toBe('holds');
  });

  test('leaves what it does not name as it was, and the base too', async () => {
    const before = await outcome(base);
    expect(await outcome(extendSystem(base, {}))).toEqual(before);
    extendSystem(base, { actors: { c: actor(sender, go) } });
    expect(await outcome(base)).toEqual(before);
    expect(extendSystem(base, { deadlock: 'ignore' }).deadlock).toBe('ignore');
  });
});

describe('a spread', () => {
  test('into a new definition is sound: a channel of all senders is one of the new actor as well', async () => {
    const extended = defineSystem({
      // Types refuse it, whoever writes JavaScript may do it.
      ...(base as object),
      actors: { ...base.actors, c: actor(sender, go) },
      properties: ({ always }) => [
        always('at most one message waits', (view) => view.channel('ch' as never).length < 2),
      ],
    });
    expect(await outcome(extended)).toMatchObject({ verdict: 'violated', property: 'at most one message waits' });
  });

  test('is no system before it has been checked', () => {
    expect(isSystem(base)).toBe(true);
    expect(isSystem(extendSystem(base, {}))).toBe(true);
    expect(isSystem({ ...base })).toBe(false);
  });

  test('is checked as a definition is, before it is searched', async () => {
    expect(await outcome({ ...base })).toEqual(await outcome(base));
    const refused = async (more: object, message: string) =>
      expect(check({ ...base, ...more } as System)).rejects.toThrow(message);
    await refused({ propertys: [] }, 'the system has the unknown key "propertys"');
    await refused({ blocking: ['TYPO'] }, 'TYPO');
    await refused({ deadlock: 'ignored' }, 'deadlock is "ignored"');
  });

  test('is the only way to have it otherwise: a system does not change', () => {
    expect(() => Object.assign(base.actors, { c: actor(sender, go) })).toThrow(TypeError);
    expect(() => Object.assign(base, { deadlock: 'ignore' })).toThrow(TypeError);
    expect(() => (base.blocking as string[]).push('TYPO')).toThrow(TypeError);
  });
});

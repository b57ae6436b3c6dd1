import { describe, expect, it } from 'vitest';
import { assign, createMachine, sendTo, setup } from 'xstate';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { check } from '../../src/explore/check.ts';
import type { Progress } from '../../src/explore/options.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

/** Every history of at most 13 letters: 16,383 of them. */
const LETTERS_MAX = 13;
const HISTORIES = 2 ** (LETTERS_MAX + 1) - 1;
const LETTERS = [{ type: 'A' }, { type: 'B' }] as const;

const diary = setup({
  types: {
    context: {} as { owner: string; count: number; history: readonly string[] },
    events: {} as { type: 'A' | 'B' },
  },
  guards: { hasRoom: ({ context }) => context.count < LETTERS_MAX },
  actions: {
    write: assign({
      count: ({ context }) => context.count + 1,
      history: ({ context, event }) => [...context.history, event.type],
    }),
  },
}).createMachine({
  context: { owner: 'me', count: 0, history: [] },
  on: { '*': [{ guard: 'hasRoom', actions: 'write' }, {}] },
});

/** Two counters of 101 values in one machine. */
const SIDE = 101;
const pair = setup({
  types: { context: {} as { x: number; y: number } },
  actions: {
    right: assign({ x: ({ context }) => (context.x + 1) % SIDE }),
    up: assign({ y: ({ context }) => (context.y + 1) % SIDE }),
  },
}).createMachine({ context: { x: 0, y: 0 }, on: { RIGHT: { actions: 'right' }, UP: { actions: 'up' } } });

const light = createMachine({ initial: 'on', states: { on: { on: { FLIP: 'off' } }, off: { on: { FLIP: 'on' } } } });

const sink = createMachine({ on: { A: {}, B: {}, ITEM: {} } });

describe('what makes a search slow', () => {
  it('is the actor that keeps a history, and the field that has it', async () => {
    const system = defineSystem({
      actors: {
        light: actor(light, { choices: [{ type: 'FLIP' }] }),
        diary: actor(diary, { choices: LETTERS }),
      },
    });
    const told: Progress[] = [];
    const result = await check(system, { onProgress: (progress) => told.push(progress) });
    expect(result).toMatchObject({ verdict: 'holds', states: 2 * HISTORIES });
    expect(result.costly).toEqual([
      {
        name: 'diary',
        kind: 'actor',
        values: HISTORIES,
        fields: [
          { field: 'history', values: HISTORIES },
          { field: 'count', values: LETTERS_MAX + 1 },
        ],
        advice: 'bound context.history, or forget there what nobody asks for any more',
      },
    ]);
    expect(told.at(-1)!.costliest).toEqual({ name: 'diary', kind: 'actor', values: HISTORIES });
    expect(told[0]).not.toHaveProperty('costliest');
  });

  it('is told of monitors, and of searches that a bound stops', async () => {
    const system = defineSystem({
      actors: { button: actor(createMachine({ on: { '*': { actions: () => {} } } }), { choices: LETTERS }) },
      properties: ({ monitor }) => [monitor('what was pressed', diary)],
    });
    const result = await check(system, { maxStates: 12_000 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'states' });
    expect(result.costly).toMatchObject([
      { name: 'what was pressed', kind: 'monitor', fields: [{ field: 'history' }, {}] },
    ]);
  });

  it('are combinations, when no field has most values: they are to be split', async () => {
    const choices = [{ type: 'RIGHT' }, { type: 'UP' }];
    const system = defineSystem({ actors: { pair: actor(pair, { choices }) } });
    expect((await check(system)).costly).toMatchObject([
      {
        name: 'pair',
        values: SIDE * SIDE,
        fields: [
          { field: 'x', values: SIDE },
          { field: 'y', values: SIDE },
        ],
        advice:
          'split it into several, so that context.x and context.y are not in the same one: its values are combinations',
      },
    ]);
  });

  it('is nothing, when there are ten times as many states', async () => {
    const choices = [{ type: 'RIGHT' }, { type: 'UP' }];
    const lights = ['light0', 'light1', 'light2', 'light3'].map((name) => [
      name,
      actor(light, { choices: [{ type: 'FLIP' }] }),
    ]);
    const system = defineSystem({ actors: { pair: actor(pair, { choices }), ...Object.fromEntries(lights) } });
    expect(await check(system)).toMatchObject({ states: 16 * SIDE * SIDE, costly: [] });
  });

  it('is nothing in a race of the catalogue', async () => {
    expect(await check(priOverflow.build({}, 'fixed'))).toMatchObject({ verdict: 'holds', costly: [] });
  });

  it('is a channel in which messages of different types wait in any order', async () => {
    const source = createMachine({
      on: Object.fromEntries(
        LETTERS.map(({ type }) => [type, { actions: sendTo(({ system }) => system.get('sink'), { type }) }]),
      ),
    });
    const system = defineSystem({
      actors: { source: actor(source, { choices: LETTERS }), sink: actor(sink) },
      channels: { line: { to: ['sink'], order: 'fifo', capacity: LETTERS_MAX } },
    });
    expect((await check(system)).costly).toEqual([
      {
        name: 'line',
        kind: 'channel',
        values: HISTORIES,
        fields: [
          { field: 'length', values: LETTERS_MAX + 1 },
          { field: 'messages', values: 2 },
        ],
        advice:
          "split it by receiver or type of message, or lower its capacity of 13, or make it `order: 'unordered'` if the order makes no difference",
      },
    ]);
  });

  it('is one part of a channel, told by its receiver and type', async () => {
    const ITEMS = 14;
    const source = setup({
      types: { context: {} as { n: number }, events: {} as { type: 'SEND' | 'SKIP' } },
      guards: { isLeft: ({ context }) => context.n < ITEMS },
      actions: {
        sendFirst: sendTo(
          ({ system }) => system.get('sink0'),
          ({ context }) => ({ type: 'ITEM', n: context.n }),
        ),
        sendSecond: sendTo(
          ({ system }) => system.get('sink1'),
          ({ context }) => ({ type: 'ITEM', n: context.n }),
        ),
        next: assign({ n: ({ context }) => context.n + 1 }),
      },
    }).createMachine({
      context: { n: 0 },
      on: {
        SEND: { guard: 'isLeft', actions: ['sendFirst', 'sendSecond', 'next'] },
        SKIP: { guard: 'isLeft', actions: 'next' },
      },
    });
    // It never comes to take anything.
    const busy = createMachine({ initial: 'busy', states: { busy: {}, idle: { on: { ITEM: {} } } } });
    const system = defineSystem({
      actors: {
        source: actor(source, { choices: [{ type: 'SEND' }, { type: 'SKIP' }] }),
        sink0: actor(busy),
        sink1: actor(busy),
      },
      channels: { net: { to: ['sink0', 'sink1'], order: 'unordered', capacity: Infinity } },
      blocking: ['ITEM'],
      deadlock: 'ignore',
    });
    // Both parts have as many values; one of them tells what to do.
    expect((await check(system)).costly).toMatchObject([
      {
        name: 'net',
        values: 2 ** ITEMS,
        fields: [{ field: 'length' }, { field: 'messages' }],
        advice: 'of ITEM to sink0: give it a capacity',
      },
    ]);
  });
});

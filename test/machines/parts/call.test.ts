/** Messages by name are what `sendTo` of an actor that is looked up would be, and their types are checked. */
import { describe, expect, test } from 'vitest';
import { assign, enqueueActions, setup } from 'xstate';
import { call, from, reply, send, sendEach, tell } from '../../../machines/parts/call.ts';
import { actor, defineSystem } from '../../../src/system/system.ts';
import { replaySchedule } from '../../../src/trace/replay.ts';

type Asked = { type: 'ASK'; by: string; what?: string };
interface Wiring {
  name: string;
  shelf: string | null;
  shelves: Readonly<Record<string, string>>;
}

const reader = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & { got: string },
    events: {} as { type: 'RUN'; where: string } | { type: 'BOOK'; title: string },
  },
  actions: {
    knock: send('shelf', 'KNOCK'),
    ask: call('shelf', 'ASK'),
    askFor: call('shelf', { type: 'ASK', what: 'atlas' }),
    askAt: call(
      from('RUN', ({ context, event }) => context.shelves[event.where]!),
      (_, { what }: { what: string }) => ({ type: 'ASK', what }),
    ),
    knockAtEach: sendEach(({ context }) => ['floor', context.shelf!], 'KNOCK'),
    tellAll: enqueueActions(({ context, enqueue }) => {
      for (const shelf of Object.values(context.shelves)) tell(enqueue, shelf, { type: 'KNOCK' });
    }),
    keep: assign(from('BOOK', ({ event }) => ({ got: event.title }))),
  },
}).createMachine({
  context: ({ input }) => ({ ...input, got: '' }),
  on: {
    RUN: {
      actions: ['knock', 'ask', 'askFor', { type: 'askAt', params: { what: 'novel' } }, 'tellAll', 'knockAtEach'],
    },
    BOOK: { actions: 'keep' },
  },
});

const shelf = setup({
  types: { context: {} as { knocks: number }, events: {} as Asked | { type: 'KNOCK' } },
  actions: {
    give: reply(from('ASK', ({ event }) => ({ type: 'BOOK', title: event.what ?? 'any' }))),
  },
}).createMachine({ context: { knocks: 0 }, on: { KNOCK: {}, ASK: { actions: 'give' } } });

const system = defineSystem({
  actors: {
    reader: actor(reader, {
      input: { name: 'reader', shelf: 'shelf', shelves: { left: 'shelf' } },
      choices: [{ type: 'RUN', where: 'left' }],
    }),
    shelf: actor(shelf),
    floor: actor(shelf),
  },
});

describe('messages by name', () => {
  test('go to the actor that the context, the event or a function names, and answers come back', () => {
    // The tables and live actors are compared message by message.
    const [step] = replaySchedule(system, '0').trace.steps;
    expect(step!.messages.slice(1).map(({ from: sender, to, event }) => ({ sender, to, ...event }))).toEqual([
      { sender: 'reader', to: 'shelf', type: 'KNOCK' },
      { sender: 'reader', to: 'shelf', type: 'ASK', by: 'reader' },
      { sender: 'reader', to: 'shelf', type: 'ASK', by: 'reader', what: 'atlas' },
      { sender: 'reader', to: 'shelf', type: 'ASK', by: 'reader', what: 'novel' },
      { sender: 'reader', to: 'shelf', type: 'KNOCK' },
      { sender: 'reader', to: 'floor', type: 'KNOCK' },
      { sender: 'reader', to: 'shelf', type: 'KNOCK' },
      // While it acts, the reader takes nothing.
      { sender: 'shelf', to: 'reader', type: 'BOOK', title: 'any' },
      { sender: 'shelf', to: 'reader', type: 'BOOK', title: 'atlas' },
      { sender: 'shelf', to: 'reader', type: 'BOOK', title: 'novel' },
    ]);
  });

  test('are made of the event that they say', () => {
    type Events = { type: 'BOOK'; title: string } | { type: 'RUN' };
    const titleOf: (args: { event: Events }) => string = from('BOOK', ({ event }) => event.title);
    expect(titleOf({ event: { type: 'BOOK', title: 'atlas' } })).toBe('atlas');
    expect(() => titleOf({ event: { type: 'RUN' } })).toThrow('RUN');
  });

  test('cannot be misspelt', () => {
    const types = { context: {} as { name: string; count: number }, events: {} as { type: 'RUN'; page: string } };
    setup({ types, actions: { fine: call('name', 'ASK') } });
    // @ts-expect-error not a key
    setup({ types, actions: { wrong: call('nam', 'ASK') } });
    // @ts-expect-error not the key of a name
    setup({ types, actions: { wrong: call('count', 'ASK') } });
    // @ts-expect-error no event of the machine
    setup({ types, actions: { wrong: assign(from('RAN', () => ({ count: 1 }))) } });
    // @ts-expect-error no member of the event
    setup({ types, actions: { wrong: assign(from('RUN', ({ event }) => ({ name: event.pages }))) } });
  });
});

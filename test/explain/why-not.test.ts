/** Every reason for which a step may not be enabled, by name. */
import { describe, expect, test } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { UnknownStep, whyNot } from '../../src/explain/why-not.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { findStep, type Path, type PathStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { eventLabel } from '../../src/trace/trace.ts';

const feeder = setup({
  types: { context: {} as { room: number } },
  guards: { hasRoom: ({ context }) => context.room > 0, isLucky: () => false },
  actions: {
    take: assign({ room: ({ context }) => context.room - 1 }),
    post: sendTo(
      ({ system }) => system.get('sink'),
      ({ context }) => ({ type: 'ITEM', room: context.room }),
    ),
    lock: sendTo(({ system }) => system.get('lock'), { type: 'ACQUIRE' }),
  },
}).createMachine({
  context: { room: 1 },
  initial: 'idle',
  states: {
    idle: {
      on: {
        FETCH: { guard: 'hasRoom', actions: ['take', 'post'] },
        POST: { actions: 'post' },
        LOCK: { actions: 'lock' },
        SLEEP: 'sleeping',
        PLAY: [{ guard: { type: 'isLucky' }, target: 'sleeping' }],
        IGNORED: {},
        END: 'ended',
      },
    },
    sleeping: { after: { 10: 'idle' }, on: { WAKE: 'idle' } },
    ended: { type: 'final' },
  },
});
const lock = setup({
  types: { context: {} as { holder: string | null } },
  actions: { hold: assign({ holder: 'feeder' }) },
}).createMachine({
  context: { holder: null },
  initial: 'free',
  states: { free: { on: { ACQUIRE: { target: 'held', actions: 'hold' } } }, held: { on: { RELEASE: 'free' } } },
});
const stray = setup({
  actions: { stray: sendTo(({ system }) => system.get('lock'), { type: 'STRAY' }) },
}).createMachine({ on: { STRAY: { actions: 'stray' } } });
const sink = setup({}).createMachine({
  initial: 'open',
  states: { open: { on: { ITEM: {}, CLOSE: 'closed' } }, closed: {} },
});

const choices = ['FETCH', 'POST', 'LOCK', 'SLEEP', 'WAKE', 'PLAY', 'IGNORED', 'END'].map((type) => ({ type }));
const system = defineSystem({
  actors: {
    feeder: actor(feeder, { choices: choices as never }),
    lock: actor(lock),
    sink: actor(sink, { choices: [{ type: 'CLOSE' }] }),
    // The last one, for a step that fails ends the enumeration of those of its state.
    stray: actor(stray, { choices: [{ type: 'STRAY' }] }),
  },
  channels: { queue: { to: ['sink'], types: ['ITEM'], order: 'fifo', capacity: 2 } },
  blocking: ['ACQUIRE', 'ITEM'],
});

/** Takes choices by their labels, and deliveries by the type of their message. */
function walked(...labels: string[]): { tables: Tables; path: Path } {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  walker.start();
  const initial = walker.current.slice();
  const steps: PathStep[] = [];
  for (const label of labels) {
    const from = steps.at(-1)?.state ?? initial;
    const step = findStep(walker, from, ({ message }) => {
      const { event } = tables.messages[message]!;
      return eventLabel(event) === label;
    });
    steps.push(step!);
  }
  return { tables, path: { initial, steps, failed: false } };
}

function reasons(question: string, ...labels: string[]): { step: string; kind: string | null; text: string | null }[] {
  const { tables, path } = walked(...labels);
  return whyNot(tables, path, question).answers.map(({ step, hindrance }) => ({
    step,
    kind: hindrance?.kind ?? null,
    text: hindrance?.text ?? null,
  }));
}

describe('a choice', () => {
  test('that is enabled', () => {
    expect(reasons('feeder FETCH')).toEqual([{ step: 'feeder.FETCH', kind: null, text: null }]);
  });

  test('whose guard is false, with what it reads', () => {
    expect(reasons('feeder FETCH', 'FETCH')).toEqual([
      { step: 'feeder.FETCH', kind: 'guard', text: 'guard `hasRoom` of `idle FETCH` is false (context.room = 0)' },
    ]);
  });

  test('whose guard reads nothing', () => {
    expect(reasons('feeder PLAY')[0]).toMatchObject({
      kind: 'guard',
      text: 'guard `isLucky` of `idle PLAY` is false',
    });
  });

  test('that the state has no transition for, and where there is one', () => {
    expect(reasons('feeder WAKE')[0]).toMatchObject({
      kind: 'no-transition',
      text: 'state `idle` has no transition for WAKE, only `sleeping`',
    });
  });

  test('that the state ignores', () => {
    expect(reasons('feeder IGNORED')[0]).toMatchObject({ kind: 'ignored', text: 'state `idle` ignores IGNORED' });
  });

  test('of an actor that has ended', () => {
    expect(reasons('feeder FETCH', 'END')[0]).toMatchObject({
      kind: 'final',
      text: 'it has ended, in state `ended`',
    });
  });

  test('that another actor refuses, and who holds it', () => {
    expect(reasons('feeder LOCK', 'LOCK')[0]).toMatchObject({
      kind: 'refused',
      text: 'lock refuses ACQUIRE: state `held` has no transition for ACQUIRE, only `free` (context.holder = feeder)',
    });
  });

  test('for which a channel has no room', () => {
    expect(reasons('feeder POST', 'POST', 'POST')[0]).toMatchObject({
      kind: 'full',
      text: 'ITEM(room=1) has to wait: channel queue is full (2 of 2)',
    });
  });

  test('that ends in a model error', () => {
    const [answer] = reasons('stray STRAY');
    expect(answer!.kind).toBe('error');
    expect(answer!.text).toContain('it breaks off with a model error: actor "lock"');
  });
});

describe('a timer', () => {
  test('that is not armed', () => {
    expect(reasons('feeder after 10 in sleeping')[0]).toMatchObject({ kind: 'no-timer' });
    expect(reasons('feeder timer after 10 in sleeping')[0]).toMatchObject({ kind: 'no-timer' });
  });

  test('that is', () => {
    expect(reasons('feeder xstate.after.10.(machine).sleeping', 'SLEEP')).toEqual([
      { step: 'feeder.timer after 10 in sleeping', kind: null, text: null },
    ]);
  });

  test('that sends to another actor, which its own has no transition for', () => {
    const later = (id: string, delay: number) =>
      sendTo(({ system }) => system.get('bell'), { type: 'RING' }, { delay, id });
    const clock = setup({}).createMachine({ entry: [later('soon', 10), later('late', 20)] });
    const bell = setup({}).createMachine({ on: { RING: { actions: [] } } });
    const tables = new Tables(defineSystem({ actors: { clock: actor(clock), bell: actor(bell) } }));
    const walker = new Walker(tables);
    walker.start();
    const path = { initial: walker.current.slice(), steps: [], failed: false };
    expect(whyNot(tables, path, 'clock soon', 0).answers).toEqual([{ step: 'clock.timer soon', hindrance: null }]);
    expect(whyNot(tables, path, 'clock late', 0).answers[0]!.hindrance).toMatchObject({ kind: 'earlier-timer' });
  });
});

describe('a message', () => {
  test('that no channel holds', () => {
    expect(reasons('sink ITEM')).toEqual([
      { step: 'queue: ITEM -> sink', kind: 'no-message', text: 'no ITEM is in channel queue: it is empty' },
    ]);
    expect(reasons('queue ITEM(room=5)', 'POST')[0]).toMatchObject({
      kind: 'no-message',
      text: 'no ITEM(room=5) is in channel queue: it holds ITEM(room=1)',
    });
  });

  test('that is behind another one', () => {
    expect(reasons('queue ITEM(room=0)', 'POST', 'FETCH')).toEqual([
      {
        step: 'queue: ITEM(room=0) -> sink',
        kind: 'behind',
        text: 'in the FIFO channel queue it is behind ITEM(room=1) for sink',
      },
    ]);
  });

  test('that its receiver refuses', () => {
    expect(reasons('queue: ITEM -> sink', 'POST', 'CLOSE')[0]).toMatchObject({
      kind: 'refused',
      text: 'sink refuses ITEM(room=1): state `closed` has no transition for ITEM, only `open`',
    });
  });

  test('that can be delivered', () => {
    expect(reasons('sink ITEM', 'POST')).toEqual([{ step: 'queue: ITEM(room=1) -> sink', kind: null, text: null }]);
  });

  test('that others only send within their steps', () => {
    expect(reasons('lock ACQUIRE', 'LOCK')[0]).toMatchObject({
      kind: 'not-started',
      text: expect.stringContaining('nothing starts with ACQUIRE: others send it to lock within their steps'),
    });
  });
});

describe('the state that is asked about', () => {
  test('is the last one, or the one after some steps', () => {
    const { tables, path } = walked('FETCH', 'SLEEP');
    expect(whyNot(tables, path, 'feeder FETCH').at).toBe(2);
    const kinds = [0, 1, 2].map((at) => whyNot(tables, path, 'feeder FETCH', at).answers[0]!.hindrance?.kind ?? null);
    expect(kinds).toEqual([null, 'guard', 'no-transition']);
  });

  test('must be on the trace', () => {
    const { tables, path } = walked('FETCH');
    expect(() => whyNot(tables, path, 'feeder FETCH', 2)).toThrow('the trace has no state after step 2');
  });
});

describe('a question about what does not exist names what is close', () => {
  test.each([
    ['feedr FETCH', 'there is no actor or channel "feedr"', 'did you mean "feeder"?'],
    ['feeder FETHC', 'actor "feeder" knows no event "FETHC"', 'did you mean "FETCH"?'],
    ['queue ITEN', 'channel "queue" carries no "ITEN"', 'did you mean "ITEM"?'],
    ['queue ITEM -> snik', 'channel "queue" does not lead to "snik"', 'did you mean "sink"?'],
    ['feeder', '"feeder" names no event', 'worker0 RUN'],
    ['feeder FETCH(page=1)', '"FETCH(page=1)" is no choice of actor "feeder"', 'there are: FETCH'],
  ])('%s', (question, message, hint) => {
    const { tables, path } = walked();
    try {
      whyNot(tables, path, question);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UnknownStep);
      expect((error as UnknownStep).message).toBe(message);
      expect((error as UnknownStep).hint).toContain(hint);
    }
  });
});

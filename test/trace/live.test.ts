import { afterEach, describe, expect, it, vi } from 'vitest';
import { assign, createMachine, type EventObject, emit, log, raise, sendTo, setup } from 'xstate';
import { ModelError } from '../../src/system/errors.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { LiveSystem } from '../../src/trace/live.ts';
import { eventLabel, type TraceMessage } from '../../src/trace/trace.ts';
import { office } from './office.ts';

const GO = { type: 'GO' };
const SEND: EventObject & { page: string } = { type: 'SEND', page: 'p0' };
const go = { kind: 'choice', actor: 'a', event: GO } as const;
const tell = (to: string, type: string) =>
  sendTo(
    ({ system }) => system.get(to),
    () => ({ type }),
  ) as never;

const texts = (messages: readonly TraceMessage[]) =>
  messages.map(({ fate, from, to, event, channel }) =>
    [fate, `${from ?? ''}->${to}`, eventLabel(event), ...(channel ? [channel] : [])].join(' '),
  );

/** Knows a message, in a state that nothing leads to. */
const deafTo = (type: string) =>
  createMachine({ initial: 'here', states: { here: {}, nowhere: { on: { [type]: {} } } } });

describe('a live system', () => {
  afterEach(() => vi.restoreAllMocks());

  it('delivers depth first, and to a busy actor from its mailbox', () => {
    const a = createMachine({ on: { GO: { actions: [tell('b', 'ONE'), tell('c', 'TWO')] }, REPLY: { actions: [] } } });
    const b = createMachine({ on: { ONE: { actions: [tell('a', 'REPLY'), tell('c', 'THREE')] } } });
    const c = createMachine({ on: { TWO: { actions: tell('a', 'REPLY') }, THREE: { actions: [] } } });
    const live = new LiveSystem(defineSystem({ actors: { a: actor(a), b: actor(b), c: actor(c) } }));
    const { messages, outcome } = live.step(go);
    expect(outcome).toBe('done');
    expect(texts(messages)).toEqual([
      'taken ->a GO',
      'taken a->b ONE',
      'taken b->c THREE',
      'taken a->c TWO',
      'taken b->a REPLY',
      'taken c->a REPLY',
    ]);
  });

  it('queues, drops, loses, keeps and delivers what a channel declares', () => {
    const live = new LiveSystem(office());
    const send = { kind: 'choice', actor: 'clerk', event: SEND } as const;
    const job = { type: 'JOB', page: 'p0', tags: { urgent: false } };
    const length = () => live.state().channels.spool!.length;
    expect(texts(live.step(send).messages)[2]).toBe('queued clerk->printer JOB(page=p0, tags={urgent: false}) spool');
    live.step(send);
    expect(texts(live.step(send).messages)[2]).toMatch(/^dropped clerk->printer .* spool$/);
    expect(length()).toBe(2);
    const at = { actor: 'printer', event: job, channel: 'spool' };
    expect(texts(live.step({ kind: 'duplicate', ...at }).messages)).toEqual([
      expect.stringMatching(/^taken ->printer .* spool$/),
    ]);
    expect(length()).toBe(2);
    expect(texts(live.step({ kind: 'lose', ...at }).messages)).toEqual([
      expect.stringMatching(/^lost ->printer .* spool$/),
    ]);
    live.step({ kind: 'deliver', ...at });
    expect(length()).toBe(0);
    expect(live.state().actors.printer!.context).toEqual({ pages: ['p0', 'p0'] });
    expect(live.state().monitors['no page is printed twice']!.value).toBe('twice');
  });

  it('keeps timers until they are fired, and forgets those of an actor that is done', () => {
    const live = new LiveSystem(office());
    live.step({ kind: 'choice', actor: 'clerk', event: SEND });
    const [timer] = live.state().actors.clerk!.timers!;
    expect(timer).toBe('xstate.after.1000.clerk.working.waiting');
    live.step({ kind: 'timer', actor: 'clerk', event: { type: timer! }, timer: timer! });
    expect(live.state().actors.clerk).toMatchObject({ value: { working: 'writing' } });
    expect(live.state().actors.clerk!.timers).toBeUndefined();
    live.step({ kind: 'choice', actor: 'clerk', event: SEND });
    live.step({ kind: 'choice', actor: 'clerk', event: { type: 'STOP' } });
    expect(live.state().actors.clerk).toMatchObject({ value: 'gone' });
    expect(live.state().actors.clerk!.timers).toBeUndefined();
  });

  it('has no timer any more that was fired, although its actor stays where it is', () => {
    const a = createMachine({
      initial: 'here',
      states: { here: { on: { GO: { actions: raise({ type: 'RING' }, { id: 'bell', delay: 5 }) }, RING: {} } } },
    });
    const live = new LiveSystem(defineSystem({ actors: { a: actor(a, { choices: [GO] }) } }));
    live.step(go);
    expect(live.state().actors.a!.timers).toEqual(['bell']);
    live.step({ kind: 'timer', actor: 'a', event: { type: 'RING' }, timer: 'bell' });
    expect(live.state().actors.a!.timers).toBeUndefined();
  });

  it('starts actors in the order of their declaration, whoever is done from the beginning', () => {
    const first = createMachine({ initial: 'over', states: { over: { type: 'final', entry: tell('last', 'FIRST') } } });
    const second = createMachine({ entry: tell('last', 'SECOND') });
    const last = setup({ types: { context: {} as { heard: string[] } } }).createMachine({
      context: { heard: [] },
      on: { '*': { actions: assign({ heard: ({ context, event }) => [...context.heard, event.type] }) } },
    });
    const live = new LiveSystem(
      defineSystem({ actors: { first: actor(first), second: actor(second), last: actor(last) } }),
    );
    expect(live.state().actors.last!.context).toEqual({ heard: ['FIRST', 'SECOND'] });
  });

  describe('reports', () => {
    const stepOf = (system: System) => {
      const live = new LiveSystem(system);
      const result = live.step(go);
      expect(() => live.step(go)).toThrow('cannot go on');
      return { texts: texts(result.messages), outcome: result.outcome, code: (result.outcome as ModelError).code };
    };
    const asking = createMachine({ on: { GO: { actions: [tell('b', 'ASK'), tell('b', 'MORE')] } } });

    it('a message without a transition, and nothing after it', () => {
      const system = defineSystem({ actors: { a: actor(asking), b: actor(createMachine({ on: { MORE: {} } })) } });
      expect(stepOf(system)).toMatchObject({ code: 'unhandled-message', texts: ['taken ->a GO', 'refused a->b ASK'] });
    });

    it('a refusal', () => {
      const system = defineSystem({
        actors: { a: actor(asking), b: actor(deafTo('ASK')) },
        blocking: ['ASK'] as never[],
      });
      expect(stepOf(system)).toMatchObject({ outcome: 'blocked', texts: ['taken ->a GO', 'refused a->b ASK'] });
    });

    it('a full channel', () => {
      const system = defineSystem({
        actors: { a: actor(asking), b: actor(createMachine({})) },
        channels: { link: { to: ['b'], order: 'fifo', capacity: 1 } },
      });
      expect(stepOf(system)).toMatchObject({
        outcome: 'blocked',
        texts: ['taken ->a GO', 'queued a->b ASK link', 'blocked a->b MORE link'],
      });
    });

    it('what an actor still has in its mailbox when it is done', () => {
      const a = createMachine({
        initial: 'busy',
        states: { busy: { on: { GO: { target: 'over', actions: tell('b', 'ASK') } } }, over: { type: 'final' } },
      });
      const b = createMachine({ on: { ASK: { actions: tell('a', 'ANSWER') } } });
      const system = defineSystem({ actors: { a: actor(a), b: actor(b) } });
      expect(stepOf(system)).toMatchObject({
        code: 'unhandled-message',
        texts: ['taken ->a GO', 'taken a->b ASK', 'refused b->a ANSWER'],
      });
    });

    it('a message to an actor that is done', () => {
      const over = createMachine({ initial: 'over', states: { over: { type: 'final' } } });
      const system = defineSystem({ actors: { b: actor(over), a: actor(asking) } });
      expect(stepOf(system)).toMatchObject({ code: 'unhandled-message', texts: ['taken ->a GO', 'refused a->b ASK'] });
    });

    it('an exception', () => {
      const b = createMachine({
        context: {},
        on: {
          ASK: {
            actions: assign(() => {
              throw new Error('no page');
            }),
          },
        },
      });
      const system = defineSystem({ actors: { a: actor(asking), b: actor(b) } });
      const { texts, outcome } = stepOf(system);
      expect(texts).toEqual(['taken ->a GO', 'refused a->b ASK']);
      expect(outcome).toMatchObject({ code: 'exception', message: expect.stringContaining('no page') });
    });

    it('endless loops, within a machine and between two', () => {
      const spinning = createMachine({
        initial: 'idle',
        states: { idle: { on: { GO: 'x' } }, x: { always: 'y' }, y: { always: 'x' } },
      });
      expect(stepOf(defineSystem({ actors: { a: actor(spinning) } }))).toMatchObject({ code: 'endless-loop' });
      const ball = (other: string) => createMachine({ on: { '*': { actions: tell(other, 'BALL') } } });
      const players = stepOf(defineSystem({ actors: { a: actor(ball('b')), b: actor(ball('a')) } }));
      expect(players).toMatchObject({ code: 'endless-loop' });
      expect(players.texts).toHaveLength(10_000);
    });

    it('the first thing that goes wrong, when the actions after it do wrong as well', () => {
      const fails = () => {
        throw new Error('no');
      };
      const b = actor(createMachine({ on: { GO: {}, BOOM: { actions: assign(fails) } } }));
      const bad = (...actions: unknown[]) =>
        stepOf(defineSystem({ actors: { a: actor(createMachine({ on: { GO: { actions: actions as never } } })), b } }));
      expect(bad(tell('b', 'ASK'), tell('b', 'BOOM'))).toMatchObject({ code: 'unhandled-message' });
      expect(bad(tell('b', 'BOOM'), tell('b', 'ASK'))).toMatchObject({ code: 'exception' });
    });

    it('an actor that does not exist', () => {
      const lost = createMachine({ on: { GO: { actions: tell('x', 'Y') } } });
      expect(stepOf(defineSystem({ actors: { a: actor(lost) } }))).toMatchObject({ code: 'unknown-actor' });
    });
  });

  it('sends later what is sent with a delay, as a step of its own', () => {
    const a = createMachine({
      on: { GO: { actions: sendTo(({ system }) => system.get('b'), { type: 'M' }, { delay: 5, id: 'late' }) } },
    });
    const b = createMachine({ id: 'b', initial: 'waiting', states: { waiting: { on: { M: 'done' } }, done: {} } });
    const live = new LiveSystem(defineSystem({ actors: { a: actor(a), b: actor(b) } }));
    live.step({ kind: 'choice', actor: 'a', event: GO });
    expect(live.state().actors).toMatchObject({ a: { timers: ['late'] }, b: { value: 'waiting' } });
    const { messages, outcome } = live.step({ kind: 'timer', actor: 'a', event: { type: 'M' }, timer: 'late' });
    expect(outcome).toBe('done');
    expect(messages).toEqual([
      { fate: 'taken', to: 'a', event: { type: 'M' } },
      { fate: 'taken', from: 'a', to: 'b', event: { type: 'M' } },
    ]);
    expect(live.state().actors).toMatchObject({ b: { value: 'done' } });
    expect(live.state().actors.a!.timers).toBeUndefined();
  });

  it('is refused when a message that an actor sends at its start is not taken', () => {
    const a = createMachine({ entry: tell('b', 'HELLO') });
    const start = (blocking: string[]) => () =>
      new LiveSystem(
        defineSystem({ actors: { a: actor(a), b: actor(deafTo('HELLO')) }, blocking: blocking as never[] }),
      );
    expect(start([])).toThrow(ModelError);
    expect(start(['HELLO'])).toThrow(/at its start/);
  });

  it("calls none of the user's own actions, and writes no logs", () => {
    const write = vi.spyOn(console, 'log').mockImplementation(() => {});
    const calls: string[] = [];
    const machine = createMachine({
      entry: [() => calls.push('entry'), log('hello')],
      on: {
        GO: { actions: [() => calls.push('go'), log('gone'), emit({ type: 'x' } as never), raise({ type: 'NEXT' })] },
        NEXT: {},
      },
    });
    const system = defineSystem({
      actors: { a: actor(machine) },
      properties: ({ monitor }) => [monitor('m', machine)],
    });
    expect(new LiveSystem(system).step(go).outcome).toBe('done');
    expect(calls).toEqual([]);
    expect(write).not.toHaveBeenCalled();
  });
});

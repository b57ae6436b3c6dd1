import { describe, expect, it } from 'vitest';
import { createMachine, sendTo, setup } from 'xstate';
import { actor, defineSystem } from '../../src/system/system.ts';
import { ReplayError, replaySchedule } from '../../src/trace/replay.ts';
import { eventLabel, labelOf, scheduleOf, statesOf } from '../../src/trace/trace.ts';
import { actorText, changeTexts, cut, stateText, timerText, valueText } from '../../src/trace/words.ts';
import fc from '../fast-check.ts';
import { seedOr } from '../seed.ts';
import { office } from './office.ts';

describe('a trace', () => {
  it('has the states between its steps, by what they change', () => {
    const schedules = fc.array(fc.nat(6), { maxLength: 12 });
    let compared = 0;
    fc.assert(
      fc.property(schedules, (indices) => {
        for (let end = 0; end <= indices.length; end++) {
          try {
            const { trace } = replaySchedule(office(), indices.slice(0, end).join('/'));
            const states = statesOf(trace);
            expect(states).toHaveLength(trace.steps.length + 1);
            expect(states.at(-1)).toEqual(trace.final);
            compared++;
          } catch (error) {
            if (error instanceof ReplayError) return;
            throw error;
          }
        }
      }),
      { numRuns: 100, seed: seedOr(3) },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it('ends where it was before a step that failed', () => {
    const { trace } = replaySchedule(office({ breaks: true }), '0/3');
    expect(trace.failed).toBe(true);
    const states = statesOf(trace);
    expect(states[2]).toEqual(states[1]);
    expect(states[2]).toEqual(trace.final);
  });

  it('keeps in its channel a message whose delivery failed', () => {
    const sender = setup({ actions: { ask: sendTo(({ system }) => system.get('b'), { type: 'ASK' }) } });
    const system = defineSystem({
      actors: {
        a: actor(sender.createMachine({ on: { GO: { actions: 'ask' } } }), { choices: [{ type: 'GO' }] }),
        b: actor(createMachine({})),
      },
      channels: { link: { to: ['b'], order: 'fifo', capacity: 1 } },
    });
    const { trace } = replaySchedule(system, '0/0');
    expect([trace.failed, trace.steps[1]!.kind]).toEqual([true, 'deliver']);
    expect(statesOf(trace)[2]!.channels.link).toEqual([{ to: 'b', event: { type: 'ASK' } }]);
    expect(statesOf(trace)[2]).toEqual(trace.final);
  });

  it('has its schedule and its labels', () => {
    const { trace } = replaySchedule(office(), '0/6/3');
    expect(scheduleOf(trace)).toBe('0/6/3');
    expect(trace.steps.map(labelOf)).toEqual([
      'clerk.SEND(page=p0)',
      'spool: JOB(page=p0, tags={urgent: false}) for printer is lost',
      'clerk.timer after 1000 in working.waiting',
    ]);
  });
});

describe('in words', () => {
  it.each([
    ['text', 'text'],
    ['', "''"],
    [1n, '1n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [[1, ['a'], {}], '[1, [a], {}]'],
    [{ page: 'p0', bits: [true] }, '{page: p0, bits: [true]}'],
  ])('a value (%#) is its text', (value, text) => expect(valueText(value)).toBe(text));

  it.each([
    ['idle', 'idle'],
    [{}, '-'],
    [{ open: 'reading' }, 'open.reading'],
    [{ open: { reading: 'first' } }, 'open.reading.first'],
    [{ l: 'a', r: { x: 'y' } }, '{l.a, r.x.y}'],
    [{ on: { l: 'a', r: 'b' } }, 'on{l.a, r.b}'],
    [{ l: {}, r: {} }, '{l, r}'],
  ])('a state %j is %s', (value, text) => expect(stateText(value)).toBe(text));

  const state = (value: unknown, context: unknown = {}, timers?: string[]) => ({
    value,
    context,
    ...(timers && { timers }),
  });

  it.each([
    [state('a'), state('b'), ['a -> b']],
    [state({ l: 'a', r: 'x' }), state({ l: 'b', r: 'x' }), ['l.a -> l.b']],
    [state({ on: { l: 'a', r: 'x' } }), state('off'), ['on{l.a, r.x} -> off']],
    [state('a', { n: 1, s: 'x' }), state('a', { n: 2, s: 'x' }), ['n 1 -> 2']],
    [state('a', { p: { x: { y: 1 } } }), state('a', { p: { x: { y: 2 } } }), ['p.x.y 1 -> 2']],
    [state('a', { p: {} }), state('a', { p: { x: { y: 1 } } }), ['p.x added: {y: 1}']],
    [state('a', { p: { x: 1 } }), state('a', { p: {} }), ['p.x removed']],
    [state('a', { q: [1] }), state('a', { q: [1, 2, 3] }), ['q + 2, 3']],
    [state('a', { q: [] }), state('a', { q: [1] }), ['q + 1']],
    [state('a', { q: [1, 2, 3] }), state('a', { q: [2, 3] }), ['q - 1']],
    [state('a', { q: [1] }), state('a', { q: [] }), ['q [1] -> []']],
    [state('a', { q: [1, 2] }), state('a', { q: [2, 1] }), ['q [1, 2] -> [2, 1]']],
    [state('a', 1), state('a', 2), ['context 1 -> 2']],
    [state('a', {}, ['x']), state('a', {}, ['y']), ['timer x gone', 'timer y armed']],
    [state('a'), state('a'), ['a, with another history']],
  ])('a change %#', (before, after, texts) => expect(changeTexts(before, after)).toEqual(texts));

  it('long values of a change are cut', () => {
    const long = 'x'.repeat(50);
    expect(changeTexts(state('a', { s: long }), state('a', { s: 'y' }), 10)).toEqual([`s ${'x'.repeat(9)}… -> y`]);
    expect(changeTexts(state('a', { q: [long] }), state('a', { q: [] }), 10)).toEqual(['q emptied']);
  });

  it('an actor is its state, what moves, its timers, and the rest', () => {
    const local = state('busy', { name: 'dev0', credits: 1 }, ['dry']);
    expect(actorText(local, new Set(['credits']))).toBe('busy  credits=1  timer dry  name=dev0');
    expect(actorText(state({}, null))).toBe('-');
  });

  it('a timer of an `after` is its delay and its state', () => {
    expect(timerText('xstate.after.1000.dev.open.reading')).toBe('after 1000 in open.reading');
    expect(timerText('xstate.after.timeout.dev')).toBe('after timeout in dev');
    expect(timerText('dry')).toBe('dry');
  });

  it('an event is its type and its payload', () => {
    expect(eventLabel({ type: 'GO' })).toBe('GO');
    expect(eventLabel({ type: 'MAP', page: 'p0', to: { n: 1n }, at: undefined } as never)).toBe(
      'MAP(page=p0, to={n: 1n}, at=undefined)',
    );
  });

  it('what is cut ends in …', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdef', 4)).toBe('abc…');
  });
});

import { describe, expect, it } from 'vitest';
import { assign, createMachine, type EventObject, setup } from 'xstate';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { check } from '../../src/explore/check.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { ReplayError, replaySchedule, replayTrace } from '../../src/trace/replay.ts';
import { labelOf, scheduleOf, type Trace, traceOf } from '../../src/trace/trace.ts';
import { office } from './office.ts';

async function found(system: System): Promise<Trace> {
  const { tables, path } = await check(system);
  return traceOf(tables, path!);
}

const labels = (trace: Trace) => trace.steps.map(labelOf);
const stored = (trace: Trace): Trace => JSON.parse(JSON.stringify(trace));

describe('a schedule', () => {
  it('gives the trace that it was made of, and what it violates', async () => {
    const trace = await found(office());
    const replay = replaySchedule(office(), scheduleOf(trace));
    expect(replay).toEqual({ trace, violated: ['the ink stays wet'], unfair: [], deadEnd: false });
  });

  it('that is empty gives the initial state', () => {
    const { trace, violated } = replaySchedule(office(), '');
    expect(trace.steps).toEqual([]);
    expect(trace.final).toEqual(trace.initial);
    expect(violated).toEqual([]);
  });

  it('shows a violated monitor and a dead end', async () => {
    const twice = replaySchedule(office(), '0/5/5');
    expect(labels(twice.trace)).toEqual([
      'clerk.SEND(page=p0)',
      'spool: JOB(page=p0, tags={urgent: false}) -> printer, and stays',
      'spool: JOB(page=p0, tags={urgent: false}) -> printer',
    ]);
    expect(twice.violated).toEqual(['no page is printed twice']);

    const system = diningPhilosophers.build({ philosophers: 3 }, 'left-right');
    const deadlock = replaySchedule(system, scheduleOf(await found(system)));
    expect(deadlock).toMatchObject({ violated: [DEADLOCK_PROPERTY], deadEnd: true });
  });

  it('shows an obligation that stays unfulfilled', () => {
    const hot = createMachine({
      initial: 'cold',
      states: { cold: { on: { GO: 'waiting' } }, waiting: { tags: 'hot' } },
    });
    const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
    const system = defineSystem({
      actors: { subject: actor(machine, { choices: [{ type: 'GO' }], rest: ['b'] }) },
      properties: ({ monitor }) => [monitor('every request is answered', hot)],
    });
    expect(replaySchedule(system, '0')).toMatchObject({ violated: ['every request is answered'], deadEnd: true });
  });

  it('that ends in a model error shows it, with as much of the step as there is', async () => {
    const trace = await found(office({ breaks: true }));
    expect(trace.failed).toBe(true);
    const replay = replaySchedule(office({ breaks: true }), scheduleOf(trace));
    expect(replay.trace).toEqual(trace);
    expect(replay.error).toMatchObject({ code: 'unhandled-message' });
    expect(replay.trace.steps.at(-1)!.messages).toEqual([
      { fate: 'taken', to: 'clerk', event: { type: 'BREAK' } },
      { fate: 'refused', from: 'clerk', to: 'desk', event: { type: 'NAG' } },
    ]);
  });

  it.each([
    ['a clock', assign({ at: () => Date.now() } as never), 'not-repeatable'],
    ['a Map', assign({ at: () => new Map() } as never), 'not-plain-data'],
  ])('that ends in a model error that XState would not notice: %s', async (_, action, code) => {
    const machine = createMachine({ context: {}, on: { GO: { actions: action as never } } });
    const system = defineSystem({ actors: { subject: actor(machine, { choices: [{ type: 'GO' }] }) } });
    const replay = replaySchedule(system, '0');
    expect(replay).toMatchObject({ error: { code }, trace: { failed: true } });
  });

  it('with a number that is not enabled is refused, with those that are', () => {
    const replay = () => replaySchedule(office(), '0/9/1');
    expect(replay).toThrow(ReplayError);
    expect(replay).toThrow(
      [
        'step 2 of the schedule is 9, but 7 steps are enabled there:',
        '  0  clerk.SEND(page=p0)',
        '  1  clerk.SEND(page=p1)',
        '  2  clerk.STOP',
        '  3  clerk.timer after 1000 in working.waiting',
        '  4  spool: JOB(page=p0, tags={urgent: false}) -> printer',
        '  5  spool: JOB(page=p0, tags={urgent: false}) -> printer, and stays',
        '  6  spool: JOB(page=p0, tags={urgent: false}) for printer is lost',
      ].join('\n'),
    );
  });

  it('that goes on after a model error, or after the end, is refused', async () => {
    const schedule = scheduleOf(await found(office({ breaks: true })));
    expect(() => replaySchedule(office({ breaks: true }), `${schedule}/0`)).toThrow('ends in a model error');
    expect(() => replaySchedule(office({ breaks: true }), '5')).toThrow('clerk.BREAK, which ends in a model error');
    const over = createMachine({});
    const system = defineSystem({ actors: { subject: actor(over) } });
    expect(() => replaySchedule(system, '0')).toThrow('step 1 of the schedule is 0, but no step is enabled there');
  });

  it.each(['0/', '/0', 'a', '0//1', '0.1', '-1'])('that is none is refused: %s', (schedule) => {
    expect(() => replaySchedule(office(), schedule)).toThrow(`"${schedule}" is not a schedule`);
  });

  it('with a difference between tables and live actors is our bug', () => {
    // Nothing that a checker can find out: the machine looks who calls it.
    const isLive = () => new Error().stack!.includes('live.ts');
    const machine = setup({ guards: { isLive }, types: { events: {} as EventObject } }).createMachine({
      initial: 'a',
      states: { a: { on: { GO: [{ guard: 'isLive', target: 'c' }, { target: 'b' }] } }, b: {}, c: {} },
    });
    const system = defineSystem({ actors: { subject: actor(machine, { choices: [{ type: 'GO' }] }) } });
    const replay = () => replaySchedule(system, '0');
    expect(replay).not.toThrow(ReplayError);
    expect(replay).toThrow(/disagree in step 1, subject.GO, about actor "subject"; this is a bug of Faultline/);
  });
});

describe('a monitor', () => {
  it('of which tables and live actors say different things is our bug', () => {
    const isLive = () => {
      // A monitor hears of a message many calls after the one of the live system.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 100;
      const { stack } = new Error();
      Error.stackTraceLimit = stackTraceLimit;
      return stack!.includes('live.ts');
    };
    const picky = setup({ guards: { isLive }, types: { events: {} as EventObject } }).createMachine({
      initial: 'a',
      states: { a: { on: { GO: [{ guard: 'isLive', target: 'c' }, { target: 'b' }] } }, b: {}, c: {} },
    });
    const going = createMachine({ initial: 'here', states: { here: { on: { GO: 'there' } }, there: {} } });
    const system = defineSystem({
      actors: { subject: actor(going, { choices: [{ type: 'GO' }] }) },
      properties: ({ monitor }) => [monitor('what happens', picky)],
    });
    expect(() => replaySchedule(system, '0')).toThrow(/disagree in step 1, subject.GO, about monitor "what happens"/);
  });
});

describe('a stored trace', () => {
  it('is followed by the index of a step where JSON has made two of them the same', () => {
    const note = assign({ keys: ({ event }) => Object.keys(event).length });
    const machine = createMachine({ context: { keys: 0 }, on: { GO: { actions: note as never } } });
    const choices = [{ type: 'GO' }, { type: 'GO', page: undefined }] as EventObject[];
    const system = defineSystem({ actors: { subject: actor(machine, { choices: choices as never }) } });
    for (const schedule of ['0/1/1/0', '1/0/0/1']) {
      const { trace } = replaySchedule(system, schedule);
      expect(scheduleOf(replayTrace(system, stored(trace)).trace)).toBe(schedule);
    }
  });

  it('is followed by its steps, through JSON and back', async () => {
    const trace = await found(office());
    const replay = replayTrace(office(), stored(trace));
    expect(replay).toEqual({ trace, violated: ['the ink stays wet'], unfair: [], deadEnd: false });
  });

  it('survives a change that only renumbers its steps', async () => {
    const trace = await found(office());
    const more = office();
    const clerk = more.actors.clerk!;
    const renumbered = {
      ...more,
      actors: {
        ...more.actors,
        clerk: { ...clerk, choices: [{ type: 'BREAK' }, ...clerk.choices].slice(1).reverse() },
      },
    };
    const replay = replayTrace(renumbered, stored(trace));
    expect(scheduleOf(replay.trace)).not.toBe(scheduleOf(trace));
    expect(labels(replay.trace)).toEqual(labels(trace));
    expect(replay.changedAt).toBeUndefined();
  });

  it('tells the first step that does something else now', async () => {
    const trace = stored(await found(office()));
    const change = trace.steps[1]!.changes[0] as { after: { context: unknown } };
    change.after.context = { pages: ['another one'] };
    expect(replayTrace(office(), trace).changedAt).toBe(1);
  });

  it('tells what the model does not allow any more', async () => {
    const trace = stored(await found(office()));
    const without = office();
    const quiet = { ...without, actors: { ...without.actors, clerk: { ...without.actors.clerk!, choices: [] } } };
    const replay = () => replayTrace(quiet, trace);
    expect(replay).toThrow(ReplayError);
    expect(replay).toThrow('step 1 of the trace, clerk.SEND(page=p0), is not possible: no step is enabled there');
  });

  it('of a model error that is mended ends without it', async () => {
    const trace = stored(await found(office({ breaks: true })));
    expect(replayTrace(office({ breaks: true }), trace).error).toMatchObject({ code: 'unhandled-message' });
    const system = office({ breaks: true });
    const patient = createMachine({ context: { next: 0 }, on: { STAMP: {}, NAG: { actions: [] } } });
    const mended = { ...system, actors: { ...system.actors, desk: actor(patient) } };
    const replay = replayTrace(mended, trace);
    expect(replay.error).toBeUndefined();
    expect(replay.trace.failed).toBe(false);
    expect(replay.changedAt).toBe(trace.steps.length - 1);
  });
});

/** Runs without an end: their schedules, charts and stored forms, and what is verified when they are replayed. */
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { peterson } from '../../machines/textbook/peterson.ts';
import { check } from '../../src/explore/check.ts';
import { eventually, leadsTo, monitor, type Property, type SystemView } from '../../src/system/property.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { renderChart } from '../../src/trace/chart.ts';
import { renderChartSvg } from '../../src/trace/chart-svg.ts';
import { toItf } from '../../src/trace/itf.ts';
import { itfSchema } from '../../src/trace/itf-schema.ts';
import { toMermaid } from '../../src/trace/mermaid.ts';
import { ReplayError, replaySchedule, replayTrace } from '../../src/trace/replay.ts';
import { scheduleOf, traceOf } from '../../src/trace/trace.ts';

/** One never begins when nobody lets it run; two goes round, and has to. */
const ENTERS = 'one begins in the end';
const system: System = {
  ...peterson.build(peterson.parameters.parse({}), 'fixed'),
  properties: [
    eventually(ENTERS, (view) => !view.get('one').matches('idle')),
    leadsTo(
      'after two, one',
      (view) => view.get('two').matches('critical'),
      (view) => !view.get('one').matches('idle'),
    ),
  ],
};
const unfairly: System = { ...system, fairness: { one: 'none' } };
const found = await check(unfairly);
const trace = traceOf(found.tables, found.path!);
const schedule = scheduleOf(trace);

describe('a run without an end', () => {
  it('has a colon where its cycle begins', () => {
    expect(trace.cycleStart).toBe(0);
    expect(schedule).toMatch(/^:\d+(\/\d+)+$/);
    expect(scheduleOf({ ...trace, cycleStart: 2 })).toMatch(/^\d+\/\d+:\d+/);
  });

  it('is replayed from its schedule and from its stored form', () => {
    const stored = JSON.parse(JSON.stringify(trace)) as typeof trace;
    for (const replay of [replaySchedule(unfairly, schedule), replayTrace(unfairly, stored)]) {
      // Two is in its critical section within the cycle: what that triggers is violated, too.
      expect(replay).toMatchObject({ violated: [ENTERS, 'after two, one'], unfair: [], deadEnd: false });
      expect(replay.trace.cycleStart).toBe(0);
    }
  });

  it('violates nothing where it is not fair, and says what it leaves out', () => {
    expect(replaySchedule(system, schedule)).toMatchObject({ violated: [], unfair: ['one.RUN'] });
  });

  it('violates nothing as a run that stops half-way', () => {
    expect(replaySchedule(unfairly, schedule.slice(1))).toMatchObject({ violated: [], unfair: [] });
  });

  it('is refused when its cycle does not close', () => {
    const open = schedule.split('/').slice(0, -1).join('/');
    expect(() => replaySchedule(unfairly, open)).toThrow(ReplayError);
    expect(() => replaySchedule(unfairly, open)).toThrow('are no cycle');
    expect(() => replayTrace(unfairly, { steps: trace.steps, cycleStart: trace.steps.length })).toThrow('are no cycle');
    expect(() => replaySchedule(unfairly, '0/:1')).toThrow('is not a schedule');
  });

  it('has its cycle marked in every chart', () => {
    const text = renderChart(trace, { colours: false });
    expect(text).toContain('for ever:');
    expect(renderChart(trace, { colours: false, final: false })).toMatch(/and again from step 1\n$/);
    expect(toMermaid(trace)).toContain('loop for ever');
    expect(renderChartSvg(trace)).toContain('for ever');
    const { cycleStart: _, ...finite } = trace;
    expect(renderChart(finite, { colours: false })).not.toContain('for ever');
  });

  it('has a loop in ITF, to the state after the first step of the cycle', () => {
    const itf = toItf(trace);
    expect(itfSchema.safeParse(itf).success).toBe(true);
    expect(itf.loop).toBe(1);
    const { '#meta': _, action: __, ...first } = itf.states[0]!;
    const { '#meta': ___, action: ____, ...last } = itf.states.at(-1)!;
    expect(last).toEqual(first);
  });
});

describe('a run that goes round for ever', () => {
  /** Goes round a, b, c; a door beside it can be shut while it is in b. */
  const ring = setup({}).createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'c', IS_OPEN: {} } }, c: { on: { GO: 'a' } } },
  });
  const door = setup({
    actions: { look: sendTo(({ system }) => system.get('ring'), { type: 'IS_OPEN' }) },
  }).createMachine({
    initial: 'open',
    states: { open: { on: { SHUT: { target: 'shut', actions: 'look' } } }, shut: {} },
  });
  const at = (state: 'a' | 'b' | 'c') => (view: SystemView) => view.get('ring').matches(state as never);
  const going = (fairness: 'weak' | 'strong', properties: readonly Property[] = []) =>
    defineSystem({
      actors: { ring: actor(ring, { choices: [{ type: 'GO' }] }), door: actor(door, { choices: [{ type: 'SHUT' }] }) },
      blocking: ['IS_OPEN'],
      deadlock: 'ignore',
      fairness: { ring: 'weak', door: fairness },
      properties: () => properties,
    });

  it('comes to a goal after its trigger where the goal lies before it in the cycle', () => {
    const properties = [
      leadsTo('c leads to b', at('c'), at('b')),
      leadsTo('b leads to b', at('b'), at('b')),
      leadsTo('c leads to nothing', at('c'), () => false),
    ];
    const { violated, unfair } = replaySchedule(going('weak', properties), ':0/0/0');
    expect({ violated, unfair }).toEqual({ violated: ['c leads to nothing'], unfair: [] });
    // After a stem that ends in the trigger.
    expect(replaySchedule(going('weak', properties), '0/0:0/0/0').violated).toEqual(['c leads to nothing']);
  });

  it('comes to no goal that lies before its trigger on the stem', () => {
    const shut = (view: SystemView) => view.get('door').matches('shut' as never);
    const open = leadsTo('shut leads to open', shut, (view) => !shut(view));
    expect(replaySchedule(going('weak', [open]), '0/1:0/0/0').violated).toEqual(['shut leads to open']);
  });

  it('has come to what it comes to once, on its stem or in its cycle, and not to what it never comes to', () => {
    const shut = eventually('shut in the end', (view) => view.get('door').matches('shut' as never));
    const open = eventually('open in the end', (view) => view.get('door').matches('open' as never));
    const properties = [eventually('b in the end', at('b')), open, shut];
    expect(replaySchedule(going('weak', properties), ':0/0/0').violated).toEqual(['shut in the end']);
    expect(replaySchedule(going('weak', properties), '0/1:0/0/0').violated).toEqual([]);
  });

  it('leaves a monitor hot that is so in every state of the cycle, and not one that cools down in each round', () => {
    const asked = (name: string, on: { GO?: 'calm' }) =>
      monitor(
        name,
        setup({}).createMachine({
          initial: 'calm',
          states: { calm: { on: { GO: 'waiting' } }, waiting: { tags: 'hot', on } },
        }),
      );
    const properties = [asked('cools down', { GO: 'calm' }), asked('stays hot', {})];
    expect(replaySchedule(going('weak', properties), '0:0/0/0/0/0/0').violated).toEqual(['stays hot']);
  });

  it('is unfair to what is strongly fair and enabled now and then, and not to what is weakly fair', () => {
    const never = eventually('never', () => false);
    expect(replaySchedule(going('strong', [never]), ':0/0/0')).toMatchObject({ violated: [], unfair: ['door'] });
    expect(replaySchedule(going('weak', [never]), ':0/0/0')).toMatchObject({ violated: ['never'], unfair: [] });
    // Once it is shut, it is not enabled any more.
    expect(replaySchedule(going('strong', [never]), '0/1:0/0/0')).toMatchObject({ violated: ['never'], unfair: [] });
  });
});

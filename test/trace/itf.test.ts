import { describe, expect, it } from 'vitest';
import { assign, createMachine } from 'xstate';
import { actor, defineSystem } from '../../src/system/system.ts';
import { toItf } from '../../src/trace/itf.ts';
import { itfSchema } from '../../src/trace/itf-schema.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { office } from './office.ts';

describe('a trace in ITF', () => {
  const trace = replaySchedule(office(), '0/1/1/4/6/4/3/2').trace;
  const document = toItf(trace, { source: 'office', description: 'printed by Faultline' });

  it('is what the specification describes, also through JSON', () => {
    expect(itfSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(JSON.parse(JSON.stringify(document)));
    for (const { '#meta': meta, ...values } of document.states) {
      expect(Object.keys(values)).toEqual(document.vars);
      expect(meta.index).toBe(document.states.findIndex((other) => other['#meta'] === meta));
    }
  });

  it.each<[what: string, change: (copy: { states: Record<string, unknown>[] }) => void]>([
    ['a number', ({ states }) => Object.assign(states[0]!, { spool: [1] })],
    ['null', ({ states }) => Object.assign(states[0]!, { desk: null })],
    ['a fraction as an integer', ({ states }) => Object.assign(states[0]!, { desk: { '#bigint': '0.5' } })],
    ['a state without its index', ({ states }) => delete states[0]!['#meta']],
    ['no state', (copy) => Object.assign(copy, { states: [] })],
  ])('with %s would not be', (_what, change) => {
    const copy = JSON.parse(JSON.stringify(document));
    change(copy);
    expect(itfSchema.safeParse(copy).success).toBe(false);
  });

  it('has one variable per actor, monitor and channel, and the action', () => {
    expect(document.vars).toEqual(['action', 'clerk', 'desk', 'printer', 'no_page_is_printed_twice', 'spool']);
    expect(document['#meta']).toEqual({
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      source: 'office',
      description: 'printed by Faultline',
      names: { no_page_is_printed_twice: 'no page is printed twice' },
    });
  });

  it('has one state more than there are steps, each with what led to it', () => {
    expect(document.states).toHaveLength(trace.steps.length + 1);
    expect(document.states[0]).toMatchObject({
      action: { label: 'start' },
      clerk: {
        state: { working: 'writing' },
        context: { sent: { '#bigint': '0' }, stamp: { '#unserializable': 'null' } },
      },
      printer: { state: { paper: 'loaded', ink: 'wet' }, context: { pages: [] } },
      spool: [],
    });
    expect(document.states[5]).toMatchObject({
      action: {
        label: 'spool: JOB(page=p1, tags={urgent: false}) -> printer, and stays',
        kind: 'duplicate',
        actor: 'printer',
        channel: 'spool',
        event: { type: 'JOB', page: 'p1', tags: { urgent: false } },
      },
      printer: { context: { pages: ['p0', 'p1'] }, timers: ['dry'] },
      spool: [{ to: 'printer', event: { type: 'JOB', page: 'p1' } }],
    });
  });

  it('tells all kinds of values apart', () => {
    const context = {
      small: -7,
      huge: 2 ** 60,
      big: 10n ** 30n,
      half: 0.5,
      nothing: null,
      missing: undefined,
      list: [1, 'one', true, []],
      table: { 'page 0': 1, '#1': 2 },
      record: { page0: 'free' },
      empty: {},
    };
    const machine = createMachine({ context, on: { GO: { actions: assign({ small: 8 }) } } });
    const system = defineSystem({ actors: { 'dev-0': actor(machine, { choices: [{ type: 'GO' }] }) } });
    const itf = toItf(replaySchedule(system, '0').trace);
    expect(itfSchema.safeParse(itf).error).toBeUndefined();
    const [start] = itf.states;
    expect(start!.dev_0).toEqual({
      state: {},
      context: {
        small: { '#bigint': '-7' },
        huge: { '#bigint': '1152921504606846976' },
        big: { '#bigint': '1000000000000000000000000000000' },
        half: { '#unserializable': '0.5' },
        nothing: { '#unserializable': 'null' },
        missing: { '#unserializable': 'undefined' },
        list: [{ '#bigint': '1' }, 'one', true, []],
        table: {
          '#map': [
            ['page 0', { '#bigint': '1' }],
            ['#1', { '#bigint': '2' }],
          ],
        },
        record: { page0: 'free' },
        empty: {},
      },
    });
  });

  it('gives names that would be the same variable different ones', () => {
    const machine = createMachine({});
    const system = defineSystem({
      actors: { action: actor(machine), 'a-1': actor(machine), a_1: actor(machine), '7': actor(machine) },
      channels: { 'a+1': { to: ['a_1'], order: 'fifo', capacity: 1 } },
    });
    const { vars, '#meta': meta } = toItf(replaySchedule(system, '').trace);
    expect(vars).toEqual(['action', '_7', 'action_2', 'a_1', 'a_1_2', 'a_1_3']);
    expect(meta.names).toEqual({ _7: '7', action_2: 'action', a_1: 'a-1', a_1_2: 'a_1', a_1_3: 'a+1' });
  });
});

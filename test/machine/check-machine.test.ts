/** A machine on its own: what is assumed of it, and what is found without any property. */
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, assign, createMachine, raise } from 'xstate';
import { checkMachine } from '../../src/machine/check-machine.ts';
import { systemOf } from '../../src/machine/system-of.ts';

const form = createMachine({ id: 'form', initial: 'form', states: { form: { on: { SEND: 'thanks' } }, thanks: {} } });
const door = createMachine({
  id: 'door',
  initial: 'shut',
  states: { shut: { on: { PUSH: 'open' } }, open: { on: { PULL: 'shut', LEAVE: 'left' } }, left: { type: 'final' } },
});

describe('the system of a machine', () => {
  test('has one actor, named by the id, with a choice for each event', () => {
    const { system, name } = systemOf(door);
    expect(name).toBe('door');
    expect(Object.keys(system.actors)).toEqual(['door']);
    expect(system.actors.door!.choices).toEqual([{ type: 'PUSH' }, { type: 'PULL' }, { type: 'LEAVE' }]);
    expect(system).toMatchObject({ unhandled: 'ignore', deadlock: 'ignore' });
  });

  test('has a name that schedules can hold, also where the machine has none', () => {
    const nameless = createMachine({ initial: 'a', states: { a: {} } });
    expect(systemOf(nameless).name).toBe('machine');
    expect(systemOf(nameless, { name: 'lamp' }).name).toBe('lamp');
    expect(systemOf(createMachine({ id: 'my app.lamp' })).name).toBe('my-app-lamp');
  });

  test('takes the payloads that it is given, several of a type, in the place of none', () => {
    const events = [
      { type: 'PUSH', by: 1 },
      { type: 'PUSH', by: 2 },
    ];
    const { system } = systemOf(door, { events });
    expect(system.actors.door!.choices).toEqual([...events, { type: 'PULL' }, { type: 'LEAVE' }]);
  });

  test('leaves out what the machine raises for itself, and says so', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: { actions: raise({ type: 'NEXT' }) }, NEXT: 'b' } }, b: { type: 'final' } },
    });
    const { system, assumed } = systemOf(machine);
    expect(system.actors.m!.choices).toEqual([{ type: 'GO' }]);
    expect(assumed.join('\n')).toContain('NEXT');
    expect(systemOf(machine, { events: [{ type: 'NEXT' }] }).system.actors.m!.choices).toHaveLength(2);
  });

  test('tells of wildcards, which name no event', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: { on: { '*': 'b' } }, b: { type: 'final' } } });
    expect(systemOf(machine).assumed.join('\n')).toContain('wildcard');
  });

  test.each([
    [{ events: [{ kind: 'PUSH' }] }, 'events[0]'],
    [{ event: [] }, 'event'],
    [{ constraint: 'count < 5' }, 'constraint'],
  ])('refuses %j', (options, text) => {
    expect(() => systemOf(door, options as never)).toThrow(text);
  });

  test('is of a machine', () => {
    expect(() => systemOf({ states: {} } as unknown as AnyStateMachine)).toThrow('XState v5 machine');
  });
});

describe('a check of a machine', () => {
  test('finds nothing wrong with what is right', async () => {
    const { verdict, findings, states, steps } = await checkMachine(door);
    expect({ verdict, findings, states, steps }).toEqual({ verdict: 'holds', findings: [], states: 3, steps: 3 });
  });

  test('finds a state that leads nowhere, with the shortest way there', async () => {
    const result = await checkMachine(form);
    expect(result).toMatchObject({ verdict: 'violated', property: 'no dead ends', deadEnd: true });
    expect(result.trace!.steps.map(({ event }) => event.type)).toEqual(['SEND']);
    expect(result.findings).toMatchObject([{ kind: 'dead-end', subject: 'form: thanks', schedule: '0' }]);
    expect(result.findings[0]!.text).toContain('is not final, and no step leads from it to another state');
    expect(result.findings[0]!.hint).toContain("type: 'final'");
  });

  test('finds one that only goes back to itself, whatever the context is', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      context: { n: 0 },
      states: {
        a: {
          on: {
            ADD: { guard: ({ context }) => context.n < 2, actions: assign({ n: ({ context }) => context.n + 1 }) },
            END: 'b',
          },
        },
        b: { on: { PING: { actions: () => {} } } },
      },
    });
    const result = await checkMachine(machine);
    expect(result).toMatchObject({ verdict: 'violated', deadEnd: false, states: 6 });
    expect(result.findings).toMatchObject([{ kind: 'dead-end', subject: 'm: b' }]);
    expect(result.findings[0]!.text).toContain('3 states');
  });

  test('does not blame a machine without states, which has nowhere to go', async () => {
    const machine = createMachine({ id: 'm', on: { PING: { actions: () => {} } } });
    expect(await checkMachine(machine)).toMatchObject({ verdict: 'holds', findings: [] });
  });

  test('goes on behind a dead end, and tells all of them', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { X: 'x', Y: 'y' } }, x: {}, y: {} },
    });
    const { findings, states } = await checkMachine(machine);
    expect(findings.map(({ subject }) => subject)).toEqual(['m: x', 'm: y']);
    expect(states).toBe(3);
  });

  test('names the payload that an action looks for', async () => {
    const machine = createMachine({
      id: 'm',
      context: { u: '' },
      on: {
        SET: { actions: assign({ u: ({ event }) => (event as unknown as { user: { name: string } }).user.name }) },
      },
    });
    const result = await checkMachine(machine);
    expect(result.verdict).toBe('model-error');
    expect(result.error!.hint).toContain('SET comes without a payload, and `event.user` is read');
    expect(result.trace!.steps.map(({ event }) => event.type)).toEqual(['SET']);
    const events = [{ type: 'SET', user: { name: 'Ada' } }];
    expect(await checkMachine(machine, { events })).toMatchObject({ verdict: 'holds', states: 2 });
  });

  test('tells an endless loop, with the way there', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    });
    const result = await checkMachine(machine);
    expect(result.error!.code).toBe('endless-loop');
    expect(result.trace!.steps).toHaveLength(1);
  });

  test('names states and transitions that are proven unreachable', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: { guard: () => false, target: 'b' }, END: 'z' } },
        b: { on: { BACK: 'a' }, initial: 'c', states: { c: {} } },
        z: { type: 'final' },
      },
    });
    const { verdict, findings } = await checkMachine(machine);
    expect(verdict).toBe('holds');
    expect(findings.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(['state m: b', 'guard m: a GO']);
    expect(findings[0]!.text).toMatch(/b of m cannot be reached/);
    expect(findings[1]!.text).toContain('never holds');
  });

  test('says of a search that stopped only what was not reached', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      context: { n: 0 },
      states: {
        a: {
          on: {
            ADD: { actions: assign({ n: ({ context }) => context.n + 1 }) },
            END: { guard: ({ context }) => context.n > 1000, target: 'z' },
          },
        },
        z: { type: 'final' },
      },
    });
    const { verdict, findings } = await checkMachine(machine, { maxStates: 10 });
    expect(verdict).toBe('unknown');
    expect(findings.map(({ kind }) => kind)).toEqual(['not-reached']);
    expect(findings[0]!.text).toContain('z');
  });

  test('names a key of XState that was taken for a state', async () => {
    const machine = createMachine({
      id: 'job',
      initial: 'run',
      states: {
        run: { initial: 'a', states: { a: { on: { END: 'z' } }, z: { type: 'final' }, onDone: {} } },
        idle: {},
      },
    });
    const { findings, hollow } = await checkMachine(machine);
    const named = findings.find(({ subject }) => subject === 'job: run.onDone');
    expect(named!.hint).toContain('onDone is a key of XState');
    // What is proven unreachable is not told a second time.
    expect(hollow.filter(({ kind }) => kind === 'state')).toEqual([]);
    const deadEnd = findings.find(({ kind }) => kind === 'dead-end')!;
    expect(deadEnd).toMatchObject({
      subject: 'job: run.z',
      hint: 'run is done there, and has no onDone that leads on',
    });
  });

  test('names events that nothing takes', async () => {
    const { findings, verdict } = await checkMachine(door, { events: [{ type: 'PUSHH' }] });
    expect(verdict).toBe('holds');
    expect(findings).toMatchObject([{ kind: 'event', subject: 'door: PUSHH' }]);
    expect(findings[0]!.hint).toContain('did you mean "PUSH"');
  });
});

import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { Scenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { forEachStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { type TraceStep, traceOf } from '../../src/trace/trace.ts';
import { type LoggedStep, parseLog, writeStepsLog } from '../../src/validate/log.ts';
import { type Validation, validate } from '../../src/validate/validate.ts';
import { swept } from '../sweep.ts';
import { randomNumbers, randomRun } from './project.ts';

const about = { scenario: 'test', variant: 'fixed', parameters: {} };

function judge(system: System, steps: readonly LoggedStep[]): Promise<Validation> {
  return validate(system, parseLog('test.jsonl', writeStepsLog(about, steps)), { maxStates: 1 });
}

function build(scenario: Scenario, variant: string): System {
  return scenario.build(scenario.parameters.parse({}), variant);
}

test.each(swept)('a run of $scenario.name $variant is a run of it', async ({ scenario, variant }) => {
  const tables = new Tables(build(scenario, variant));
  const run = traceOf(tables, randomRun(tables, 60, randomNumbers(variant.length)));
  const { verdict, explained, trace } = await judge(build(scenario, variant), run.steps);
  expect({ verdict, explained }).toEqual({ verdict: 'valid', explained: run.steps.length });
  expect(trace.final).toEqual(run.final);
});

describe('a run that was changed', () => {
  /** Whether every step is among those that are possible there, by what traces say of them. */
  function isRun(tables: Tables, steps: readonly LoggedStep[]): boolean {
    const walker = new Walker(tables);
    walker.start();
    let state: Int32Array = walker.current.slice();
    const keyOf = ({ kind, actor, event, timer, channel }: LoggedStep) =>
      JSON.stringify([kind, actor, Object.entries(event).sort(), timer, channel]);
    for (const step of steps) {
      const from = state;
      let found: Int32Array | undefined;
      try {
        forEachStep(walker, from, (candidate) => {
          if (found) return;
          const [read] = traceOf(tables, { initial: from, steps: [candidate], failed: false }).steps;
          if (keyOf(read!) === keyOf(step)) found = candidate.state.slice();
        });
      } catch (error) {
        // A step after the one that is looked for fails.
        if (!found) throw error;
      }
      if (!found) return false;
      state = found;
    }
    return true;
  }

  test('is judged as the naive way judges it', { timeout: 5000 * swept.length }, async () => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (const [seed, { scenario, variant }] of swept.entries()) {
      const random = randomNumbers(seed);
      const system = build(scenario, variant);
      const tables = new Tables(system);
      const { steps } = traceOf(tables, randomRun(tables, 25, random));
      for (let change = 0; change < 6; change++) {
        const [one, two] = [random(steps.length), random(steps.length)];
        const changed: TraceStep[] =
          change % 2 === 0 ? steps.toSpliced(one, 1) : steps.with(one, steps[two]!).with(two, steps[one]!);
        const { verdict } = await judge(system, changed);
        counts[verdict]++;
        expect(verdict).toBe(isRun(tables, changed) ? 'valid' : 'invalid');
      }
    }
    expect(counts.valid).toBeGreaterThan(20);
    expect(counts.invalid).toBeGreaterThan(20);
  });

  test('is told by its line, with what is possible there', async () => {
    const system = build(pingPong, 'lossy');
    const tables = new Tables(system);
    const { steps } = traceOf(
      tables,
      randomRun(tables, 3, () => 0),
    );
    const { verdict, explained, stuck, trace } = await judge(system, [
      ...steps.slice(0, 2),
      { ...steps[2]!, actor: 'nobody' },
    ]);
    expect({ verdict, explained, steps: trace.steps.length }).toEqual({ verdict: 'invalid', explained: 2, steps: 2 });
    expect(stuck).toMatchObject({ line: 4, got: expect.stringContaining('nobody') });
    expect(stuck!.possible.length).toBeGreaterThan(0);
  });
});

test('what the run violates is told, with the step after which it first does', async () => {
  const door = setup({ types: { events: {} as { type: 'OPEN' } | { type: 'SHUT' } } }).createMachine({
    initial: 'shut',
    states: { shut: { on: { OPEN: 'open' } }, open: { on: { SHUT: 'shut' } } },
  });
  const system = defineSystem({
    actors: { door: actor(door, { choices: [{ type: 'OPEN' }, { type: 'SHUT' }] }) },
    properties: ({ always }) => [always('the door stays shut', (view) => view.get('door').matches('shut'))],
  });
  const step = (type: string): LoggedStep => ({ kind: 'choice', actor: 'door', event: { type } });
  const { violated, everyRun } = await judge(system, [step('OPEN'), step('SHUT'), step('OPEN')]);
  expect(violated).toEqual([{ property: 'the door stays shut', after: 1 }]);
  expect(everyRun).toBe(true);
});

test('what the run has left undone is violated at its end, where nothing can follow it', async () => {
  const guest = setup({
    types: { events: {} as { type: 'KNOCK' } | { type: 'ENTER' } | { type: 'LEAVE' } },
  }).createMachine({
    initial: 'outside',
    states: {
      outside: { on: { KNOCK: 'waiting' } },
      waiting: { on: { ENTER: 'inside', LEAVE: 'gone' } },
      inside: {},
      gone: {},
    },
  });
  const system = defineSystem({
    actors: {
      guest: actor(guest, { choices: [{ type: 'KNOCK' }, { type: 'ENTER' }, { type: 'LEAVE' }], rest: ['inside'] }),
    },
    properties: ({ always, eventually }) => [
      eventually('the guest is inside some day', (view) => view.get('guest').matches('inside')),
      always('nobody has to wait', (view) => !view.get('guest').matches('waiting')),
    ],
  });
  const step = (type: string): LoggedStep => ({ kind: 'choice', actor: 'guest', event: { type } });
  const waits = { property: 'nobody has to wait', after: 1 };
  expect((await judge(system, [step('KNOCK')])).violated).toEqual([waits]);
  expect((await judge(system, [step('KNOCK'), step('ENTER')])).violated).toEqual([waits]);
  const { violated, deadEnd } = await judge(system, [step('KNOCK'), step('LEAVE')]);
  expect(deadEnd).toBe(true);
  expect(violated).toEqual([
    waits,
    { property: 'no deadlock', after: 2 },
    { property: 'the guest is inside some day', after: 2 },
  ]);
});

describe('a step that the model cannot do because it is wrong', () => {
  const fails = (): boolean => {
    throw new Error('no');
  };
  const machine = setup({
    types: { events: {} as { type: 'FINE' } | { type: 'BAD' } },
    guards: { fails },
  }).createMachine({ initial: 'on', states: { on: { on: { FINE: 'on', BAD: { guard: 'fails', target: 'on' } } } } });
  const system = defineSystem({ actors: { a: actor(machine, { choices: [{ type: 'FINE' }, { type: 'BAD' }] }) } });
  const step = (type: string): LoggedStep => ({ kind: 'choice', actor: 'a', event: { type } });

  test('may be the last one of the log', async () => {
    const { verdict, error, trace } = await judge(system, [step('FINE'), step('BAD')]);
    expect(verdict).toBe('valid');
    expect(error).toBeInstanceOf(ModelError);
    expect(trace.failed).toBe(true);
  });

  test('is an error when the log goes on', async () => {
    await expect(judge(system, [step('BAD'), step('FINE')])).rejects.toThrow(ModelError);
  });
});

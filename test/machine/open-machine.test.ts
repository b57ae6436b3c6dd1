/** Guards that nobody has implemented go both ways, wherever they are asked, and delays pass at any moment. */
import { describe, expect, test } from 'vitest';
import { assign, createMachine, raise } from 'xstate';
import { whyNot } from '../../src/explain/why-not.ts';
import { check } from '../../src/explore/check.ts';
import { checkMachine } from '../../src/machine/check-machine.ts';
import { openMachine } from '../../src/machine/open-machine.ts';
import { systemOf } from '../../src/machine/system-of.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { enabledSteps, initialStates } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { replaySchedule, replayTrace } from '../../src/trace/replay.ts';
import { labelOf } from '../../src/trace/trace.ts';

const form = createMachine({
  id: 'form',
  initial: 'edit',
  states: {
    edit: { on: { SUBMIT: [{ guard: 'isValid', target: 'sent' }, { target: 'wrong' }] } },
    sent: { type: 'final' },
    wrong: { on: { EDIT: 'edit' } },
  },
});

describe('an open guard', () => {
  test('goes both ways, and the steps say which', async () => {
    const { verdict, states, steps, findings, assumed } = await checkMachine(form);
    expect({ verdict, states, steps, findings }).toEqual({ verdict: 'holds', states: 3, steps: 3, findings: [] });
    expect(assumed.join('\n')).toContain('isValid');
  });

  test('shows in the labels of a trace, which live actors replay', async () => {
    const machine = createMachine({
      ...form.config,
      states: { ...form.config.states, sent: {} },
    } as never);
    const result = await checkMachine(machine);
    expect(result.trace!.steps.map(labelOf)).toEqual(['form.SUBMIT [isValid]']);
    const { system } = result.tables;
    const { violated, error, changedAt } = replayTrace(system, result.trace!);
    expect({ violated, error, changedAt }).toEqual({ violated: [], error: undefined, changedAt: undefined });
  });

  test('is asked only where it is: the step has no more ways than it has answers', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          on: { GO: [{ guard: 'first', target: 'b' }, { guard: 'second', target: 'c' }, { target: 'd' }], END: 'z' },
        },
        b: { on: { END: 'z' } },
        c: { on: { END: 'z' } },
        d: { on: { END: 'z' } },
        z: { type: 'final' },
      },
    });
    const { states, steps } = await checkMachine(machine);
    expect({ states, steps }).toEqual({ states: 5, steps: 3 + 1 + 3 });
  });

  test('has one answer in a step, also after an event that is raised, and in an always', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: { guard: 'ok', actions: raise({ type: 'NEXT' }), target: 'b' } } },
        b: { on: { NEXT: [{ guard: 'ok', target: 'c' }, { target: 'never' }] } },
        c: { always: [{ guard: 'deep', target: 'y' }, { target: 'z' }] },
        never: {},
        y: { type: 'final' },
        z: { type: 'final' },
      },
    });
    const result = await checkMachine(machine);
    // Without an answer nothing is enabled: `not ok` has no transition.
    expect(result).toMatchObject({ verdict: 'holds', states: 3, steps: 2 });
    expect(result.findings.map(({ subject }) => subject)).toEqual(['m: never', 'm: b NEXT/1']);
  });

  test('is asked by timers, with parameters, and within and, or and not', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { after: { 10: [{ guard: { type: 'over', params: { n: 3 } }, target: 'y' }, { target: 'b' }] } },
        b: { after: { 20: [{ guard: 'more', target: 'a' }, { target: 'z' }] } },
        y: {},
        z: { type: 'final' },
      },
    });
    const result = await checkMachine(machine);
    expect(result).toMatchObject({ verdict: 'violated', states: 4, steps: 4 });
    expect(result.trace!.steps.map(labelOf)).toEqual(['m.timer after 10 in a [over(n=3)]']);
    expect(replayTrace(result.tables.system, result.trace!).changedAt).toBeUndefined();
  });

  test('leaves nothing of its answers in what the machine sees', async () => {
    const machine = createMachine({
      id: 'm',
      context: { last: null as unknown },
      on: {
        SET: [
          { guard: 'ok', actions: assign({ last: ({ event }) => event as unknown }) },
          { actions: assign({ last: ({ event }) => event as unknown }) },
        ],
      },
    });
    expect(await checkMachine(machine)).toMatchObject({ states: 2, steps: 4 });
  });

  test('can be said of an actor of any system', async () => {
    const system = defineSystem({
      actors: { form: actor(openMachine(form), { choices: [{ type: 'SUBMIT' }, { type: 'EDIT' }], rest: ['sent'] }) },
    });
    expect(await check(system)).toMatchObject({ verdict: 'holds', states: 3, steps: 3 });
    expect(openMachine(form).id).toBe('form');
  });

  test('that is asked at the start says what to implement', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { always: { guard: 'isIn', target: 'b' } }, b: {} },
    });
    const { verdict, error } = await checkMachine(machine);
    expect(verdict).toBe('model-error');
    expect(error!.message).toContain('its initial state');
    expect(error!.message).toContain('"isIn"');
    expect(error!.hint).toContain('provide({ guards: { isIn:');
  });

  test('is told as what was assumed of a machine, and as hollow in a system', async () => {
    expect((await checkMachine(form)).hollow).toEqual([]);
    const { hollow } = await check(systemOf(form).system);
    expect(hollow).toMatchObject([{ kind: 'guard', subject: 'form: isValid' }]);
    expect(hollow[0]!.text).toContain('both ways');
  });
});

describe('an open delay', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: {
        entry: 'track',
        after: { slow: 'c', 100: 'b' },
        on: { GO: [{ guard: 'isOk', target: 'b' }, { target: 'c' }] },
      },
      b: { type: 'final' },
      c: { type: 'final' },
    },
  });

  test('passes at any moment, and not at once as in XState', async () => {
    const result = await checkMachine(machine);
    // Two ways of GO and two timers, of which either may be the first.
    expect(result).toMatchObject({ verdict: 'holds', states: 3, steps: 4, findings: [] });
    expect(result.assumed.join('\n')).toContain('slow: nobody has implemented it, so it may pass at any moment');
    expect(result.hollow.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(['action m: track']);
  });

  test('is the same for live actors', () => {
    const { system } = systemOf(machine);
    for (const schedule of ['0', '1', '2', '3']) expect(replaySchedule(system, schedule).error).toBeUndefined();
  });
});

describe('who asks why a step is not enabled', () => {
  test('is told of each way of it', async () => {
    const system = defineSystem({
      actors: { form: actor(openMachine(form), { choices: [{ type: 'SUBMIT' }, { type: 'EDIT' }] }) },
      properties: ({ always }) => [always('is never wrong', (view) => !view.get('form').matches('wrong'))],
    });
    const { tables, path } = await check(system);
    const answers = (at: number) => whyNot(tables, path!, 'form SUBMIT', at).answers;
    expect(answers(0)).toEqual([
      { step: 'form.SUBMIT [isValid]', hindrance: null },
      { step: 'form.SUBMIT [not isValid]', hindrance: null },
    ]);
    expect(answers(1)).toMatchObject([{ step: 'form.SUBMIT', hindrance: { kind: 'no-transition' } }]);
  });
});

test('any schedule is the same for live actors', () => {
  const machine = createMachine({
    id: 'm',
    type: 'parallel',
    context: { n: 0 },
    states: {
      left: {
        initial: 'a',
        states: {
          a: {
            after: {
              wait: [
                { guard: 'first', target: 'b' },
                { guard: 'second', target: 'c' },
              ],
            },
            on: { GO: { guard: 'go', target: 'b' } },
          },
          b: {
            always: { guard: { type: 'over', params: { n: 2 } }, target: 'c' },
            on: { BACK: [{ guard: 'go', target: 'a' }, { target: 'c' }] },
          },
          c: {
            on: { BACK: { target: 'h', actions: raise({ type: 'TURN' }) } },
            exit: assign({ n: ({ context }) => (context.n + 1) % 3 }),
          },
          h: { type: 'history', target: 'a' },
        },
      },
      right: {
        initial: 'x',
        states: {
          x: { on: { TURN: { guard: 'turns', target: 'y' } } },
          y: { on: { TURN: 'x', GO: { guard: 'go', actions: raise({ type: 'TURN' }, { delay: 5 }) } } },
        },
      },
    },
  });
  const { system } = systemOf(machine);
  const tables = new Tables(system);
  const walker = new Walker(tables);
  const random = randomFrom(18);
  const labels = new Set<string>();
  for (let run = 0; run < 60; run++) {
    let [state] = initialStates(walker) as [Int32Array];
    const schedule: number[] = [];
    for (let at = 0; at < 12; at++) {
      const steps = enabledSteps(walker, state);
      if (steps.length === 0) break;
      const step = steps[random(steps.length)]!;
      schedule.push(step.index);
      state = step.state;
    }
    const { error, trace } = replaySchedule(system, schedule.join('/'));
    expect(error).toBeUndefined();
    for (const step of trace.steps) labels.add(labelOf(step));
  }
  expect([...labels].filter((label) => label.includes('[')).length).toBeGreaterThan(10);
});

/** Numbers below a bound, the same in each run. */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

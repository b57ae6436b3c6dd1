/** A constraint of an actor: what lies behind the states that do not meet it is not searched, and results never hide that. */
import { describe, expect, test } from 'vitest';
import { assign, createMachine } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { checkMachine } from '../../src/machine/check-machine.ts';
import { stress } from '../../src/stress/run.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const counter = createMachine({
  id: 'counter',
  types: {} as { context: { n: number }; events: { type: 'ADD' } | { type: 'END' } },
  initial: 'open',
  context: { n: 0 },
  states: {
    open: {
      on: {
        ADD: { actions: assign({ n: ({ context }) => context.n + 1 }) },
        END: [{ guard: ({ context }) => context.n > 9, target: 'never' }, { target: 'shut' }],
      },
      after: { 10: 'late' },
    },
    shut: { type: 'final' },
    late: { type: 'final' },
    never: {},
  },
});

const bounded = (max: number) =>
  actor(counter, { choices: [{ type: 'ADD' }, { type: 'END' }], constraint: ({ context }) => context.n < max });

describe('a constraint', () => {
  test('bounds a context: states outside are found, and nothing is started in them', async () => {
    const result = await check(defineSystem({ actors: { counter: bounded(3) } }));
    // open, shut and late for 0, 1 and 2; and open for 3, which is outside.
    expect(result).toMatchObject({
      verdict: 'holds',
      states: 10,
      steps: 9,
      constrained: [{ actor: 'counter', states: 1 }],
    });
  });

  test('makes no deadlock, but keeps what is not witnessed undecided', async () => {
    const system = defineSystem({
      actors: { counter: bounded(3) },
      properties: ({ reachable }) => [
        reachable('comes to 3', (view) => view.get('counter').context.n === 3),
        reachable('comes to 5', (view) => view.get('counter').context.n === 5),
      ],
    });
    const result = await check(system);
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'constraint' });
    expect(result.properties.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      'comes to 3: witnessed',
      'comes to 5: open',
      'no deadlock: holds',
    ]);
  });

  test('does not go with properties of progress', async () => {
    const system = defineSystem({
      actors: { counter: bounded(3) },
      properties: ({ eventually }) => [eventually('ends', (view) => view.get('counter').status === 'done')],
    });
    await expect(check(system)).rejects.toThrow('asks for progress');
  });

  test('bounds no stress run, which is refused', async () => {
    const system = defineSystem({ actors: { counter: bounded(3) } });
    await expect(stress(system, { threads: 1, steps: 10 })).rejects.toThrow(
      'a stress run goes on from every state, and actor "counter" has a constraint',
    );
  });

  test('that throws is a mistake of the model', async () => {
    const machine = actor(counter, {
      choices: [{ type: 'ADD' }],
      constraint: ({ context }) => {
        if (context.n > 1) throw new RangeError('out of range');
        return true;
      },
    });
    const result = await check(defineSystem({ actors: { counter: machine } }));
    expect(result).toMatchObject({ verdict: 'model-error' });
    expect(result.error!.message).toContain('`constraint` of actor "counter"');
    expect(result.trace!.steps).toHaveLength(2);
    const always = actor(counter, {
      constraint: () => {
        throw new RangeError('out of range');
      },
    });
    expect(await check(defineSystem({ actors: { counter: always } }))).toMatchObject({
      verdict: 'model-error',
      states: 0,
    });
  });

  test('of a machine alone: nothing is proven unreachable, and what is outside is no dead end', async () => {
    const result = await checkMachine(counter, { constraint: ({ context }) => context.n < 3 });
    expect(result).toMatchObject({ verdict: 'holds', constrained: [{ states: 1 }] });
    expect(result.findings.map(({ kind }) => kind)).toEqual(['not-reached']);
    expect(result.findings[0]!.text).toContain('the state never, nor to the transition open END of counter');
  });
});

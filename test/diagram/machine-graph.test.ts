import { describe, expect, test } from 'vitest';
import { and, assign, createMachine, not, or, raise, sendTo, stateIn } from 'xstate';
import { machineGraph, ROOT, transitionsOf, transitionText } from '../../src/diagram/machine-graph.ts';
import { machineToText } from '../../src/diagram/machine-text.ts';
import { actionText, guardText } from '../../src/diagram/words.ts';
import { booking, counter, creditCheck, lending, player, retried } from './example-machines.ts';

const state = (graph: ReturnType<typeof machineGraph>, path: string) => {
  const found = graph.states.find((candidate) => candidate.path === path);
  if (!found) throw new Error(`no state ${path}`);
  return found;
};
const transition = (graph: ReturnType<typeof machineGraph>, id: string) => {
  const found = graph.transitions.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no transition ${id}: ${graph.transitions.map((one) => one.id).join(', ')}`);
  return found;
};

describe('states', () => {
  test('have the kind, parent, initial state and children that XState gives them', () => {
    const graph = machineGraph(player);
    expect(graph.states.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      '(root) parallel',
      'sound compound',
      'sound.on atomic',
      'sound.off atomic',
      'picture compound',
      'picture.normal atomic',
      'picture.wide atomic',
      'picture.asleep atomic',
      'picture.last history',
      'picture.lastDeep history',
      'clock atomic',
    ]);
    expect(state(graph, 'picture')).toMatchObject({ parent: ROOT, initial: { target: 'picture.normal', actions: [] } });
    expect(state(graph, 'picture.asleep').id).toBe('asleep');
    expect(state(graph, 'picture.last')).toMatchObject({ history: 'shallow', historyDefault: ['picture.wide'] });
    expect(state(graph, 'picture.lastDeep')).toMatchObject({ history: 'deep', historyDefault: [] });
    expect(state(graph, 'sound.off').tags).toEqual(['quiet', 'dark']);
  });

  test('have the entry and exit actions of the machine, without those that XState adds for timers', () => {
    const graph = machineGraph(retried);
    expect(state(graph, 'running')).toMatchObject({ entry: ['init', 'assign errors'], exit: ['cancel watchdog'] });
    expect(state(graph, 'failed').entry).toEqual(['send FAILED to logger', 'emit failed', 'spawn cleaner']);
    expect(state(graph, 'gaveUp').entry).toEqual(['enqueueActions']);
  });

  test('have their invoked actors, outputs, descriptions and initial actions', () => {
    expect(state(machineGraph(retried), 'running').invokes).toEqual([
      { name: 'service', src: 'service', id: 'service', systemId: 'svc' },
    ]);
    expect(state(machineGraph(lending), 'Look it up').invokes).toMatchObject([{ name: 'find the book', id: null }]);
    expect(state(machineGraph(booking), 'booked').output).toBe('{ok: true}');
    const graph = machineGraph(creditCheck);
    expect(state(graph, 'checking').description).toMatch(/^Asks two/);
    expect(state(graph, 'offering').initial).toEqual({ target: 'offering.interest', actions: ['prepare'] });
    expect(state(graph, 'checking.first.saved').entry).toEqual(['save {bureau: first}']);
  });
});

describe('transitions', () => {
  test('have an id of their source and event, and a number where there are several', () => {
    const graph = machineGraph(retried);
    expect(graph.transitions.map(transitionText)).toEqual([
      'onDone service',
      'onError service',
      'onSnapshot service / log',
      'after 5000 ms / raise LATE after 10 ms',
      'RETRY [!tooOften && (isManual || (in {failed: a}))]',
      'LATE (ignored)',
      'after BACK_OFF [tooOften]',
      'after BACK_OFF',
    ]);
    expect(graph.transitions.map(({ id }) => id)).toEqual([
      'running onDone service',
      'running onError service',
      'running onSnapshot service',
      'running after 5000 ms',
      'failed RETRY',
      'failed LATE',
      'failed after BACK_OFF',
      'failed after BACK_OFF/1',
    ]);
    expect(transition(graph, 'failed LATE')).toMatchObject({ forbidden: true, kind: 'internal', targets: [] });
    expect(transition(graph, 'running after 5000 ms').trigger).toEqual({
      kind: 'after',
      delay: '5000 ms',
      milliseconds: 5000,
    });
  });

  test('ids stay apart even if a machine tries to mix them up', () => {
    const graph = machineGraph(
      createMachine({ on: { A: [{ guard: 'x', actions: 'y' }, { actions: 'z' }], 'A/1': { actions: 'w' } } }),
    );
    expect(graph.transitions.map(({ id }) => id)).toEqual(['(root) A', '(root) A/1', '(root) A/1/1']);
  });

  test('are internal, local or external', () => {
    const graph = machineGraph(player);
    const kinds = graph.transitions.map(({ id, kind, targets }) => `${id}: ${kind} ${targets.join('+')}`);
    expect(kinds).toContain('(root) SCENE: local sound.on+picture.wide');
    expect(kinds).toContain('(root) volume.*: internal ');
    expect(kinds).toContain('picture NORMAL: local picture.normal');
    expect(kinds).toContain('picture RESTART: external picture.normal');
    expect(kinds).toContain('picture.wide STAY: local picture.wide');
    expect(kinds).toContain('picture.wide AGAIN: external picture.wide');
    expect(kinds).toContain('picture.normal STANDBY: external picture.asleep');
  });

  test('of every kind are the definitions that XState itself uses', () => {
    for (const machine of [lending, booking, retried, player, creditCheck, counter]) {
      const definitions = transitionsOf(machine).map(({ definition }) => definition);
      expect(new Set(definitions).size).toBe(definitions.length);
      expect(definitions).toHaveLength(machineGraph(machine).transitions.length);
    }
  });

  test('by a route show where it leads and what else must hold', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: {}, b: { id: 'b', route: { guard: 'mayGo' } }, c: { id: 'c', route: {} } },
    } as Parameters<typeof createMachine>[0]);
    const routes = machineGraph(machine).transitions;
    expect(routes.map(({ event, guard, targets }) => [event, guard, targets])).toEqual([
      ['xstate.route', 'mayGo', ['b']],
      ['xstate.route', null, ['c']],
    ]);
  });

  test('keys with dots do not look like paths', () => {
    const machine = createMachine({ initial: 'a.b', states: { 'a.b': { on: { GO: 'c' } }, c: {} } });
    expect(machineGraph(machine).states.map(({ path }) => path)).toEqual([ROOT, 'a\\.b', 'c']);
  });
});

describe('words', () => {
  const longer = ({ context }: { context: { count: number } }) => {
    const { count } = context;
    return count > 3;
  };
  test.each([
    ['a name', 'doIt', 'doIt'],
    ['a name with parameters', { type: 'doIt', params: { to: 'x', times: 2 } }, 'doIt {to: x, times: 2}'],
    ['parameters that are computed', { type: 'doIt', params: () => ({}) }, 'doIt'],
    ['an assignment', assign({ a: 1, b: 2 }), 'assign a, b'],
    ['a computed assignment', assign(() => ({})), 'assign'],
    ['a raised event', raise({ type: 'GO' }), 'raise GO'],
    ['an event sent to a computed actor', sendTo(() => 'x', { type: 'GO' }), 'send GO'],
    ['a named function', longer, 'longer'],
  ])('%s', (_what, action, text) => {
    expect(actionText(action)).toBe(text);
  });

  test('a guard in place is its own expression, if that is short', () => {
    const { guard } = { guard: ({ context }: { context: { n: number } }) => context.n > 3 };
    expect(guardText(guard).replaceAll(' ', '')).toBe('context.n>3');
    expect(guardText({ guard: longer.bind(null) }.guard)).toMatch(/longer|inline/);
    const { guard: block } = {
      guard: () => {
        return true;
      },
    };
    expect(guardText(block)).toBe('inline');
  });

  test('combined guards read as logic', () => {
    expect(guardText(and(['a', not('b')]))).toBe('a && !b');
    expect(guardText(or([and(['a', 'b']), 'c']))).toBe('(a && b) || c');
    expect(guardText(stateIn('x.y'))).toBe('in x.y');
  });
});

test('a terminal shows the tree of states, with what happens below each', () => {
  expect(machineToText(machineGraph(booking))).toBe(`\
booking
├─ ● scheduling
│  │  CHANGE_DATE / setDate ⤾
│  ├─ ● oneWay
│  │     CHANGE_TRIP → scheduling.roundTrip
│  │     BOOK [isValid?] → sending
│  └─ roundTrip
│        CHANGE_TRIP → scheduling.oneWay
│        BOOK [isValid?] → sending
├─ sending
│     invoke booker
│     onDone booker → booked
│     onError booker → scheduling
└─ ◎ booked
      output: {ok: true}
`);
});

/** What coverage says in a diagram: covered, not reached, unreachable, and how guards turned out. */
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { machineGraph } from '../../src/diagram/machine-graph.ts';
import { type Coverage, coverageMarks, withGuardOutcomes } from '../../src/diagram/marks.ts';
import { renderDiagram } from '../../src/diagram/render.ts';

const guards = { isLow: () => true, isHigh: () => true, isOdd: () => true };
const machine = setup({ guards }).createMachine({
  id: 'gate',
  initial: 'shut',
  states: {
    shut: {
      on: { OPEN: [{ guard: 'isLow', target: 'open' }, { guard: 'isHigh', target: 'broken' }, { guard: 'isOdd' }] },
    },
    open: {},
    broken: {},
  },
});
const graph = machineGraph(machine);

function coverage(proven: boolean): Coverage {
  return {
    machines: {
      gate: {
        states: ['shut', 'open'],
        transitions: ['shut OPEN'],
        unreached: {
          proven,
          states: ['broken'],
          transitions: ['shut OPEN/1', 'shut OPEN/2'],
          guards: [
            { transition: 'shut OPEN', guard: 'isLow', outcomes: [false] },
            { transition: 'shut OPEN/1', guard: 'isHigh', outcomes: [true] },
            { transition: 'shut OPEN/2', guard: 'isOdd', outcomes: [true, false] },
          ],
          messages: [],
        },
        actors: { left: { states: ['shut'], transitions: [] } },
      },
    },
  };
}

describe('what is not covered', () => {
  test.each([
    [true, 'unreachable'],
    [false, 'uncovered'],
  ] as const)('proven: %s, is marked as %s', (proven, mark) => {
    const { states, transitions } = coverageMarks(graph, coverage(proven), ['gate']);
    expect([states.get('open'), states.get('broken')]).toEqual(['covered', mark]);
    expect([transitions.get('shut OPEN'), transitions.get('shut OPEN/1')]).toEqual(['covered', mark]);
  });

  test.each(['text', 'mermaid', 'plantuml', 'dot', 'svg', 'json', 'scxml'] as const)(
    'is told from what is unreachable in %s',
    async (format) => {
      const draw = (proven: boolean) =>
        renderDiagram(graph, format, { marks: coverageMarks(graph, coverage(proven), ['gate']) });
      const [missed, unreachable] = [String(await draw(false)), String(await draw(true))];
      expect(missed).toMatch(/✘|uncovered/);
      expect(missed).not.toMatch(/⊘|unreachable/);
      expect(unreachable).toMatch(/⊘|unreachable/);
      expect(unreachable).not.toMatch(/✘|uncovered/);
    },
  );
});

test('a diagram of an actor shows that actor, one of the machine all actors together', () => {
  expect(coverageMarks(graph, coverage(true), ['left', 'gate']).states.get('open')).toBe('unreachable');
  expect(coverageMarks(graph, coverage(true), ['gate']).states.get('open')).toBe('covered');
});

test('a machine that is called as an actor of another machine is found by what it has', () => {
  const { machines } = coverage(true);
  const other = { states: ['ajar'], transitions: [] };
  const marks = coverageMarks(graph, { machines: { door: other, gate: machines.gate! } }, ['door', 'gate']);
  expect(marks.states.get('open')).toBe('covered');
  expect(() => coverageMarks(graph, { machines: { door: other } }, ['door'])).toThrow('names the state "ajar"');
});

test('guards say what they never were', () => {
  const labels = withGuardOutcomes(graph, coverage(true), ['gate']).transitions.map(({ guard }) => guard);
  expect(labels).toEqual(['isLow, never false', 'isHigh, never true', 'isOdd, never asked']);
  const bare = { machines: { gate: { states: [], transitions: [] } } };
  expect(withGuardOutcomes(graph, bare, ['gate']).transitions.map(({ guard }) => guard)).toEqual(Object.keys(guards));
});

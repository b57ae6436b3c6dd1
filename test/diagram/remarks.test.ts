import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { machineGraph } from '../../src/diagram/machine-graph.ts';
import { renderDiagram } from '../../src/diagram/render.ts';
import { EXAMPLES } from './example-machines.ts';

const notesOf = (config: object) => machineGraph(createMachine(config as never)).notes;

/** `onDone` one level too deep: XState takes it for a state. */
const misplaced = {
  id: 'job',
  initial: 'run',
  states: {
    run: { initial: 'a', states: { a: { on: { END: 'z' } }, z: { type: 'final' }, onDone: { target: 'idle' } } },
    idle: {},
  },
};

describe('a picture remarks', () => {
  test('a state that is named like a key, states to which nothing leads, and an end that leads nowhere', () => {
    expect(notesOf(misplaced)).toEqual([
      'no arrow leads to the state "run.onDone", which is named like a key of XState: it may stand one level too deep',
      'no arrow leads to the state "idle"',
      '"run" is done at "run.z", but has no onDone: nothing leads on from there',
    ]);
  });

  test('nothing about a state of that name to which an arrow leads', () => {
    expect(notesOf({ initial: 'on', states: { on: { on: { GO: 'entry' } }, entry: { on: { GO: 'on' } } } })).toEqual(
      [],
    );
  });

  test('nothing about a history state that is not used: it is no place to be in', () => {
    const work = { initial: 'x', states: { x: { on: { GO: 'y' } }, y: {}, back: { type: 'history' } } };
    expect(notesOf({ initial: 'work', states: { work } })).toEqual([]);
  });

  test('a state that only its own inside leads to', () => {
    const lone = {
      initial: 'x',
      states: { x: { on: { UP: '#lone' } } },
      id: 'lone',
      on: { AGAIN: { target: '#lone' } },
    };
    expect(notesOf({ initial: 'a', states: { a: {}, lone } })).toEqual(['no arrow leads to the state "lone"']);
  });

  test('no end that is left otherwise, and none that its regions wait for', () => {
    const done = { initial: 'x', states: { x: { on: { END: 'y' } }, y: { type: 'final' } } };
    expect(notesOf({ initial: 'a', states: { a: { ...done, on: { NEXT: 'b' } }, b: {} } })).toEqual([]);
    expect(notesOf({ initial: 'a', states: { a: { ...done, onDone: 'b' }, b: {} } })).toEqual([]);
    expect(notesOf({ type: 'parallel', states: { a: done, b: done } })).toEqual([]);
    expect(notesOf({ initial: 'p', states: { p: { type: 'parallel', states: { a: done, b: done } } } })).toEqual([
      '"p" is done when all of its regions are, but has no onDone: nothing leads on from there',
    ]);
    const left = { initial: 'x', states: { x: { on: { LEAVE: '#end' } } } };
    expect(
      notesOf({
        initial: 'p',
        states: { p: { type: 'parallel', states: { a: done, b: left } }, end: { id: 'end', type: 'final' } },
      }),
    ).toEqual([]);
  });

  test('nothing about the machines that people write', () => {
    for (const name of ['lending', 'booking', 'retried', 'player', 'counter'] as const) {
      expect(machineGraph(EXAMPLES[name]).notes).toEqual([]);
    }
  });

  test.each(['svg', 'dot', 'mermaid', 'plantuml', 'text', 'json'] as const)('in %s', async (format) => {
    const text = String(await renderDiagram(machineGraph(createMachine(misplaced as never)), format));
    expect(text).toMatch(/no arrow leads to the state [^ ]*idle/);
  });
});

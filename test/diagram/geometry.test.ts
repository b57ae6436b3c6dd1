/** What lies over what in pictures, and how wide they are. */
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { divide } from '../../src/diagram/divide-machine.ts';
import { foldMachine, isLarge } from '../../src/diagram/fold-machine.ts';
import { machineToDot } from '../../src/diagram/machine-dot.ts';
import { type MachineGraph, machineGraph } from '../../src/diagram/machine-graph.ts';
import { renderDiagram } from '../../src/diagram/render.ts';
import { EXAMPLES } from './example-machines.ts';
import { type Geometry, geometryOf, overlaps, runsThrough } from './geometry.ts';
import { LARGE } from './large-machines.ts';

/** A state that is entered again, with history inside, beside another region. */
const reentered = createMachine({
  id: 'reentered',
  type: 'parallel',
  states: {
    left: {
      initial: 'idle',
      states: {
        idle: { on: { GO: 'busy' } },
        busy: {
          initial: 'one',
          after: { 1000: { target: 'idle', reenter: true } },
          on: { BACK: 'idle', SNOOZE: '.two', GO: { target: 'busy', reenter: true } },
          states: { one: {}, two: { always: '#end' }, hist: { type: 'history', history: 'deep', target: 'two' } },
        },
        end: { id: 'end', type: 'final' },
      },
    },
    right: { initial: 'a', states: { a: { on: { FLUSH: 'b' } }, b: { on: { UP: '#reentered.left.busy.hist' } } } },
  },
});

const drawn = (name: string, graph: MachineGraph): [string, MachineGraph][] => {
  const shown = isLarge(graph) ? foldMachine(graph).graph : graph;
  const division = isLarge(graph) ? divide(shown) : undefined;
  return [
    [name, shown],
    ...(division ? [[`${name}, divided`, division.overview] as [string, MachineGraph]] : []),
    ...(division?.parts.slice(0, 2).map((part, index): [string, MachineGraph] => [`${name}, part ${index}`, part]) ??
      []),
  ];
};
const PICTURES = Object.entries({ ...EXAMPLES, ...LARGE, reentered }).flatMap(([name, machine]) =>
  drawn(name, machineGraph(machine)),
);

function expectClear({ labels, titles, lines }: Geometry): void {
  const boxes = [...labels, ...titles];
  for (const label of labels) {
    const under = boxes.filter((box) => box !== label && overlaps(label, box));
    expect(under.map(({ name }) => `${label.name} over ${name}`)).toEqual([]);
  }
  for (const line of lines) {
    const [tail, head] = line.name.split(' -> ');
    const under = boxes.filter(({ name }) => name !== tail && name !== head).filter((box) => runsThrough(line, box));
    expect(under.map(({ name }) => `${line.name} through ${name}`)).toEqual([]);
  }
}

describe('no label lies over a title or another label, and no line runs through one', () => {
  test.each(PICTURES)('%s', async (_name, graph) => expectClear(await geometryOf(machineToDot(graph))));

  test.each(['star', 'mesh', 'pipeline'] as const)('%s, with arrows to the right', async (name) => {
    expectClear(await geometryOf(machineToDot(machineGraph(LARGE[name]), undefined, 'LR')));
  });
});

test('a loop is one closed line: it leaves its state, passes its label from below to above, and ends at its state', async () => {
  const { lines, labels } = await geometryOf(machineToDot(machineGraph(reentered)));
  const label = labels.find(({ name }) => name === 'transition left.busy GO')!;
  const loop = lines.filter(({ name }) => name.includes(label.name));
  expect(loop).toHaveLength(2);
  const middle = (label.top + label.bottom) / 2;
  const heights = loop.map(({ points }) => points.map(([, y]) => y - middle));
  expect(heights.map((line) => line.every((y) => y > 0)).sort()).toEqual([false, true]);
  expect(heights.map((line) => line.every((y) => y < 0)).sort()).toEqual([false, true]);
});

describe('a picture is not wider than a screen can scroll', () => {
  test.each(Object.entries(LARGE))('%s', async (_name, machine) => {
    const { graph } = foldMachine(machineGraph(machine));
    const told: string[] = [];
    const svg = String(await renderDiagram(graph, 'svg', { tell: (note) => told.push(note) }));
    const [, width] = /<svg width="([\d.]+)pt"/.exec(svg)!;
    expect(Number(width) * (4 / 3)).toBeLessThanOrEqual(4000);
    const ids = [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // Divided or not, each is there.
    for (const { id } of graph.transitions.filter(({ kind }) => kind !== 'internal')) {
      expect(ids.map((id) => id!.replaceAll('&#45;', '-'))).toContain(`transition ${id}`);
    }
    for (const note of told) expect(note).toMatch(/is drawn (below|at \d+ % of its size)$/);
  });

  test('unless that is asked for', async () => {
    const svg = String(await renderDiagram(machineGraph(LARGE.star), 'svg', { pixelsMax: Number.POSITIVE_INFINITY }));
    expect(Number(/<svg width="([\d.]+)pt"/.exec(svg)![1])).toBeGreaterThan(3000);
  });
});

import { JSDOM } from 'jsdom';
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import { type StateGraph, stateGraph } from '../../src/export/graph.ts';
import { toAut, toDot, toGraphml } from '../../src/export/graph-formats.ts';
import { IncompleteSpace } from '../../src/export/space.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { oddSystem } from './odd-system.ts';

function scenario(name: string, variant: string, parameters: Record<string, unknown> = {}): System {
  const found = catalogue.find((one) => one.name === name)!;
  return found.build(found.parameters.parse(parameters) as Record<string, unknown>, variant);
}

const MANY = { maxStates: 10_000 };

describe('the whole graph', () => {
  test.each([
    ['peterson', 'fixed', {}],
    ['ping-pong', 'lossy', { max: 3 }],
    ['dining-philosophers', 'all-states', { philosophers: 4 }],
  ])('of %s %s has the states and steps of check', async (name, variant, parameters) => {
    const { states, steps } = await check(scenario(name, variant, parameters), { symmetry: false });
    const graph = await stateGraph(scenario(name, variant, parameters), MANY);
    expect([graph.nodes.length, graph.edges.length, graph.hiddenSteps]).toEqual([states, steps, 0]);
    expect(graph.nodes.every(({ expanded, onTrace }) => expanded && !onTrace)).toBe(true);
  });

  test('marks what is violated, where nothing can happen and elsewhere', async () => {
    const deadlocked = await stateGraph(scenario('dining-philosophers', 'left-right', { philosophers: 3 }), MANY);
    expect(deadlocked.nodes.filter(({ violated }) => violated.length > 0)).toMatchObject([
      { violated: ['no deadlock'] },
    ]);
    const both = await stateGraph(scenario('peterson', 'turn-first'), MANY);
    expect(both.nodes.flatMap(({ violated }) => violated)).toContain('never both in the critical section');
  });

  test('ends after some steps, with what is not expanded marked', async () => {
    const graph = await stateGraph(scenario('peterson', 'fixed'), { ...MANY, depth: 2 });
    const leaving = new Set(graph.edges.map(({ from }) => from));
    expect(graph.nodes.filter(({ expanded }) => !expanded).length).toBeGreaterThan(0);
    for (const { id, expanded } of graph.nodes) expect(leaving.has(id)).toBe(expanded);
  });

  test('is refused when it is too large', async () => {
    await expect(stateGraph(scenario('peterson', 'fixed'), { maxStates: 10 })).rejects.toThrow(IncompleteSpace);
    const by = ['one', 'two'];
    await expect(stateGraph(scenario('peterson', 'fixed'), { maxStates: 3, by })).rejects.toThrow(IncompleteSpace);
  });
});

test('a space is refused, as by check, when an action changes what a guard reads', async () => {
  let open = false;
  const GO = { choices: [{ type: 'GO' }] as const };
  const opens = () => {
    open = true;
  };
  const opener = createMachine({ on: { GO: { actions: opens } } });
  const gate = createMachine({
    initial: 'closed',
    states: { closed: { on: { GO: { guard: () => open, target: 'open' } } }, open: {} },
  });
  const system = defineSystem({ actors: { opener: actor(opener, GO), gate: actor(gate, GO) }, deadlock: 'ignore' });
  await expect(stateGraph(system, MANY)).rejects.toMatchObject({ code: 'unsupported-action' });
});

describe('around a trace', () => {
  const schedule = [0, 1, 0];

  test('are its states, in order, and all that can happen there', async () => {
    const graph = await stateGraph(scenario('peterson', 'turn-first'), { ...MANY, around: schedule });
    expect(graph.nodes.filter(({ onTrace }) => onTrace).map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    expect(graph.edges.filter(({ onTrace }) => onTrace).map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(graph.nodes.filter(({ expanded }) => expanded)).toHaveLength(4);
  });

  test('are more of them farther away, in the end all', async () => {
    const sizes = [];
    for (const depth of [1, 2, 20]) {
      const graph = await stateGraph(scenario('peterson', 'turn-first'), { ...MANY, around: schedule, depth });
      sizes.push(graph.nodes.length);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(sizes.at(-1)).toBe(32);
  });
});

describe('by actors', () => {
  test('is the graph that they see: each step of theirs, and nothing else', async () => {
    const system = scenario('dining-philosophers', 'left-handed', { philosophers: 4 });
    const whole = await stateGraph(system, MANY);
    const seen = await stateGraph(system, { ...MANY, by: ['philosopher0', 'philosopher1'] });
    const project = (id: number) => {
      const { philosopher0, philosopher1 } = whole.nodes[id]!.values;
      return `${philosopher0} ${philosopher1}`;
    };
    const classes = new Set(whole.nodes.map(({ id }) => project(id)));
    expect(new Set(seen.nodes.map(({ values }) => Object.values(values).join(' ')))).toEqual(classes);
    expect(seen.nodes.reduce((sum, { states }) => sum + states, 0)).toBe(whole.nodes.length);
    const edges = whole.edges.filter(({ from, to }) => project(from) !== project(to));
    expect(seen.edges.length).toBe(
      new Set(edges.map(({ from, to, label }) => `${project(from)}${project(to)}${label}`)).size,
    );
    expect(seen.hiddenSteps).toBe(whole.edges.length - edges.length);
  });
});

describe('formats', () => {
  let graph: StateGraph;
  const drawn = async () => {
    graph ??= await stateGraph(oddSystem('drop'), MANY);
    return graph;
  };

  test('GraphML is XML with all nodes and edges', async () => {
    const { nodes, edges } = await drawn();
    const { document } = new JSDOM(toGraphml(await drawn(), 'a <title> & "more"'), { contentType: 'text/xml' }).window;
    expect(document.querySelectorAll('node').length).toBe(nodes.length);
    expect(document.querySelectorAll('edge').length).toBe(edges.length);
    const keys = new Set([...document.querySelectorAll('key')].map((key) => key.getAttribute('id')));
    for (const data of document.querySelectorAll('data')) expect(keys).toContain(data.getAttribute('key'));
  });

  test('Aldebaran has one line for each edge', async () => {
    const { nodes, edges } = await drawn();
    const [head, ...lines] = toAut(await drawn())
      .trimEnd()
      .split('\n');
    expect(head).toBe(`des (0, ${edges.length}, ${nodes.length})`);
    expect(lines).toHaveLength(edges.length);
    for (const line of lines) expect(line).toMatch(/^\(\d+, "[^"]*", \d+\)$/);
  });

  test('DOT has one line for each, with quotes and newlines escaped', async () => {
    const { nodes, edges } = await drawn();
    const lines = toDot(await drawn(), 'a "title"').split('\n');
    expect(lines.filter((line) => /^ {2}\d+ \[label=/.test(line))).toHaveLength(nodes.length);
    expect(lines.filter((line) => /^ {2}\d+ -> \d+ \[label=/.test(line))).toHaveLength(edges.length);
    for (const line of lines) expect(line.replaceAll(/\\./g, '').split('"').length % 2).toBe(1);
  });
});

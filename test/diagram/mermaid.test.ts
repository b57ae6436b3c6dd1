/** Mermaid reads what we write as Mermaid: it needs a browser's `document` for that, and jsdom's will do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { racingUnmap } from '../../machines/races/B-62-racing-unmap.ts';
import { lockFreeSet } from '../../machines/textbook/lock-free-set.ts';
import { foldFamilies } from '../../src/diagram/fold-families.ts';
import { foldMachine } from '../../src/diagram/fold-machine.ts';
import { type MachineGraph, machineGraph, ROOT, rootHasOwn } from '../../src/diagram/machine-graph.ts';
import { machineToMermaid } from '../../src/diagram/machine-mermaid.ts';
import { coverageMarks, highlight } from '../../src/diagram/marks.ts';
import { systemGraph } from '../../src/diagram/system-graph.ts';
import { systemToMermaid } from '../../src/diagram/system-text-formats.ts';
import fc from '../fast-check.ts';
import { loadMermaid, unloadMermaid } from '../mermaid-reader.ts';
import { EXAMPLES } from './example-machines.ts';
import { LARGE } from './large-machines.ts';
import { randomMachine } from './random-machine.ts';

let mermaid: Awaited<ReturnType<typeof loadMermaid>>;

beforeAll(async () => {
  mermaid = await loadMermaid();
}, 60_000);

afterAll(unloadMermaid);

interface Node {
  readonly id: string;
  readonly label?: string;
  readonly description?: string[];
  readonly shape?: string;
  readonly parentId?: string;
}

/** What Mermaid would draw: its boxes with their parents, and its arrows. */
async function read(text: string) {
  expect(await mermaid.parse(text, { suppressErrors: false })).toMatchObject({ diagramType: 'stateDiagram' });
  const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { nodes, edges } = (diagram.db as unknown as { getData(): { nodes: Node[]; edges: unknown[] } }).getData();
  return { nodes, edges };
}

async function expectAll(graph: MachineGraph): Promise<void> {
  const text = machineToMermaid(graph);
  const { nodes, edges } = await read(text);
  // Its own nodes, for start, end, forks, and the invisible regions of a parallel state, are none of ours.
  const own = new Set([...text.matchAll(/^\s*state "[^"]*" as (\w+)/gm)].map(([, id]) => id!));
  const states = nodes.filter(({ id }) => own.has(id));
  const shown = graph.states.filter(({ path }) => path !== ROOT || rootHasOwn(graph));
  expect(states.map(({ id }) => id).sort()).toEqual([...own].sort());
  expect(states).toHaveLength(shown.length);

  const arrows = graph.transitions
    .filter(({ kind }) => kind !== 'internal')
    .reduce((sum, { targets }) => sum + (targets.length > 1 ? targets.length + 1 : 1), 0);
  const initials = graph.states.filter(({ initial }) => initial).length;
  const finals = graph.states.filter(({ kind }) => kind === 'final').length;
  const defaults = graph.states.reduce((sum, { historyDefault }) => sum + historyDefault.length, 0);
  const notes = graph.notes.length > 0 ? 1 : 0;
  expect(edges).toHaveLength(arrows + initials + finals + defaults + notes);

  // Each box lies where it should: in its parent, or in a region of it.
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const depthOf = (node: Node): number => {
    const parent = node.parentId === undefined ? undefined : byId.get(node.parentId);
    return parent ? depthOf(parent) + (own.has(parent.id) ? 1 : 0) : 0;
  };
  const depths = (list: readonly number[]) => [...list].sort((a, b) => a - b);
  const rootDepth = rootHasOwn(graph) ? 0 : 1;
  expect(depths(states.map(depthOf))).toEqual(
    depths(shown.map(({ path }) => (path === ROOT ? 0 : path.split(/(?<!\\)\./).length - rootDepth))),
  );
}

describe('state diagrams', () => {
  test.each(Object.entries(EXAMPLES))(
    '%s has all states where they belong, and all transitions',
    async (_name, machine) => {
      await expectAll(machineGraph(machine));
    },
  );

  test.each(Object.entries(LARGE))('%s, folded, is one that Mermaid reads', async (_name, machine) => {
    const { graph } = foldMachine(machineGraph(machine));
    const { nodes } = await read(machineToMermaid(graph));
    expect(nodes.length).toBeGreaterThanOrEqual(graph.states.length - 1);
  });

  test('so has any machine', async () => {
    await fc.assert(
      fc.asyncProperty(randomMachine, async ({ machine }) => expectAll(machineGraph(machine))),
      { numRuns: 30 },
    );
  });

  test('names come back as they were', async () => {
    const { nodes } = await read(machineToMermaid(machineGraph(EXAMPLES.awkward)));
    const texts = nodes.flatMap(({ label, description }) => [label ?? '', ...(description ?? [])]).join('\n');
    // As its renderer does it: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
    const decoded = texts.replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCharCode(Number(code)));
    expect(decoded).toContain('a "b" <c> & d');
    expect(decoded).toContain('dots.in.name');
  });

  test('marks are classes that exist', async () => {
    const graph = machineGraph(EXAMPLES.lending);
    const covered = coverageMarks(graph, { machines: { lending: { states: ['Decide'], transitions: [] } } }, [
      'lending',
    ]);
    for (const marks of [highlight(graph, ['Decide', 'Check out.Stamp']), covered]) {
      const { nodes } = await read(machineToMermaid(graph, marks));
      expect(JSON.stringify(nodes)).toMatch(/highlighted|covered/);
    }
  });
});

test.each([
  ['racing-unmap', racingUnmap.build(racingUnmap.parameters.parse({}), 'fixed')],
  ['lock-free-set', lockFreeSet.build({}, 'fixed')],
])('the system %s is a flowchart', async (name, system) => {
  const graph = systemGraph(system, { name, maxStates: 100 });
  for (const drawn of [graph, foldFamilies(graph)]) {
    const text = systemToMermaid(drawn, highlight(drawn, [Object.keys(system.actors)[0]!]));
    expect(await mermaid.parse(text)).toMatchObject({ diagramType: expect.stringMatching(/^flowchart/) });
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const { nodes, edges } = (db as unknown as { getData(): { nodes: unknown[]; edges: unknown[] } }).getData();
    expect(nodes).toHaveLength(drawn.actors.length);
    expect(edges).toHaveLength(drawn.links.length);
  }
});

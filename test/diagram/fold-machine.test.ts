import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { diagramSchema } from '../../src/diagram/diagram-json.ts';
import { foldMachine, isLarge } from '../../src/diagram/fold-machine.ts';
import { machineGraph, transitionText } from '../../src/diagram/machine-graph.ts';
import { highlight } from '../../src/diagram/marks.ts';
import { renderDiagram } from '../../src/diagram/render.ts';
import { EXAMPLES } from './example-machines.ts';
import { LARGE } from './large-machines.ts';

const folded = (name: keyof typeof LARGE) => foldMachine(machineGraph(LARGE[name])).graph;
const arrows = (name: keyof typeof LARGE) =>
  folded(name)
    .transitions.filter(({ source }) => !source.includes('.'))
    .map((transition) => `${transition.source}: ${transitionText(transition)} → ${transition.targets.join()}`);

describe('what repeats is drawn once', () => {
  test('alike siblings, but for the initial one; labels say which of them an arrow is about', () => {
    expect(folded('ring').states.map(({ name }) => name)).toEqual(['ring', 's0', 's1 … s159']);
    expect(arrows('ring')).toEqual([
      's0: NEXT (to s1) → s1 … s159',
      's1 … s159: NEXT (to the next) → s1 … s159',
      's1 … s159: NEXT (from s159) → s0',
    ]);
    expect(folded('ring').notes).toEqual([
      'states that differ in their number only are drawn as one: 159 as "s1 … s159"',
    ]);
  });

  test('siblings with all that is in them, and a transition that all of them have', () => {
    const { states, notes } = folded('wizard');
    expect(states).toHaveLength(13);
    expect(states.find(({ name }) => name === 'page1 … page11')).toMatchObject({
      members: Array.from({ length: 11 }, (_, index) => `page${index + 1}`),
      invokes: [{ src: 'load*' }],
    });
    expect(arrows('wizard')).toContain('(root): from every page: RESET → page0');
    expect(arrows('wizard')).toContain('page1 … page11: BACK (to the one before) → page1 … page11');
    expect(arrows('wizard')).toContain('page1 … page11: OPEN* (page1 → page6, …) → page1 … page11');
    expect(notes).toContain('a transition that many states share is drawn once: RESET of every page');
  });

  test('nothing of what is not alike', () => {
    for (const name of ['store', 'star', 'mesh'] as const) {
      const graph = machineGraph(LARGE[name]);
      expect(foldMachine(graph).graph).toEqual(graph);
    }
  });

  test('not what has other marks, and what has them keeps them', () => {
    const graph = machineGraph(LARGE.ring);
    const { graph: drawn, marks } = foldMachine(graph, highlight(graph, ['s7', 's8', 's9', 's20', 's20 NEXT']));
    expect(drawn.states.map(({ path }) => [path, marks.states.get(path)]).slice(2)).toEqual([
      ['s*', undefined],
      ['s7 … s9', 'highlighted'],
      ['s20', 'highlighted'],
    ]);
    expect([...marks.transitions]).toEqual([['s20 NEXT', 'highlighted']]);
  });

  test('each transition is still there, by its id', () => {
    for (const machine of [...Object.values(LARGE), ...Object.values(EXAMPLES)]) {
      const graph = machineGraph(machine);
      const { transitions } = foldMachine(graph).graph;
      const ids = transitions.flatMap(({ id, members = [id] }) => members);
      expect(ids.sort()).toEqual(graph.transitions.map(({ id }) => id).sort());
    }
  });

  test('families within families', () => {
    const inner = (group: number) =>
      Object.fromEntries(
        [0, 1, 2, 3].map((step) => [`step${step}`, { entry: `log${group}`, on: { GO: `step${(step + 1) % 4}` } }]),
      );
    const states = Object.fromEntries(
      [10, 11, 12, 13].map((group) => [
        `group${group}`,
        { initial: 'step0', states: inner(group), on: { SWITCH: `group${10 + ((group + 1) % 4)}` } },
      ]),
    );
    const { graph } = foldMachine(machineGraph(createMachine({ id: 'deep', initial: 'group10', states } as never)));
    expect(graph.states.map(({ path }) => path)).toEqual([
      '(root)',
      'group10',
      'group10.step0',
      'group10.step1 … step3',
      'group11 … group13',
      'group11 … group13.step0',
      'group11 … group13.step1 … step3',
    ]);
  });

  test('is asked for by what is large only', () => {
    expect(Object.values(EXAMPLES).filter((machine) => isLarge(machineGraph(machine)))).toEqual([]);
    expect(Object.values(LARGE).every((machine) => isLarge(machineGraph(machine)))).toBe(true);
  });
});

describe('all formats say the same', () => {
  test.each(['svg', 'dot', 'mermaid', 'plantuml', 'text', 'json'] as const)('%s', async (format) => {
    const text = String(await renderDiagram(folded('wizard'), format));
    const plain = text
      .replaceAll(/#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      .replaceAll('&quot;', '"')
      .replaceAll(/<br\/?>|\\n|<[^>]*>/g, ' ')
      .replaceAll(/[\s\u00a0]+/g, ' ');
    expect(plain).toContain('page1 … page11');
    expect(plain).toMatch(/every page/);
    expect(plain).toMatch(/to the next/);
    expect(plain).toMatch(/11 alike|"members"/);
    if (format === 'json')
      expect(diagramSchema.parse(JSON.parse(text))).toMatchObject({ notes: folded('wizard').notes });
    else expect(plain).toMatch(/states that differ in their number only are drawn as one/);
  });
});

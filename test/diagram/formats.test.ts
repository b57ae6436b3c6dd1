/** Every state and every transition is in every format exactly once. */
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { JSDOM } from 'jsdom';
import { render as renderBySmcat } from 'state-machine-cat';
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import * as library from '../../machines/index.ts';
import { diagramSchema } from '../../src/diagram/diagram-json.ts';
import { type MachineGraph, machineGraph, ROOT, rootHasOwn } from '../../src/diagram/machine-graph.ts';
import { OWN_NAMESPACE } from '../../src/diagram/machine-scxml.ts';
import { DIAGRAM_FORMATS, type DiagramFormat, renderDiagram } from '../../src/diagram/render.ts';
import { isMachine } from '../../src/system/xstate.ts';
import fc from '../fast-check.ts';
import { EXAMPLES } from './example-machines.ts';
import { type RandomMachine, randomMachine } from './random-machine.ts';

const { DOMParser } = new JSDOM().window;

async function textOf(graph: MachineGraph, format: DiagramFormat): Promise<string> {
  return (await renderDiagram(graph, format)) as string;
}

function xml(text: string): Document {
  const document = new DOMParser().parseFromString(text, 'application/xml');
  expect(document.querySelector('parsererror')?.textContent).toBeUndefined();
  return document;
}

/** How often something is declared as a state in a text, by a pattern with the state's key as its first group. */
function declared(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, key]) => key!).sort();
}

/** Every word once, in label text. */
function expectEach(words: readonly string[], text: string): void {
  const found = text.match(/\b[gF]\d+\b/g) ?? [];
  expect([...found].sort()).toEqual([...words].sort());
}

type Check = (machine: RandomMachine, graph: MachineGraph) => Promise<void>;

const CHECKS: Readonly<Record<Exclude<DiagramFormat, 'png'>, Check>> = {
  async json({ keys, words }, graph) {
    const document = diagramSchema.parse(JSON.parse(await textOf(graph, 'json')));
    if (document.of !== 'machine') throw new Error('no machine');
    expect(document.states.map(({ name }) => name).sort()).toEqual([...keys, 'random'].sort());
    expectEach(words, document.transitions.map(({ guard, event }) => guard ?? event).join(' '));
    expect(new Set(document.transitions.map(({ id }) => id)).size).toBe(words.length);
  },
  async text({ keys, words }, graph) {
    const text = await textOf(graph, 'text');
    expect(declared(text, /[├└]─ (?:[●◎↺═]+ )?(s\d+)/g)).toEqual([...keys].sort());
    expectEach(words, text);
  },
  async mermaid({ keys, words }, graph) {
    const text = await textOf(graph, 'mermaid');
    expect(declared(text, /state "(?:H(?:#42;)? )?(s\d+)(?:"|<br)/g)).toEqual([...keys].sort());
    expectEach(words, text);
  },
  async plantuml({ keys, words }, graph) {
    const text = await textOf(graph, 'plantuml');
    expect(declared(text, /state "(s\d+)" as/g)).toEqual([...keys].sort());
    expectEach(words, text);
  },
  async dot({ keys, words }, graph) {
    const text = await textOf(graph, 'dot');
    // It throws where it does not understand.
    expect((await Graphviz.load()).layout(text, 'plain')).toMatch(/^graph /);
    const states = declared(text, /id="state ([^"]*)"/g).map((path) => path.split('.').at(-1)!);
    expect(states.filter((name) => name !== ROOT).sort()).toEqual([...keys].sort());
    expectEach(words, text.replaceAll(/(tooltip|id)="[^"]*"|"transition [^"]*"/g, ''));
  },
  async svg({ keys, words }, graph) {
    const document = xml(await textOf(graph, 'svg'));
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    const states = ids.flatMap((id) => (id.startsWith('state ') ? [id.slice(6).split('.').at(-1)!] : []));
    expect(states.filter((name) => name !== ROOT).sort()).toEqual([...keys].sort());
    expectEach(words, [...document.querySelectorAll('text')].map((element) => element.textContent).join(' '));
  },
  async scxml({ keys, words }, graph) {
    const document = xml(await textOf(graph, 'scxml'));
    const own = (name: string) =>
      [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNS(OWN_NAMESPACE, name) ?? []);
    const states = own('path').map((path) => path.split('.').at(-1)!);
    expect(states.filter((name) => name !== ROOT).sort()).toEqual([...keys].sort());
    const transitions = [...document.querySelectorAll('transition')];
    const labels = transitions.map((element) => element.getAttribute('cond') ?? element.getAttribute('event') ?? '');
    expectEach(words, labels.join(' '));
    expect(new Set(own('id')).size).toBe(words.length);
  },
};

describe.each(Object.entries(CHECKS))('%s', (format, check) => {
  test('has every state and every transition of any machine exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(randomMachine, async (random) => check(random, machineGraph(random.machine))),
      { numRuns: format === 'svg' || format === 'dot' ? 30 : 80 },
    );
  });
});

describe('SCXML', () => {
  /** What a graph says, as far as SCXML can: what must come back. */
  const facts = (graph: MachineGraph) => ({
    states: Object.fromEntries(
      graph.states
        .filter(({ path }) => path !== ROOT || rootHasOwn(graph))
        .map(({ path, kind, history, entry, exit }) => [path, { kind, history, entry, exit }]),
    ),
    transitions: graph.transitions.map(({ id, source, guard, actions, targets, kind }) => ({
      id,
      source,
      guard,
      actions,
      targets,
      internal: kind === 'local',
    })),
  });

  /** The same facts, read from the text by an XML parser. */
  const parsed = (text: string): ReturnType<typeof facts> => {
    const document = xml(text);
    const pathOf = (element: Element) => element.getAttributeNS(OWN_NAMESPACE, 'path')!;
    const children = (element: Element, name: string) =>
      [...element.children].filter(({ tagName }) => tagName === name);
    const scripts = (element: Element) => children(element, 'script').map(({ textContent }) => textContent!);
    const block = (element: Element, name: string) => children(element, name).flatMap(scripts);
    const elements = [...document.querySelectorAll('*')].filter((element) => pathOf(element) !== null);
    const byId = new Map(elements.map((element) => [element.id, pathOf(element)]));
    return {
      states: Object.fromEntries(
        elements.map((element) => {
          const nested = ['state', 'parallel', 'final', 'history'].some((name) => children(element, name).length > 0);
          const { tagName } = element;
          const kind = tagName === 'state' ? (nested ? 'compound' : 'atomic') : (tagName as 'final');
          const history = tagName === 'history' ? (element.getAttribute('type') as 'deep') : null;
          return [pathOf(element), { kind, history, entry: block(element, 'onentry'), exit: block(element, 'onexit') }];
        }),
      ),
      transitions: elements
        .filter(({ tagName }) => tagName !== 'history')
        .flatMap((element) => children(element, 'transition'))
        .map((element) => ({
          id: element.getAttributeNS(OWN_NAMESPACE, 'id')!,
          source: pathOf(element.parentElement!),
          guard: element.getAttribute('cond'),
          actions: scripts(element),
          targets: (element.getAttribute('target')?.split(' ') ?? []).map((id) => byId.get(id)!),
          internal: element.getAttribute('type') === 'internal',
        })),
    };
  };

  test.each(Object.entries(EXAMPLES))('of %s comes back as it was', async (_name, machine) => {
    const graph = machineGraph(machine);
    expect(parsed(await textOf(graph, 'scxml'))).toEqual(facts(graph));
  });

  test('of any machine comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(randomMachine, async ({ machine }) => {
        const graph = machineGraph(machine);
        expect(parsed(await textOf(graph, 'scxml'))).toEqual(facts(graph));
      }),
      { numRuns: 50 },
    );
  });

  test.each(['lending', 'booking', 'retried', 'player', 'creditCheck'] as const)(
    'of %s is read by state-machine-cat',
    async (name) => {
      const graph = machineGraph(EXAMPLES[name]);
      const text = await textOf(graph, 'scxml');
      const json = (await renderBySmcat(text, { inputType: 'scxml', outputType: 'json' })) as unknown;
      interface Machine {
        states: { name: string; type: string; statemachine?: Machine }[];
        transitions?: { event?: string }[];
      }
      const all = (machine: Machine): { states: string[]; transitions: number } => {
        const inner = machine.states.flatMap(({ statemachine }) => (statemachine ? [all(statemachine)] : []));
        return {
          // It makes initial pseudo-states of `initial` attributes, with a transition each.
          states: [
            ...machine.states.filter(({ type }) => type !== 'initial').map((state) => state.name),
            ...inner.flatMap(({ states }) => states),
          ],
          transitions:
            (machine.transitions?.length ?? 0) + inner.reduce((sum, { transitions }) => sum + transitions, 0),
        };
      };
      const read = all((typeof json === 'string' ? JSON.parse(json) : json) as Machine);
      const states = graph.states.slice(rootHasOwn(graph) ? 0 : 1);
      expect(read.states).toHaveLength(states.length);
      const initials = graph.states.filter(({ initial }) => initial).length + (rootHasOwn(graph) ? 1 : 0);
      const targets = graph.transitions.reduce((sum, { targets }) => sum + Math.max(1, targets.length), 0);
      expect(read.transitions).toBe(targets + initials);
    },
  );
});

describe('pictures', () => {
  test.each(Object.entries(EXAMPLES))('of %s can be drawn in every format', async (_name, machine) => {
    const graph = machineGraph(machine);
    for (const format of DIAGRAM_FORMATS) {
      if (format === 'png') continue;
      expect((await textOf(graph, format)).length).toBeGreaterThan(40);
    }
    const ids = [...xml(await textOf(graph, 'svg')).querySelectorAll('[id]')].map(({ id }) => id);
    const labels = graph.transitions.filter(({ kind }) => kind !== 'internal').map(({ id }) => `transition ${id}`);
    expect(ids.filter((id) => id.startsWith('transition ')).sort()).toEqual(labels.sort());
  });

  test('a PNG is one, with text in it', async () => {
    const png = (await renderDiagram(machineGraph(EXAMPLES.counter), 'png')) as Uint8Array;
    expect([...png.slice(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    // An empty box of this size takes less than 3 kB.
    expect(png.length).toBeGreaterThan(8000);
  });

  test('an SVG follows the reader to the dark, and has a fixed theme if asked for', async () => {
    const graph = machineGraph(EXAMPLES.counter);
    expect(await textOf(graph, 'svg')).toContain('prefers-color-scheme: dark');
    const dark = (await renderDiagram(graph, 'svg', { theme: 'dark' })) as string;
    const light = (await renderDiagram(graph, 'svg', { theme: 'light' })) as string;
    expect(dark).not.toContain('prefers-color-scheme');
    expect(dark).toContain('fill="#0d1117"');
    expect(light).toContain('fill="#ffffff"');
    expect(dark).not.toContain('fill="#ffffff"');
  });

  test('no text hangs out of the picture', async () => {
    for (const machine of Object.values(EXAMPLES)) {
      const document = xml(await textOf(machineGraph(machine), 'svg'));
      const [, , width] = document.documentElement.getAttribute('viewBox')!.split(' ').map(Number);
      for (const text of document.querySelectorAll('text')) {
        const size = Number(text.getAttribute('font-size'));
        expect(size).toBeGreaterThanOrEqual(9);
        expect(Number(text.getAttribute('x'))).toBeGreaterThanOrEqual(-20);
        expect(Number(text.getAttribute('x')) + text.textContent!.length * size * 0.4).toBeLessThan(width! + 20);
      }
    }
  });

  test('what is too large is refused with the formats that cope', async () => {
    const states = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`s${i}`, { on: { GO: `s${(i + 1) % 200}` } }]),
    );
    const graph = machineGraph(createMachine({ id: 'large', initial: 's0', states }));
    await expect(renderDiagram(graph, 'svg')).rejects.toThrow(/too large to be laid out: 201 states and 200 arrows/);
    await expect(renderDiagram(graph, 'png')).rejects.toMatchObject({
      hint: expect.stringContaining('json, text, scxml'),
    });
    expect(await textOf(graph, 'dot')).toContain('state s199');
  });

  test('every machine of the catalogue can be drawn', async () => {
    const machines = Object.values(library).filter(isMachine);
    for (const machine of machines) {
      const graph = machineGraph(machine);
      const document = xml(await textOf(graph, 'svg'));
      const drawn = [...document.querySelectorAll('[id^="state "]')].map(({ id }) => id.slice(6));
      const states = graph.states.slice(rootHasOwn(graph) ? 0 : 1).map(({ path }) => path);
      expect(drawn.sort()).toEqual(states.sort());
    }
    expect(machines.length).toBeGreaterThan(40);
  });
});

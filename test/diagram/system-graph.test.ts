import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { diagramSchema } from '../../src/diagram/diagram-json.ts';
import { foldFamilies } from '../../src/diagram/fold-families.ts';
import { machineGraph } from '../../src/diagram/machine-graph.ts';
import { coverageMarks, highlight } from '../../src/diagram/marks.ts';
import { renderDiagram } from '../../src/diagram/render.ts';
import { systemGraph } from '../../src/diagram/system-graph.ts';
import { actor, defineSystem } from '../../src/index.ts';
import type { Scenario } from '../../src/system/scenario.ts';
import { booking } from './example-machines.ts';

const build = (scenario: Scenario, variant: string, parameters = {}) =>
  scenario.build(scenario.parameters.parse(parameters), variant);

describe('who sends what to whom', () => {
  test('is found by stepping: through channels, and within a step', () => {
    const [variant] = Object.keys(pingPong.variants);
    const graph = systemGraph(build(pingPong, variant!), { name: 'ping-pong' });
    expect(graph.complete).toBe(true);
    expect(graph.links.every(({ channel }) => channel === graph.channels[0]!.name)).toBe(true);
    expect(graph.links).toHaveLength(2);
  });

  test('is the same from a few states and walks as from all of them', () => {
    const system = build(priOverflow, 'fixed', { devices: 1, queueEntries: 1, workers: 1 });
    const all = systemGraph(system, { name: 'x', maxStates: 1_000_000 });
    const few = systemGraph(system, { name: 'x', maxStates: 100 });
    expect(all.complete).toBe(true);
    expect(few).toMatchObject({ complete: false, states: 100 });
    expect(few.links).toEqual(all.links);
  });

  test('is the same every time', () => {
    const graph = () => systemGraph(build(priOverflow, 'fixed'), { name: 'x', maxStates: 500 });
    expect(graph()).toEqual(graph());
  });

  test('a step that is a model error does not keep the rest from being drawn', () => {
    const sender = setup({
      types: { events: {} as { type: 'GO' } | { type: 'OTHER' } },
    }).createMachine({
      id: 'sender',
      on: {
        GO: { actions: ({ system }) => system.get('nobody') },
        OTHER: {},
      },
    });
    const system = defineSystem({ actors: { a: actor(sender, { choices: [{ type: 'GO' }] }) } });
    expect(systemGraph(system, { name: 'x' })).toMatchObject({ actors: [{ name: 'a', choices: ['GO'] }] });
  });
});

describe('families', () => {
  const folded = foldFamilies(
    systemGraph(build(priOverflow, 'fixed', { posted: true }), { name: 'x', maxStates: 2000 }),
  );

  test('are one box each, with all of their links', () => {
    expect(folded.actors.map(({ name, members }) => `${name} ${members.length}`)).toEqual([
      'dev*-prg* 2',
      'dev* 2',
      'priq 1',
      'priqThread 1',
      'slot* 2',
      'core* 2',
      'workQueue 1',
      'worker* 2',
      'page* 2',
    ]);
    expect(folded.channels).toMatchObject([{ name: 'dev*-link', members: ['dev0-link', 'dev1-link'] }]);
    expect(folded.links).toContainEqual({
      from: 'dev*',
      to: 'priq',
      channel: 'dev*-link',
      messages: ['PAGE_REQUEST'],
    });
  });

  test('a member is highlighted as its family', () => {
    expect([...highlight(folded, ['dev1', 'dev0-link']).states]).toEqual([['dev*', 'highlighted']]);
    expect([...highlight(folded, ['dev1', 'dev0-link']).transitions]).toEqual([['dev*-link', 'highlighted']]);
    expect(() => highlight(folded, ['priqq'])).toThrow('no actor and no channel "priqq"');
  });

  test('can be drawn in every format but SCXML', async () => {
    const marks = highlight(folded, ['priq', 'dev0-link']);
    for (const format of ['svg', 'dot', 'mermaid', 'plantuml', 'text'] as const) {
      const text = (await renderDiagram(folded, format, { marks })) as string;
      // Each format writes `*` and `-` in its own way.
      const plain = text.replaceAll(/#42;|<U\+002A>/g, '*').replaceAll('&#45;', '-');
      const missing = [...folded.actors.map(({ name }) => name), 'READ_ENTRY'].filter((name) => !plain.includes(name));
      expect(missing).toEqual([]);
    }
    const document = diagramSchema.parse(JSON.parse((await renderDiagram(folded, 'json', { marks })) as string));
    expect(document).toMatchObject({ of: 'system', version: 1, complete: false });
    await expect(renderDiagram(folded, 'scxml')).rejects.toThrow('SCXML describes one machine');
  });
});

describe('coverage', () => {
  const graph = machineGraph(booking);
  const coverage = (states: string[], transitions: string[]) => ({ machines: { booking: { states, transitions } } });

  test('marks everything, and a state by what lies in it', () => {
    const marks = coverageMarks(graph, coverage(['scheduling.oneWay'], ['scheduling.oneWay BOOK']), ['booking']);
    expect(marks.states.get('scheduling')).toBe('covered');
    expect(marks.states.get('scheduling.oneWay')).toBe('covered');
    expect(marks.states.get('scheduling.roundTrip')).toBe('uncovered');
    expect(marks.transitions.get('scheduling.oneWay BOOK')).toBe('covered');
    expect(marks.transitions.get('scheduling.roundTrip BOOK')).toBe('uncovered');
    expect(marks.transitions.size).toBe(graph.transitions.length);
  });

  test('of another machine, or another version of it, is refused', () => {
    expect(() => coverageMarks(graph, coverage([], []), ['bookin'])).toThrow('the coverage has no machine "bookin"');
    expect(() => coverageMarks(graph, coverage(['nowhere'], []), ['booking'])).toThrow(/state "nowhere"/);
    expect(() => coverageMarks(graph, coverage([], ['sending BOOK']), ['booking'])).toThrow(
      /transition "sending BOOK"/,
    );
  });

  test('is seen in every format', async () => {
    const marks = coverageMarks(graph, coverage(['booked'], ['sending onDone booker']), ['booking']);
    for (const format of ['text', 'mermaid', 'plantuml'] as const) {
      const text = (await renderDiagram(graph, format, { marks })) as string;
      expect(text).toMatch(/✔ onDone/);
      expect(text).toMatch(/✘ onError/);
    }
    for (const format of ['svg', 'dot', 'scxml', 'json'] as const) {
      const text = (await renderDiagram(graph, format, { marks })) as string;
      expect(text).toMatch(/uncovered/);
      expect(text).toMatch(/\bcovered/);
    }
  });
});

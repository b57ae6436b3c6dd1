/** State graphs as text for other programs. */
import { UsageError } from '../system/errors.ts';
import { visible } from '../system/visible.ts';
import type { GraphNode, StateGraph } from './graph.ts';

export const GRAPH_FORMATS = ['dot', 'graphml', 'json', 'aut'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/**
 * DOT of Graphviz: violated states are red, what is on the trace is bold, what was not expanded is dashed.
 *
 * @example
 * ```ts
 * import { stateGraph, toDot } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const graph = await stateGraph(lights, { maxStates: 100 });
 * toDot(graph, 'lights').startsWith('digraph'); // => true
 * ```
 */
export function toDot({ initial, nodes, edges }: StateGraph, title: string): string {
  const lines = [
    `digraph ${quoted(title)} {`,
    `  label=${quoted(title)};`,
    '  rankdir=TB;',
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=10];',
    '  edge [fontname="Helvetica", fontsize=9];',
    '  start [shape=point];',
    ...initial.map((id) => `  start -> ${id};`),
  ];
  for (const node of nodes) {
    const style = ['rounded', ...(node.expanded ? [] : ['dashed']), ...(node.onTrace ? ['bold'] : [])].join(',');
    const colour = node.violated.length > 0 ? ', color="#c0392b", fontcolor="#c0392b"' : '';
    lines.push(`  ${node.id} [label=${quoted(linesOf(node).join('\n'))}, style="${style}"${colour}];`);
  }
  for (const { from, to, label, onTrace } of edges) {
    lines.push(`  ${from} -> ${to} [label=${quoted(label)}${onTrace ? ', style=bold, penwidth=2' : ''}];`);
  }
  return `${lines.join('\n')}\n}\n`;
}

export function linesOf({ values, states, violated }: GraphNode): string[] {
  return [
    ...Object.entries(values).map(([name, text]) => `${name}: ${text}`),
    ...(states > 1 ? [`(${states} states)`] : []),
    ...violated.map((name) => `violated: ${name}`),
  ];
}

function quoted(text: string): string {
  return `"${visible(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/**
 * GraphML, as yEd, Gephi, NetworkX and igraph read it.
 *
 * @example
 * ```ts
 * import { stateGraph, toGraphml } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const graph = await stateGraph(lights, { maxStates: 100 });
 * toGraphml(graph, 'lights').startsWith('<?xml'); // => true
 * ```
 */
export function toGraphml({ initial, nodes, edges }: StateGraph, title: string): string {
  const names = [...new Set(nodes.flatMap(({ values }) => Object.keys(values)))];
  const key = (id: string, of: string, name: string, type: string) =>
    `  <key id="${id}" for="${of}" attr.name="${escaped(name)}" attr.type="${type}"/>`;
  const data = (id: string, value: unknown) => `<data key="${id}">${escaped(String(value))}</data>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"',
    '    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    '    xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
    key('label', 'node', 'label', 'string'),
    key('initial', 'node', 'initial', 'boolean'),
    key('states', 'node', 'states', 'int'),
    key('violated', 'node', 'violated', 'string'),
    key('onTrace', 'node', 'onTrace', 'boolean'),
    key('expanded', 'node', 'expanded', 'boolean'),
    ...names.map((name, at) => key(`value${at}`, 'node', name, 'string')),
    key('step', 'edge', 'label', 'string'),
    key('stepOnTrace', 'edge', 'onTrace', 'boolean'),
    `  <graph id="${escaped(title)}" edgedefault="directed">`,
    ...nodes.map((node) =>
      [
        `    <node id="n${node.id}">`,
        data('label', linesOf(node).join('\n')),
        data('initial', initial.includes(node.id)),
        data('states', node.states),
        data('violated', node.violated.join('; ')),
        data('onTrace', node.onTrace),
        data('expanded', node.expanded),
        ...names.flatMap((name, at) =>
          node.values[name] === undefined ? [] : [data(`value${at}`, node.values[name])],
        ),
        '</node>',
      ].join(''),
    ),
    ...edges.map(
      ({ from, to, label, onTrace }, at) =>
        `    <edge id="e${at}" source="n${from}" target="n${to}">${data('step', label)}${data('stepOnTrace', onTrace)}</edge>`,
    ),
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}');
}

/**
 * The Aldebaran format of CADP and mCRL2: labels only; states are numbers, the initial one is 0.
 *
 * @throws UsageError for a graph with several initial states
 *
 * @example
 * ```ts
 * import { stateGraph, toAut } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const graph = await stateGraph(lights, { maxStates: 100 });
 * toAut(graph).startsWith('des '); // => true
 * ```
 */
export function toAut({ initial, nodes, edges }: StateGraph): string {
  if (initial.length > 1) {
    throw new UsageError(
      `a graph in the format aut has one initial state, and this one has ${initial.length}`,
      `the other formats have as many as there are: ${GRAPH_FORMATS.filter((format) => format !== 'aut').join(', ')}`,
    );
  }
  const lines = edges.map(
    ({ from, to, label }) => `(${from}, "${label.replaceAll(/\s+/g, ' ').replaceAll('"', "'")}", ${to})`,
  );
  return `${[`des (0, ${edges.length}, ${nodes.length})`, ...lines].join('\n')}\n`;
}

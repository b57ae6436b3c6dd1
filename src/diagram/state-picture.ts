/**
 * The states of a system, and the steps between them, as a picture that looks as the diagrams do: violated states are
 * red, what is on the trace is yellow, what was not looked behind is dashed.
 */
import { DiagramError } from './diagram-error.ts';
import { attributes, HEADER, lineHtml, linesHtml, quote, type Run } from './dot.ts';
import { fitted, LAYOUT_ARROWS, LAYOUT_STATES } from './draw.ts';
import { wrap } from './layout-text.ts';
import { MARK_SIGNS, type Mark } from './marks.ts';
import { boxInk, INK } from './palette.ts';
import { pictureIn, type RenderOptions } from './render.ts';

const BOX_WIDTH = 44;
const LABEL_WIDTH = 28;

/** What is drawn of a graph of states, as `stateGraph` gives it. */
export interface DrawnStates {
  readonly initial: readonly number[];
  readonly nodes: readonly {
    readonly id: number;
    readonly values: Readonly<Record<string, string>>;
    readonly states: number;
    readonly violated: readonly string[];
    readonly onTrace: boolean;
    readonly expanded: boolean;
  }[];
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    readonly label: string;
    readonly onTrace: boolean;
  }[];
}

export interface StatePictureOptions extends Pick<RenderOptions, 'theme' | 'pixelsMax' | 'tell'> {
  /** The most nodes (default: 150). */
  readonly nodesMax?: number;
  /** The most arrows; steps between the same two nodes are one (default: 400). */
  readonly arrowsMax?: number;
}

/**
 * @param title stands over the picture
 * @returns the text of an SVG, or the bytes of a PNG
 * @throws DiagramError when there are more nodes or arrows than are drawn
 *
 * @example
 * ```ts
 * import { renderStateGraph, stateGraph } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const graph = await stateGraph(lights, { maxStates: 100 });
 * String(await renderStateGraph(graph, 'lights', 'svg')).includes('</svg>'); // => true
 * ```
 */
export async function renderStateGraph(
  graph: DrawnStates,
  title: string,
  format: 'svg' | 'png',
  options: StatePictureOptions = {},
): Promise<string | Uint8Array> {
  const { nodesMax = LAYOUT_STATES, arrowsMax = LAYOUT_ARROWS } = options;
  const arrows = arrowsOf(graph);
  if (graph.nodes.length > nodesMax || arrows.length > arrowsMax) {
    throw new DiagramError(
      `the graph is too large to be drawn: ${graph.nodes.length} nodes and ${arrows.length} arrows, at most ${nodesMax} and ${arrowsMax}`,
      'draw a part of it, or write it as text for another program: toDot() and toGraphml() have no limit',
    );
  }
  return await pictureIn(format, title, options, (points) =>
    fitted((direction) => statesToDot(graph, arrows, title, direction), points, title),
  );
}

/** All steps from one node to another. */
interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly labels: Set<string>;
  onTrace: boolean;
}

function arrowsOf({ edges }: DrawnStates): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const { from, to, label, onTrace } of edges) {
    const key = `${from} ${to}`;
    const known = arrows.get(key);
    if (known) {
      known.labels.add(label);
      known.onTrace ||= onTrace;
    } else arrows.set(key, { from, to, labels: new Set([label]), onTrace });
  }
  return [...arrows.values()];
}

function statesToDot(
  { initial, nodes }: DrawnStates,
  arrows: readonly Arrow[],
  title: string,
  direction?: 'LR',
): string {
  const heading = lineHtml([{ text: title, bold: true, size: 14 }]);
  const dot = { shape: 'circle', width: 0.13, height: 0.13, fixedsize: 'true', style: 'filled', label: '' };
  return [
    `digraph ${quote(title)} {`,
    ...[
      ...HEADER,
      `graph${attributes({ label: `<${heading}>`, labelloc: 't', rankdir: direction })}`,
      ...initial.flatMap((id) => [
        `${quote(`start ${id}`)}${attributes({ ...dot, fillcolor: INK.line, color: INK.line, tooltip: 'an initial state' })}`,
        `${quote(`start ${id}`)} -> ${quote(`node ${id}`)}`,
      ]),
      ...nodes.map(box),
      ...arrows.flatMap(arrowLines),
    ].map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}

function box({ id, values, states, violated, onTrace, expanded }: DrawnStates['nodes'][number]): string {
  const mark: Mark | undefined = violated.length > 0 ? 'uncovered' : onTrace ? 'highlighted' : undefined;
  const { box, line } = boxInk(mark);
  const lines: Run[][] = [
    ...Object.entries(values).flatMap(([name, text]) =>
      wrap(`${name}: ${text}`, BOX_WIDTH).map((piece, index): Run[] =>
        index === 0 && piece.startsWith(`${name}:`)
          ? [{ text: `${name}:`, colour: INK.faint }, { text: piece.slice(name.length + 1) }]
          : [{ text: `\u00a0\u00a0\u00a0${piece}` }],
      ),
    ),
    ...(states > 1 ? [[{ text: `${states} states`, italic: true, colour: INK.faint }]] : []),
    ...violated.flatMap((name) =>
      wrap(`${MARK_SIGNS.uncovered} ${name}`, BOX_WIDTH).map((text): Run[] => [{ text, bold: true, colour: line }]),
    ),
  ];
  // A box without a line is none to Graphviz.
  const shown = lines.length > 0 ? lines : [[{ text: String(id) }]];
  const border = mark === undefined ? 1 : 2;
  const look = `BORDER="${border}" STYLE="ROUNDED${expanded ? '' : ',DASHED'}" COLOR="${line}" BGCOLOR="${box}"`;
  return `${quote(`node ${id}`)}${attributes({
    label: `<<TABLE ${look} CELLBORDER="0" CELLSPACING="0" CELLPADDING="5"><TR><TD ALIGN="LEFT"><FONT POINT-SIZE="10">${linesHtml(shown)}</FONT></TD></TR></TABLE>>`,
    id: `state ${id}`,
    class: mark === undefined ? 'state' : `state ${mark}`,
    tooltip: `state ${id}`,
  })}`;
}

function arrowLines({ from, to, labels, onTrace }: Arrow): string[] {
  const mark: Mark | undefined = onTrace ? 'highlighted' : undefined;
  const { line } = boxInk(mark);
  const lines = [...labels].flatMap((label) => wrap(label, LABEL_WIDTH)).map((text): Run[] => [{ text }]);
  const name = `step ${from} ${to}`;
  const label = `${quote(name)}${attributes({
    label: `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR><TD ALIGN="LEFT">${linesHtml(lines)}</TD></TR></TABLE>>`,
    fontsize: 10,
    fontcolor: mark === undefined ? undefined : line,
    id: name,
    class: mark === undefined ? 'step' : `step ${mark}`,
    tooltip: `from state ${from} to state ${to}`,
  })}`;
  const look = { color: mark === undefined ? undefined : line, penwidth: mark === undefined ? undefined : 2 };
  const [tail, middle, head] = [quote(`node ${from}`), quote(name), quote(`node ${to}`)];
  // Nodes are numbered by how far they are from the initial one; what leads back is given to Graphviz in reverse.
  const edges =
    to < from
      ? [
          `${middle} -> ${tail}${attributes({ ...look, dir: 'none' })}`,
          `${head} -> ${middle}${attributes({ ...look, dir: 'back' })}`,
        ]
      : [`${tail} -> ${middle}${attributes({ ...look, dir: 'none' })}`, `${middle} -> ${head}${attributes(look)}`];
  return [label, ...edges];
}

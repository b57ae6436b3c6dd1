/** Diagrams in all formats: which there are, and which of them can show what. */
import { DiagramError } from './diagram-error.ts';
import { toDiagramDocument } from './diagram-json.ts';
import { type Drawn, drawGraph } from './draw.ts';
import { machineToDot } from './machine-dot.ts';
import type { MachineGraph } from './machine-graph.ts';
import { machineToMermaid } from './machine-mermaid.ts';
import { machineToPlantuml } from './machine-plantuml.ts';
import { machineToScxml } from './machine-scxml.ts';
import { machineToText } from './machine-text.ts';
import { type Marks, NO_MARKS } from './marks.ts';
import type { Theme } from './palette.ts';
import { svgOf, svgToPng } from './picture.ts';
import { systemToDot } from './system-dot.ts';
import type { SystemGraph } from './system-graph.ts';
import { systemToMermaid, systemToPlantuml, systemToText } from './system-text-formats.ts';
import type { TextInk } from './text-ink.ts';

export const DIAGRAM_FORMATS = ['svg', 'png', 'mermaid', 'dot', 'scxml', 'plantuml', 'json', 'text'] as const;
export type DiagramFormat = (typeof DIAGRAM_FORMATS)[number];

export interface RenderOptions {
  readonly marks?: Marks;
  /** SVG and PNG: colours for a light or a dark background; `auto` (SVG only) leaves it to the reader's settings. */
  readonly theme?: Theme;
  /** SVG and PNG: the widest that a picture may be, as browsers show it (default: 4000). What is wider is divided, or shrunk. */
  readonly pixelsMax?: number;
  /** SVG and PNG: hears what was done about the width. */
  readonly tell?: (note: string) => void;
  /** Text: columns. */
  readonly width?: number;
  /** Text: how a terminal emphasises. */
  readonly ink?: TextInk;
}

const SUFFIXES: Readonly<Record<string, DiagramFormat>> = {
  svg: 'svg',
  png: 'png',
  mmd: 'mermaid',
  mermaid: 'mermaid',
  dot: 'dot',
  gv: 'dot',
  scxml: 'scxml',
  puml: 'plantuml',
  plantuml: 'plantuml',
  json: 'json',
  txt: 'text',
};

/** The suffixes of files that say their format: `.svg`, `.mmd`, … */
export const DIAGRAM_SUFFIXES: readonly string[] = Object.keys(SUFFIXES).map((suffix) => `.${suffix}`);

/** The suffix of files of a format, the first of those that say it. */
export function suffixOf(format: DiagramFormat): string {
  return `.${Object.keys(SUFFIXES).find((suffix) => SUFFIXES[suffix] === format)!}`;
}

export function formatOfFile(path: string): DiagramFormat | undefined {
  const [, suffix] = /\.(\w+)$/.exec(path) ?? [];
  return suffix === undefined ? undefined : SUFFIXES[suffix.toLowerCase()];
}

/**
 * @returns the PNG's bytes, or the text of any other format
 * @throws DiagramError when the format cannot show it, or it is too large to be laid out
 *
 * @example
 * ```ts
 * import { machineGraph, renderDiagram } from 'faultline';
 * import { light } from './lights.ts';
 *
 * String(await renderDiagram(machineGraph(light, 'light'), 'mermaid')).includes('stateDiagram-v2'); // => true
 * ```
 */
export async function renderDiagram(
  graph: MachineGraph | SystemGraph,
  format: DiagramFormat,
  { marks = NO_MARKS, theme, pixelsMax, tell, ...text }: RenderOptions = {},
): Promise<string | Uint8Array> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(toDiagramDocument(graph, marks), null, 2)}\n`;
    case 'text':
      return graph.kind === 'machine' ? machineToText(graph, marks, text) : systemToText(graph, marks, text);
    case 'mermaid':
      return graph.kind === 'machine' ? machineToMermaid(graph, marks) : systemToMermaid(graph, marks);
    case 'plantuml':
      return graph.kind === 'machine' ? machineToPlantuml(graph, marks) : systemToPlantuml(graph, marks);
    case 'scxml':
      if (graph.kind === 'machine') return machineToScxml(graph, marks);
      throw new DiagramError('SCXML describes one machine, not a system', 'choose an actor, or another format');
    case 'dot':
      return dotOf(graph, marks);
    case 'svg':
    case 'png':
      return await pictureIn(format, graph.name, { theme, pixelsMax, tell }, (points) =>
        drawGraph(graph, marks, points),
      );
  }
}

/** In a point. */
const CSS_PIXELS = 4 / 3;
const PIXELS_MAX = 4000;

/** What is drawn so wide, in points, as a file. */
export async function pictureIn(
  format: 'svg' | 'png',
  title: string,
  {
    theme,
    pixelsMax = PIXELS_MAX,
    tell = () => {},
  }: { [Key in 'theme' | 'pixelsMax' | 'tell']?: RenderOptions[Key] | undefined },
  draw: (widthMax: number) => Promise<Drawn>,
): Promise<string | Uint8Array> {
  const points = pixelsMax / CSS_PIXELS;
  const { picture, notes } = await draw(points);
  for (const note of notes) tell(note);
  if (format === 'svg') return svgOf(picture, title, theme, points);
  const colours = theme === 'dark' ? 'dark' : 'light';
  return svgToPng(svgOf(picture, title, colours, points), colours);
}

function dotOf(graph: MachineGraph | SystemGraph, marks: Marks): string {
  return graph.kind === 'machine' ? machineToDot(graph, marks) : systemToDot(graph, marks);
}

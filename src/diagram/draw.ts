/**
 * A graph as a picture that is not too wide. Of what is too wide the arrows lead to the right instead of downwards; where
 * that makes it too high, states with contents get pictures of their own; where there are none, all is drawn smaller.
 */
import { DiagramError } from './diagram-error.ts';
import { divide } from './divide-machine.ts';
import { HEADER, noteLines } from './dot.ts';
import { machineToDot } from './machine-dot.ts';
import type { MachineGraph } from './machine-graph.ts';
import type { Marks } from './marks.ts';
import { type LaidOut, layOut, stacked } from './picture.ts';
import { quotedList } from './remarks.ts';
import { systemToDot } from './system-dot.ts';
import type { SystemGraph } from './system-graph.ts';

/** Beyond these nobody can read the picture, and Graphviz's `dot` may take minutes for it. */
export const LAYOUT_STATES = 150;
export const LAYOUT_ARROWS = 400;

export interface Drawn {
  readonly picture: LaidOut;
  /** What was done about its width. */
  readonly notes: readonly string[];
}

/**
 * @param widthMax in points
 * @throws DiagramError for what is too large to be laid out, and cannot be divided
 */
export async function drawGraph(graph: MachineGraph | SystemGraph, marks: Marks, widthMax: number): Promise<Drawn> {
  if (graph.kind === 'machine') return await drawMachine(graph, marks, widthMax);
  checkSize(graph);
  return shrunkIfWide(await layOut(systemToDot(graph, marks)), widthMax, graph.name);
}

/** The picture, turned if it is too wide and that makes it narrower. */
export async function fitted(dotOf: (direction?: 'LR') => string, widthMax: number, name: string): Promise<Drawn> {
  const picture = await layOut(dotOf());
  if (picture.width <= widthMax) return { picture, notes: [] };
  const turned = await layOut(dotOf('LR'));
  return shrunkIfWide(turned.width < picture.width ? turned : picture, widthMax, name);
}

async function drawMachine(graph: MachineGraph, marks: Marks, widthMax: number): Promise<Drawn> {
  const isTooLarge = tooLarge(graph);
  let picture: LaidOut | undefined;
  if (!isTooLarge) {
    picture = await layOut(machineToDot(graph, marks));
    if (picture.width <= widthMax) return { picture, notes: [] };
    const turned = await layOut(machineToDot(graph, marks, 'LR'));
    if (Math.max(turned.width, turned.height) <= widthMax) return { picture: turned, notes: [] };
    if (turned.width < picture.width) picture = turned;
  }
  const division = divide(graph);
  if (division) return await drawDivided(graph, marks, widthMax, division);
  if (!picture) checkSize(graph);
  return shrunkIfWide(picture!, widthMax, graph.name || graph.states[0]!.name);
}

async function drawDivided(
  graph: MachineGraph,
  marks: Marks,
  widthMax: number,
  { overview, parts, names }: NonNullable<ReturnType<typeof divide>>,
): Promise<Drawn> {
  const drawn: Drawn[] = [];
  for (const part of [overview, ...parts]) drawn.push(await drawMachine(part, marks, widthMax));
  const what = `too large for one picture: what is in ${quotedList(names)} is drawn below`;
  const notes = [what, ...drawn.flatMap((part) => part.notes)];
  const [first, ...others] = drawn.map(({ picture }) => picture) as [LaidOut, ...LaidOut[]];
  const below = stacked(others, widthMax);
  const said = await layOut(['digraph {', ...HEADER, ...noteLines([...graph.notes, what]), '}'].join('\n'));
  return { picture: stacked([first, below, said], 0), notes };
}

function shrunkIfWide(picture: LaidOut, widthMax: number, name: string): Drawn {
  if (picture.width <= widthMax) return { picture, notes: [] };
  const percent = Math.floor((100 * widthMax) / picture.width);
  return { picture, notes: [`${name} is too wide: it is drawn at ${percent} % of its size`] };
}

function tooLarge(graph: MachineGraph | SystemGraph): boolean {
  const [boxes, arrows] = sizeOf(graph);
  return boxes > LAYOUT_STATES || arrows > LAYOUT_ARROWS;
}

function sizeOf(graph: MachineGraph | SystemGraph): [boxes: number, arrows: number] {
  return graph.kind === 'machine'
    ? [graph.states.length, graph.transitions.filter(({ kind }) => kind !== 'internal').length]
    : [graph.actors.length, graph.links.length];
}

function checkSize(graph: MachineGraph | SystemGraph): void {
  if (!tooLarge(graph)) return;
  const [boxes, arrows] = sizeOf(graph);
  const what = graph.kind === 'machine' ? 'state' : 'actor';
  throw new DiagramError(
    `${graph.name} is too large to be laid out: ${boxes} ${what}s and ${arrows} arrows, at most ${LAYOUT_STATES} and ${LAYOUT_ARROWS}`,
    graph.kind === 'machine'
      ? 'json, text, scxml, mermaid, plantuml and dot have no limit (Graphviz lays out large DOT files with `sfdp`); --fold draws once what repeats'
      : 'json, text, mermaid, plantuml and dot have no limit; smaller parameters, or --fold, give a smaller picture',
  );
}

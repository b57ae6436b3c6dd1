/**
 * A system as DOT text: a box for each actor, and a label on each line that says what is sent along it. Solid: taken in
 * the step that sends it. Dashed: through the channel that the label names.
 */
import { attributes, HEADER, lineHtml, linesHtml, quote, type Run, wrapRuns } from './dot.ts';
import { wrap } from './layout-text.ts';
import { type Marks, NO_MARKS } from './marks.ts';
import { boxInk, INK } from './palette.ts';
import type { SystemActor, SystemGraph, SystemLink } from './system-graph.ts';
import { actorLines, channelText } from './system-words.ts';

const BOX_WIDTH = 30;
const LABEL_WIDTH = 30;

export function systemToDot(graph: SystemGraph, marks: Marks = NO_MARKS): string {
  const order = fromTheStart(graph);
  const title = lineHtml([{ text: graph.name, bold: true, size: 14 }]);
  return [
    `digraph ${quote(graph.name)} {`,
    ...[
      ...HEADER,
      `graph${attributes({ label: `<${title}>`, labelloc: 't', ranksep: 0.4 })}`,
      ...graph.actors.map((actor) => actorBox(actor, marks)),
      ...graph.links.flatMap((link) => arrow(graph, link, order, marks)),
    ].map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}

function actorBox(actor: SystemActor, marks: Marks): string {
  const { name } = actor;
  const mark = marks.states.get(name);
  const { box, line } = boxInk(mark);
  const { about, choices } = actorLines(actor);
  const lines: Run[][] = [
    [{ text: name, bold: true, size: 12 }],
    ...(about === '' ? [] : [[{ text: about, colour: INK.faint, size: 10 }]]),
    ...(choices === ''
      ? []
      : wrap(choices, BOX_WIDTH).map((text) => [{ text, italic: true, colour: INK.action, size: 10 }])),
  ];
  const look = `BORDER="${mark === undefined ? 1 : 2}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="5" COLOR="${line}" BGCOLOR="${box}"`;
  return `${quote(name)}${attributes({
    label: `<<TABLE ${look}><TR><TD>${linesHtml(lines, 'CENTER')}</TD></TR></TABLE>>`,
    id: `actor ${name}`,
    class: mark === undefined ? 'actor' : `actor ${mark}`,
    tooltip: actor.members.join(', '),
  })}`;
}

function arrow(graph: SystemGraph, link: SystemLink, order: ReadonlyMap<string, number>, marks: Marks): string[] {
  const { from, to, channel, messages } = link;
  const mark = channel === null ? undefined : marks.transitions.get(channel);
  const id = `${from} to ${to}${channel === null ? '' : ` by ${channel}`}`;
  const about = channel === null ? undefined : graph.channels.find(({ name }) => name === channel)!;
  const lines = [
    ...wrap(messages.join(', '), LABEL_WIDTH).map((text): Run[] => [{ text, bold: channel !== null }]),
    ...(about
      ? wrapRuns([{ text: `${about.name}: ${channelText(about)}`, italic: true, colour: INK.faint }], LABEL_WIDTH)
      : []),
  ];
  const fill = mark === undefined ? '' : ` BGCOLOR="${boxInk(mark).box}"`;
  const label = quote(id);
  const node = attributes({
    label: `<<TABLE BORDER="0"${fill} CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR><TD>${linesHtml(lines, 'CENTER')}</TD></TR></TABLE>>`,
    fontsize: 10,
    id: `link ${id}`,
    class: channel === null ? 'link' : 'link channel',
    tooltip: id,
  });
  const look = {
    style: channel === null ? undefined : 'dashed',
    color: mark === undefined ? undefined : boxInk(mark).line,
    penwidth: mark === undefined ? undefined : 2,
    tooltip: id,
  };
  const [tail, head] = [quote(from), quote(to)];
  // Downwards, or given to Graphviz in reverse: see machine-dot.ts.
  const edges =
    order.get(to)! > order.get(from)!
      ? [`${tail} -> ${label}${attributes({ ...look, dir: 'none' })}`, `${label} -> ${head}${attributes(look)}`]
      : [
          `${label} -> ${tail}${attributes({ ...look, dir: 'none' })}`,
          `${head} -> ${label}${attributes({ ...look, dir: 'back' })}`,
        ];
  return [`${label}${node}`, ...edges];
}

/** Actors by how far messages travel from those that may start something on their own. */
function fromTheStart({ actors, links }: SystemGraph): ReadonlyMap<string, number> {
  const ordered = new Set<string>();
  for (const { name, choices } of actors) {
    if (choices.length === 0) continue;
    ordered.add(name);
    for (const at of ordered) for (const { from, to } of links) if (from === at) ordered.add(to);
  }
  for (const { name } of actors) ordered.add(name);
  return new Map([...ordered].map((name, index) => [name, index]));
}

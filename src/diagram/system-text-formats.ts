/** A system as Mermaid's flowchart, as a PlantUML component diagram, and as an outline for a terminal. */
import { identifiers, withoutControls, wrap } from './layout-text.ts';
import { hanging, type TextOptions } from './machine-text.ts';
import { type Marks, NO_MARKS, signOf } from './marks.ts';
import { boxInk, INK } from './palette.ts';
import type { SystemGraph, SystemLink } from './system-graph.ts';
import { actorLines, channelText, incompleteness } from './system-words.ts';
import { plainInk } from './text-ink.ts';

const LABEL_WIDTH = 30;

export function systemToMermaid(graph: SystemGraph, marks: Marks = NO_MARKS): string {
  const idOf = identifiers(
    graph.actors.map(({ name }) => name),
    (id) => /^(end|subgraph|graph|flowchart|class|classdef|style|click|default|linkstyle|direction)$/.test(id),
  );
  const highlighted = graph.actors.filter(({ name }) => marks.states.get(name) !== undefined);
  return [
    '---',
    `title: ${JSON.stringify(withoutControls(graph.name))}`,
    '---',
    'flowchart TB',
    ...graph.actors.map((actor) => {
      const { about, choices } = actorLines(actor);
      const lines = [signOf(marks.states.get(actor.name)) + actor.name, about, ...wrap(choices, LABEL_WIDTH)];
      return `  ${idOf(actor.name)}["${lines.filter(Boolean).map(escapeMermaid).join('<br/>')}"]`;
    }),
    ...graph.links.map((link) => {
      const lines = linkLines(graph, link, marks).map(escapeMermaid).join('<br/>');
      return `  ${idOf(link.from)} ${link.channel === null ? '-->' : '-.->'}|"${lines}"| ${idOf(link.to)}`;
    }),
    ...(highlighted.length === 0
      ? []
      : [
          `  classDef highlighted fill:${INK.highlightedBox},stroke:${INK.highlightedLine},color:${INK.text},stroke-width:2px`,
          `  class ${highlighted.map(({ name }) => idOf(name)).join(',')} highlighted`,
        ]),
    '',
  ].join('\n');
}

export function systemToPlantuml(graph: SystemGraph, marks: Marks = NO_MARKS): string {
  const idOf = identifiers(graph.actors.map(({ name }) => name));
  return [
    '@startuml',
    `title ${escapePlantuml(graph.name)}`,
    ...graph.actors.map((actor) => {
      const mark = marks.states.get(actor.name);
      const { about, choices } = actorLines(actor);
      const lines = [signOf(mark) + actor.name, about, choices].filter(Boolean).map(escapePlantuml);
      const colour = mark === undefined ? '' : ` ${boxInk(mark).box};line:${boxInk(mark).line.slice(1)};line.bold`;
      return `rectangle "${lines.join('\\n')}" as ${idOf(actor.name)}${colour}`;
    }),
    ...graph.links.map((link) => {
      const lines = linkLines(graph, link, marks).map(escapePlantuml).join('\\n');
      return `${idOf(link.from)} ${link.channel === null ? '-->' : '..>'} ${idOf(link.to)} : ${lines}`;
    }),
    '@enduml',
    '',
  ].join('\n');
}

/** Each actor with what it sends: `→` is taken within the step, `⇢` goes through a channel. */
export function systemToText(
  graph: SystemGraph,
  marks: Marks = NO_MARKS,
  { width = 100, ink = plainInk }: TextOptions = {},
): string {
  const { actors, links, channels } = graph;
  const note = incompleteness(graph);
  return `${[
    ink.bold(withoutControls(graph.name)),
    ...actors.flatMap((actor, index) => {
      const last = index === actors.length - 1 && channels.length === 0;
      const { about, choices } = actorLines(actor);
      const mark = marks.states.get(actor.name);
      const rest = ink.dim(last ? '      ' : '│     ');
      const own = [...(choices === '' ? [] : hanging(choices, width - 6).map(ink.dim))];
      const sent = links
        .filter(({ from }) => from === actor.name)
        .flatMap((link) => {
          const target =
            link.channel === null
              ? `→ ${link.to}`
              : `⇢ ${link.to}  by ${signOf(marks.transitions.get(link.channel))}${link.channel}`;
          return hanging(`${link.messages.join(', ')} ${target}`, width - 6);
        });
      return [
        `${ink.dim(last ? '└─ ' : '├─ ')}${ink.marked(mark, signOf(mark) + ink.bold(actor.name))}${about === '' ? '' : ink.dim(`  ${about}`)}`,
        ...[...own, ...sent].map((line) => rest + line),
      ];
    }),
    ...channels.map((channel, index) => {
      const mark = marks.transitions.get(channel.name);
      const names = channel.members.length > 1 ? ` ×${channel.members.length}` : '';
      const line = index === channels.length - 1 ? '└─ ' : '├─ ';
      return `${ink.dim(line)}⇢ ${ink.marked(mark, signOf(mark) + ink.bold(channel.name))}${names}  ${ink.dim(channelText(channel))}`;
    }),
    ...(note === undefined ? [] : ['', ink.dim(note)]),
  ]
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

function linkLines(graph: SystemGraph, { channel, messages }: SystemLink, marks: Marks): string[] {
  const about = graph.channels.find(({ name }) => name === channel);
  const via = about && `${signOf(marks.transitions.get(about.name))}${about.name}: ${channelText(about)}`;
  return [...wrap(messages.join(', '), LABEL_WIDTH), ...(via === undefined ? [] : wrap(via, LABEL_WIDTH))];
}

function escapeMermaid(text: string): string {
  return withoutControls(text).replaceAll(/[#"<>`*&]/g, (character) => `#${character.charCodeAt(0)};`);
}

function escapePlantuml(text: string): string {
  return withoutControls(text).replaceAll(
    /["\\<>~*]/g,
    (character) => `<U+00${character.charCodeAt(0).toString(16).toUpperCase()}>`,
  );
}

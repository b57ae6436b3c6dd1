/**
 * A machine as an outline for a terminal: states as a tree, each with its transitions below it and where they lead.
 *
 *   ● initial state   ◎ final state   ↺ history   ═ parallel   → goes to   ⤾ stays
 */

import { withoutControls, wrap } from './layout-text.ts';
import {
  type GraphState,
  type GraphTransition,
  type MachineGraph,
  ROOT,
  stateLines,
  transitionText,
} from './machine-graph.ts';
import type { Marks } from './marks.ts';
import { NO_MARKS, signOf } from './marks.ts';
import { plainInk, type TextInk } from './text-ink.ts';

export interface TextOptions {
  readonly width?: number;
  readonly ink?: TextInk;
}

export function machineToText(
  graph: MachineGraph,
  marks: Marks = NO_MARKS,
  { width = 100, ink = plainInk }: TextOptions = {},
): string {
  const { states, transitions } = graph;
  const byPath = new Map(states.map((state) => [state.path, state]));

  const head = (state: GraphState): string => {
    const mark = marks.states.get(state.path);
    const name = state.path === ROOT ? graph.name : withoutControls(state.name);
    const parent = state.parent === null ? undefined : byPath.get(state.parent)!;
    const signs = [
      parent?.initial?.target === state.path ? '●' : '',
      { atomic: '', compound: '', parallel: '═', final: '◎', history: '↺' }[state.kind],
    ].join('');
    const notes = [
      ...(state.kind === 'parallel' ? ['parallel'] : []),
      ...(state.history === 'deep' ? ['deep history'] : state.history === 'shallow' ? ['history'] : []),
      ...(state.historyDefault.length === 0 ? [] : [`at first → ${names(state.historyDefault)}`]),
      ...(parent?.initial?.target === state.path && parent.initial.actions.length > 0
        ? [`initially / ${parent.initial.actions.join(', ')}`]
        : []),
    ];
    const shown = ink.marked(mark, signOf(mark) + ink.bold(name));
    return [
      signs === '' ? '' : `${signs} `,
      shown,
      notes.length === 0 ? '' : ink.dim(`  ${withoutControls(notes.join('; '))}`),
    ].join('');
  };

  const body = (state: GraphState, room: number): string[] => [
    ...stateLines(state).flatMap((line) => hanging(withoutControls(line), room).map((text) => ink.dim(text))),
    ...(state.description === null ? [] : hanging(`“${withoutControls(state.description)}”`, room).map(ink.dim)),
    ...transitions.filter(({ source }) => source === state.path).flatMap((transition) => reaction(transition, room)),
  ];

  const reaction = (transition: GraphTransition, room: number): string[] => {
    const mark = marks.transitions.get(transition.id);
    const { targets } = transition;
    const where = targets.length === 0 ? '⤾' : `→ ${names(targets)}`;
    const label = withoutControls(transitionText(transition));
    const lines = hanging(`${signOf(mark)}${label} ${where}`, room);
    return lines.map((line) => ink.marked(mark, line));
  };

  const names = (paths: readonly string[]) =>
    paths.map((path) => withoutControls(path === ROOT ? graph.name : path)).join(' + ');

  const tree = (state: GraphState, first: string, rest: string): string[] => {
    const below = state.children.length > 0 ? '│  ' : '   ';
    return [
      first + head(state),
      ...body(state, Math.max(20, width - rest.length - below.length)).map((line) => `${ink.dim(rest + below)}${line}`),
      ...state.children.flatMap((child, index) => {
        const last = index === state.children.length - 1;
        return tree(byPath.get(child)!, ink.dim(`${rest}${last ? '└─ ' : '├─ '}`), `${rest}${last ? '   ' : '│  '}`);
      }),
    ];
  };

  const notes = graph.notes.flatMap((note) => hanging(`note: ${withoutControls(note)}`, width).map(ink.dim));
  return `${[...tree(states[0]!, '', ''), ...(notes.length === 0 ? [] : ['']), ...notes]
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

/** Wrapped, all lines but the first indented. */
export function hanging(text: string, width: number): string[] {
  return wrap(text, width - 4).map((line, index) => (index === 0 ? line : `    ${line}`));
}

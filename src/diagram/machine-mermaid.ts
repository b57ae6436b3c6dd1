/**
 * A machine as Mermaid's stateDiagram-v2 (https://mermaid.js.org/syntax/stateDiagram.html).
 *
 * Mermaid has no history state and no colours on transitions: the one is a state called `H`, the others are signs in the
 * label. A transition is written in the innermost state that contains both ends where both are its children, and at
 * the end otherwise: Mermaid takes a state for a child of where a transition names it first.
 */
import { identifiers, withoutControls, wrap } from './layout-text.ts';
import {
  type GraphState,
  type GraphTransition,
  type MachineGraph,
  ROOT,
  rootHasOwn,
  stateLines,
  transitionText,
} from './machine-graph.ts';
import { type Marks, NO_MARKS, signOf } from './marks.ts';
import { INK } from './palette.ts';

const LABEL_WIDTH = 36;
/** Words of the grammar, the name of the whole diagram, and the names that Mermaid gives start and end marks. */
const RESERVED =
  /^(state|note|end|direction|class|classdef|style|as|default|fork|join|choice|root|click|hide|scale)$|_(start|end)$/;

export function machineToMermaid(graph: MachineGraph, marks: Marks = NO_MARKS): string {
  const { states, transitions } = graph;
  const byPath = new Map(states.map((state) => [state.path, state]));
  const forks = transitions.filter(({ targets, of }) => targets.length > 1 || of !== undefined).map(({ id }) => id);
  const idOf = identifiers([...states.map(({ path }) => path), ...forks], (id) => RESERVED.test(id));
  const framed = rootHasOwn(graph);
  const parentOf = (path: string) => byPath.get(path)!.parent;
  /** Where a transition is written: in this state, or at the end. Between regions there is no place for one. */
  const placeOf = ({ source, targets, of }: GraphTransition) => {
    const parent = of === undefined ? parentOf(source) : source;
    const near = targets.length === 1 && parent === parentOf(targets[0]!);
    return near && parent !== null && byPath.get(parent)!.kind !== 'parallel' ? parent : null;
  };

  const labelled = (transition: GraphTransition) =>
    escapeLabel(signOf(marks.transitions.get(transition.id)) + transitionText(transition));
  const arrows = (transition: GraphTransition): string[] => {
    const { id, source, targets, of } = transition;
    const [only, ...more] = targets;
    // There is no arrow that many states share: it starts at a box that says whose it is.
    if (of !== undefined) {
      const { of: _, ...rest } = transition;
      const label = labelled(rest);
      return [
        `state "${escapeString(`from ${of}`)}" as ${idOf(id)}`,
        ...targets.map((target) => `${idOf(id)} --> ${idOf(target)} : ${label}`),
      ];
    }
    if (only !== undefined && more.length === 0) return [`${idOf(source)} --> ${idOf(only)} : ${labelled(transition)}`];
    return [
      `state ${idOf(id)} <<fork>>`,
      `${idOf(source)} --> ${idOf(id)} : ${labelled(transition)}`,
      ...targets.map((target) => `${idOf(id)} --> ${idOf(target)}`),
    ];
  };

  const declaration = (state: GraphState): string[] => {
    const name = state.path === ROOT ? graph.name : state.name;
    const title = signOf(marks.states.get(state.path)) + titleOf(state, name);
    const own = [
      ...stateLines(state),
      ...transitions
        .filter(({ source, kind }) => source === state.path && kind === 'internal')
        .map((transition) => signOf(marks.transitions.get(transition.id)) + transitionText(transition)),
    ];
    const id = idOf(state.path);
    if (state.children.length === 0) {
      return [
        `state "${escapeString(title)}" as ${id}`,
        ...own.map((line) => `${id} : ${escapeLabel(line)}`),
        ...(state.kind === 'final' ? [`${id} --> [*]`] : []),
        ...state.historyDefault.flatMap((target) =>
          parentOf(target) === state.parent ? [`${id} --> ${idOf(target)}`] : [],
        ),
      ];
    }
    // The description lines of a state with contents are not drawn: they go into its title.
    const lines = [title, ...own.flatMap((line) => wrap(line, LABEL_WIDTH + 12))].map(escapeString).join('<br/>');
    return [`state "${lines}" as ${id} {`, ...indent(contents(state)), '}'];
  };

  const contents = (state: GraphState): string[] => {
    const children = state.children.map((path) => declaration(byPath.get(path)!));
    if (state.kind === 'parallel') return children.flatMap((lines, index) => (index === 0 ? lines : ['--', ...lines]));
    const { initial } = state;
    const actions = initial && initial.actions.length > 0 ? ` : ${escapeLabel(`/ ${initial.actions.join(', ')}`)}` : '';
    // A state may only be mentioned where it lies, and after it was declared.
    return [
      ...children.flat(),
      ...(initial && parentOf(initial.target) === state.path ? [`[*] --> ${idOf(initial.target)}${actions}`] : []),
      ...transitions
        .filter((transition) => transition.kind !== 'internal' && placeOf(transition) === state.path)
        .flatMap(arrows),
    ];
  };

  const root = states[0]!;
  const distant = transitions.filter((transition) => transition.kind !== 'internal' && placeOf(transition) === null);
  return [
    '---',
    `title: ${JSON.stringify(withoutControls(graph.name))}`,
    '---',
    'stateDiagram-v2',
    ...indent([
      ...(framed ? declaration(root) : contents(root)),
      ...distant.flatMap(arrows),
      ...states.flatMap(({ path, parent, historyDefault }) =>
        historyDefault.flatMap((target) => (parentOf(target) === parent ? [] : [`${idOf(path)} --> ${idOf(target)}`])),
      ),
      ...notes(graph, idOf, framed),
      ...classes(graph, marks, idOf, framed),
    ]),
    '',
  ].join('\n');
}

function titleOf({ kind, history }: GraphState, name: string): string {
  if (kind === 'history') return `${history === 'deep' ? 'H*' : 'H'} ${name}`;
  return name;
}

function classes(graph: MachineGraph, marks: Marks, idOf: (path: string) => string, framed: boolean): string[] {
  const shown = graph.states.filter(({ path }) => framed || path !== ROOT);
  const lines = (['highlighted', 'covered', 'uncovered', 'unreachable'] as const).map((mark) => ({
    mark,
    ids: shown.filter(({ path }) => marks.states.get(path) === mark).map(({ path }) => idOf(path)),
  }));
  return lines
    .filter(({ ids }) => ids.length > 0)
    .flatMap(({ mark, ids }) => [
      `classDef ${mark} fill:${INK[`${mark}Box`]},stroke:${INK[`${mark}Line`]},color:${INK.text},stroke-width:2px`,
      `class ${ids.join(',')} ${mark}`,
    ]);
}

/** Mermaid hangs a note on a state: on the first one. */
function notes(graph: MachineGraph, idOf: (path: string) => string, framed: boolean): string[] {
  const [first] = graph.states.slice(framed ? 0 : 1);
  if (graph.notes.length === 0 || first === undefined) return [];
  const lines = graph.notes.flatMap((note) => wrap(note, LABEL_WIDTH + 12)).map(escapeString);
  return [`note left of ${idOf(first.path)} : ${lines.join('<br/>')}`];
}

/** Mermaid's own entity codes, which its lexer sees as plain letters. */
function escapeString(text: string): string {
  return withoutControls(text).replaceAll(/[#"<>{};:%`\\*&]/g, (character) => `#${character.charCodeAt(0)};`);
}

function escapeLabel(text: string): string {
  return wrap(text, LABEL_WIDTH).map(escapeString).join('<br/>');
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

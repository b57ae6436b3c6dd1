/** A machine as a PlantUML state diagram (https://plantuml.com/state-diagram). */
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
import { boxInk } from './palette.ts';

const LABEL_WIDTH = 32;
const BOX_WIDTH = 48;
const NOTE_WIDTH = 80;

export function machineToPlantuml(graph: MachineGraph, marks: Marks = NO_MARKS): string {
  const { states, transitions } = graph;
  const byPath = new Map(states.map((state) => [state.path, state]));
  const forks = transitions.filter(({ targets, of }) => targets.length > 1 || of !== undefined).map(({ id }) => id);
  const idOf = identifiers([...states.map(({ path }) => path), ...forks], (id) =>
    /^(state|note|end|as|title|hide)$/.test(id),
  );

  const declaration = (state: GraphState): string[] => {
    const { path, kind, children } = state;
    const id = idOf(path);
    const mark = marks.states.get(path);
    const name = path === ROOT ? graph.name : state.name;
    const stereotype = kind === 'history' ? ` <<${state.history === 'deep' ? 'history*' : 'history'}>>` : '';
    const { box, line } = boxInk(mark);
    const colour = mark === undefined ? '' : ` ${box};line:${line.slice(1)};line.bold`;
    const head = `state "${escaped(signOf(mark) + name)}" as ${id}${stereotype}${colour}`;
    const own = [
      ...stateLines(state),
      ...transitions
        .filter(({ source, kind }) => source === path && kind === 'internal')
        .map((transition) => signOf(marks.transitions.get(transition.id)) + transitionText(transition)),
    ].flatMap((line) =>
      wrap(line, BOX_WIDTH).map((text, index) => `${id} : ${index === 0 ? '' : '   '}${escaped(text)}`),
    );
    return [
      ...(children.length === 0 ? [head] : [`${head} {`, ...indent(contents(state)), '}']),
      ...own,
      ...(kind === 'final' ? [`${id} --> [*]`] : []),
      ...state.historyDefault.map((target) => `${id} -[dashed]-> ${idOf(target)}`),
    ];
  };

  const contents = (state: GraphState): string[] => {
    const children = state.children.map((path) => declaration(byPath.get(path)!));
    const { initial } = state;
    const actions = initial && initial.actions.length > 0 ? ` : / ${escaped(initial.actions.join(', '))}` : '';
    return [
      ...(initial ? [`[*] --> ${idOf(initial.target)}${actions}`] : []),
      ...children.flatMap((lines, index) => (state.kind === 'parallel' && index > 0 ? ['--', ...lines] : lines)),
    ];
  };

  const arrows = (transition: GraphTransition): string[] => {
    const { of, ...rest } = transition;
    const { id, source, targets } = rest;
    const mark = marks.transitions.get(id);
    const arrow = mark === undefined ? '-->' : `-[${boxInk(mark).line},bold]->`;
    const label = wrap(signOf(mark) + transitionText(rest), LABEL_WIDTH)
      .map(escaped)
      .join('\\n');
    // There is no arrow that many states share: it starts at a box that says whose it is.
    if (of !== undefined) {
      return [
        `state "${escaped(`from ${of}`)}" as ${idOf(id)}`,
        ...targets.map((target) => `${idOf(id)} ${arrow} ${idOf(target)} : ${label}`),
      ];
    }
    const [only, ...more] = targets;
    if (only !== undefined && more.length === 0) return [`${idOf(source)} ${arrow} ${idOf(only)} : ${label}`];
    return [
      `state ${idOf(id)} <<fork>>`,
      `${idOf(source)} ${arrow} ${idOf(id)} : ${label}`,
      ...targets.map((target) => `${idOf(id)} ${arrow} ${idOf(target)}`),
    ];
  };

  const root = states[0]!;
  return [
    '@startuml',
    `title ${escaped(graph.name)}`,
    'hide empty description',
    ...(rootHasOwn(graph) ? declaration(root) : contents(root)),
    ...transitions.filter(({ kind }) => kind !== 'internal').flatMap(arrows),
    ...legend(graph),
    '@enduml',
    '',
  ].join('\n');
}

/** The notes, below the picture. */
function legend({ notes }: MachineGraph): string[] {
  if (notes.length === 0) return [];
  const lines = notes.flatMap((note) =>
    wrap(note, NOTE_WIDTH).map((text, index) => `${index === 0 ? '' : '   '}${escaped(text)}`),
  );
  return ['legend left', ...lines, 'endlegend'];
}

/** Unicode entities for what PlantUML's own markup (Creole) would take as its. */
function escaped(text: string): string {
  return withoutControls(text).replaceAll(/["\\<>~]|\*\*|\/\/|__|--/g, (piece) =>
    [...piece]
      .map((character) => `<U+${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}>`)
      .join(''),
  );
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

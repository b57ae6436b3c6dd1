/**
 * A machine in several pictures: one in which the states with contents are boxes, with the arrows between them, and one
 * for the contents of each. Invariant: each transition is in exactly one of them.
 */
import { type GraphState, type GraphTransition, isWithin, type MachineGraph, ROOT } from './machine-graph.ts';

export interface Division {
  readonly overview: MachineGraph;
  readonly parts: readonly MachineGraph[];
  /** What is drawn on its own, by name. */
  readonly names: readonly string[];
}

/** Undefined where nothing can be taken out: no state in it has contents of its own, beside others. */
export function divide(graph: MachineGraph): Division | undefined {
  const byPath = new Map(graph.states.map((state) => [state.path, state]));
  let container = graph.states[0]!;
  while (container.children.length === 1) container = byPath.get(container.children[0]!)!;
  const taken = container.children.map((child) => byPath.get(child)!).filter(({ children }) => children.length > 0);
  if (taken.length === 0) return undefined;

  const outsideOf = (path: string) => taken.find((state) => isWithin(path, state.path))?.path ?? path;
  const isInside = ({ source, targets }: GraphTransition, { path }: GraphState) =>
    [source, ...targets].every((end) => isWithin(end, path));
  const overview: MachineGraph = {
    ...graph,
    notes: [],
    states: graph.states
      .filter(({ path }) => outsideOf(path) === path)
      .map((state) => (taken.includes(state) ? closed(state, graph) : withHistory(state, outsideOf)))
      .map((state) => ({
        ...state,
        initial: state.initial && { ...state.initial, target: outsideOf(state.initial.target) },
      })),
    transitions: graph.transitions
      .filter((transition) => !taken.some((state) => isInside(transition, state)))
      .map((transition) => {
        const { source, targets, between } = transition;
        const place = [
          ...(between === undefined ? [] : [between]),
          ...(outsideOf(source) === source ? [] : [`from ${source.slice(outsideOf(source).length + 1)}`]),
          ...targets.flatMap((target) =>
            outsideOf(target) === target ? [] : [`to ${target.slice(outsideOf(target).length + 1)}`],
          ),
        ];
        return {
          ...transition,
          source: outsideOf(source),
          targets: [...new Set(targets.map(outsideOf))],
          ...(place.length > 0 && { between: place.join(', ') }),
        };
      }),
  };
  const parts = taken.map((state): MachineGraph => {
    const root: GraphState = { ...EMPTY_ROOT, name: state.name, id: graph.machineId, children: [state.path] };
    const inside = graph.states.filter(({ path }) => isWithin(path, state.path));
    return {
      ...graph,
      name: '',
      notes: [],
      states: [root, ...inside.map((one) => (one === state ? { ...one, parent: ROOT } : one))].map((one) =>
        withHistory(one, (target) => (isWithin(target, state.path) ? target : undefined)),
      ),
      transitions: graph.transitions.filter((transition) => isInside(transition, state)),
    };
  });
  return { overview, parts, names: taken.map(({ name }) => name) };
}

const EMPTY_ROOT = {
  path: ROOT,
  kind: 'compound',
  parent: null,
  initial: null,
  history: null,
  historyDefault: [],
  entry: [],
  exit: [],
  invokes: [],
  tags: [],
  output: null,
  description: null,
} as const;

/** A state as a box: what it does is in the picture of its contents. */
function closed(state: GraphState, { states }: MachineGraph): GraphState {
  const count = states.filter(({ path }) => path !== state.path && isWithin(path, state.path)).length;
  return {
    ...EMPTY_ROOT,
    path: state.path,
    id: state.id,
    name: state.name,
    kind: 'atomic',
    parent: state.parent,
    children: [],
    contents: count,
  };
}

function withHistory(state: GraphState, place: (target: string) => string | undefined): GraphState {
  return { ...state, historyDefault: state.historyDefault.flatMap((target) => place(target) ?? []) };
}

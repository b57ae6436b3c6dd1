/** A transition that many states have, drawn once: `from every page: RESET`. */
import { type GraphState, type GraphTransition, isWithin, type MachineGraph, ROOT } from './machine-graph.ts';
import type { Marks } from './marks.ts';
import { freeName, runsText } from './number-runs.ts';

/** That many states share a transition before it is drawn once. */
const SHARED_MIN = 5;

export function foldShared(graph: MachineGraph, marks: Marks): MachineGraph {
  const byPath = new Map(graph.states.map((state) => [state.path, state]));
  const groups = new Map<string, GraphTransition[]>();
  for (const transition of graph.transitions) {
    if (transition.targets.length === 0) continue;
    const { event, guard, actions, targets, reenter, description, id } = transition;
    const key = JSON.stringify([event, guard, actions, targets, reenter, description, marks.transitions.get(id)]);
    const group = groups.get(key);
    if (group) group.push(transition);
    else groups.set(key, [transition]);
  }
  const shared = [...groups.values()].filter(
    (group) => new Set(group.map(({ source }) => source)).size === group.length && group.length >= SHARED_MIN,
  );
  const groupOf = new Map(shared.flatMap((group) => group.map((transition) => [transition, group] as const)));
  const taken = new Set(graph.transitions.map(({ id }) => id));
  return {
    ...graph,
    transitions: graph.transitions.flatMap((transition): GraphTransition[] => {
      const group = groupOf.get(transition);
      if (!group) return [transition];
      if (group[0] !== transition) return [];
      const sources = group.map(({ source }) => source);
      const source = surrounding(sources, byPath);
      const id = freeName(`${source} ${transition.event}`, taken);
      const kind = transition.targets.every((target) => isWithin(target, source)) ? 'local' : 'external';
      const of = whose(sources, byPath.get(source)!, transition.targets, byPath);
      return [{ ...transition, id, source, kind, of, members: group.map((one) => one.id) }];
    }),
  };
}

/** The innermost state that all of them lie in. */
function surrounding(paths: readonly string[], byPath: ReadonlyMap<string, GraphState>): string {
  let at = byPath.get(paths[0]!)!.parent;
  while (at !== null && at !== ROOT) {
    const outer = at;
    if (paths.every((path) => path !== outer && isWithin(path, outer))) return outer;
    at = byPath.get(at)!.parent;
  }
  return ROOT;
}

/** Which states inside `outer` they are, in words. */
function whose(
  sources: readonly string[],
  outer: GraphState,
  targets: readonly string[],
  byPath: ReadonlyMap<string, GraphState>,
): string {
  const nameOf = (path: string) => byPath.get(path)!.name;
  const rest = outer.children.filter(
    (child) => !sources.includes(child) && !['final', 'history'].includes(byPath.get(child)!.kind),
  );
  if (sources.every((source) => outer.children.includes(source))) {
    const [stem, ...more] = new Set(sources.map((source) => stemOf(nameOf(source))));
    const word = more.length === 0 && stem ? stem : 'state';
    const alike = word === 'state' ? rest : rest.filter((path) => stemOf(nameOf(path)) === stem);
    if (alike.length === 0) return `every ${word}`;
    if (alike.every((path) => targets.some((target) => isWithin(target, path)))) return `every other ${word}`;
    return runsText(sources.map(nameOf));
  }
  const within = outer.path === ROOT ? 0 : outer.path.length + 1;
  return runsText(sources.map((source) => source.slice(within)));
}

/** `page` of `page12`; nothing where there is no number. */
function stemOf(name: string): string | undefined {
  return /^(.*?)[\s_.-]*\d+$/.exec(name)?.[1];
}

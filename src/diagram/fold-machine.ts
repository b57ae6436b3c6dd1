/**
 * A large machine with what repeats in it drawn once: a transition that many states share, and sibling states that differ
 * in their number only. Which of a family is which is no longer seen; labels say it where it matters.
 */
import { foldShared } from './fold-shared.ts';
import { Families, keyOf, type Membership, starred } from './machine-families.ts';
import type { GraphState, GraphTransition, MachineGraph } from './machine-graph.ts';
import { type Mark, type Marks, NO_MARKS } from './marks.ts';
import { runsText } from './number-runs.ts';

/** With more of them a picture is folded unless it is asked for otherwise. */
const STATES_UNFOLDED = 40;
const ARROWS_UNFOLDED = 60;

export function isLarge({ states, transitions }: MachineGraph): boolean {
  const arrows = transitions.filter(({ kind }) => kind !== 'internal').length;
  return states.length > STATES_UNFOLDED || arrows > ARROWS_UNFOLDED;
}

export interface FoldedMachine {
  readonly graph: MachineGraph;
  /** The marks of what is left: only what has the same marks becomes one. */
  readonly marks: Marks;
}

/**
 * Draws alike sibling states as one, and a transition that many states share once. The graph's notes say what was folded.
 *
 * @param marks what is coloured in the graph as it was
 *
 * @example
 * ```ts
 * import { foldMachine, machineGraph } from 'faultline';
 * import { createMachine } from 'xstate';
 *
 * const pages = Object.fromEntries([1, 2, 3, 4].map((page) => [`page${page}`, { on: { NEXT: `page${(page % 4) + 1}` } }]));
 * const { graph } = foldMachine(machineGraph(createMachine({ initial: 'page1', states: pages })));
 * graph.states.map((state) => state.name).slice(1); // => ['page1', 'page2 … page4']
 * ```
 */
export function foldMachine(whole: MachineGraph, marks: Marks = NO_MARKS): FoldedMachine {
  const graph = foldShared(whole, marks);
  const families = new Families(graph, marks);
  const states = new Map<string, GraphState>();
  const stateMarks = new Map<string, Mark>();
  for (const state of graph.states) {
    const { path } = families.placeOf(state.path);
    if (states.has(path)) continue;
    states.set(path, foldedState(state, families));
    const mark = marks.states.get(state.path);
    if (mark !== undefined) stateMarks.set(path, mark);
  }
  const transitions = foldedTransitions(graph, families, marks);
  const transitionMarks = transitions.flatMap(({ id, members = [id] }) => {
    const mark = members.map((member) => marks.transitions.get(member)).find((mark) => mark !== undefined);
    return mark === undefined ? [] : [[id, mark] as const];
  });
  return {
    graph: {
      ...graph,
      states: [...states.values()],
      transitions,
      notes: [...whole.notes, ...foldNotes([...states.values()], graph)],
    },
    marks: { states: stateMarks, transitions: new Map(transitionMarks) },
  };
}

function foldNotes(states: readonly GraphState[], { transitions }: MachineGraph): string[] {
  const families = states.flatMap(({ name, members = [] }) =>
    members.length === 0 ? [] : [`${members.length} as "${name}"`],
  );
  const shared = transitions.flatMap(({ event, of }) => (of === undefined ? [] : [`${event} of ${of}`]));
  return [
    ...(families.length === 0
      ? []
      : [`states that differ in their number only are drawn as one: ${families.join(', ')}`]),
    ...(shared.length === 0 ? [] : [`a transition that many states share is drawn once: ${shared.join(', ')}`]),
  ];
}

function foldedState(state: GraphState, families: Families): GraphState {
  const { path, memberships } = families.placeOf(state.path);
  const star = (text: string) => starred(text, memberships);
  const stars = (texts: readonly string[]) => texts.map(star);
  const place = (inner: string) => families.placeOf(inner).path;
  const { family } = memberships.at(-1) ?? {};
  const members = family?.members.includes(state.path) ? family.members : undefined;
  return {
    ...state,
    path,
    name: members ? family!.name : star(state.name),
    id: star(state.id),
    parent: state.parent === null ? null : place(state.parent),
    children: [...new Set(state.children.map(place))],
    initial: state.initial && { target: place(state.initial.target), actions: stars(state.initial.actions) },
    historyDefault: state.historyDefault.map(place),
    entry: stars(state.entry),
    exit: stars(state.exit),
    invokes: state.invokes.map(({ name, src, id, systemId }) => ({
      name: star(name),
      src: star(src),
      id: id && star(id),
      systemId: systemId && star(systemId),
    })),
    tags: stars(state.tags),
    output: state.output && star(state.output),
    description: state.description && star(state.description),
    ...(members && { members }),
  };
}

/** A transition, and which members of families it leads from and to. */
interface Way {
  readonly transition: GraphTransition;
  readonly from: Membership | undefined;
  readonly to: Membership | undefined;
  readonly star: (text: string) => string;
}

function foldedTransitions(graph: MachineGraph, families: Families, marks: Marks): GraphTransition[] {
  const groups = new Map<string, Way[]>();
  for (const transition of graph.transitions) {
    const { source, targets, event, guard, actions, reenter, forbidden, of, id } = transition;
    const start = families.placeOf(source);
    const ends = targets.map((target) => families.placeOf(target));
    const touched = [start, ...ends].flatMap(({ memberships }) => memberships);
    const star = (text: string) => starred(text, touched);
    // Inside of what both ends lie in, nothing is said about which member it is.
    const common = (at: number) => ends.every(({ memberships }) => sameMember(start.memberships[at], memberships[at]));
    let depth = 0;
    while (ends.length > 0 && start.memberships[depth] !== undefined && common(depth)) depth++;
    const from = ends.length === 0 ? undefined : start.memberships[depth];
    const to = ends.map(({ memberships }) => memberships[depth]).find((one) => one !== undefined);
    const key =
      touched.length === 0
        ? id
        : JSON.stringify([
            [start.path, star(event), guard && star(guard), actions.map(star), ends.map(({ path }) => path)],
            [reenter, forbidden, of, marks.transitions.get(id), from?.family.name, to?.family.name],
          ]);
    const group = groups.get(key);
    const way: Way = { transition, from, to, star };
    if (group) group.push(way);
    else groups.set(key, [way]);
  }
  const taken = new Set<string>();
  return [...groups.values()].map((group) => {
    const transition = foldedTransition(group, families);
    let { id } = transition;
    for (let index = 1; taken.has(id); index++) id = `${transition.id}/${index}`;
    taken.add(id);
    return { ...transition, id };
  });
}

function sameMember(one: Membership | undefined, other: Membership | undefined): boolean {
  return one !== undefined && other !== undefined && one.family === other.family && one.index === other.index;
}

function foldedTransition(group: readonly Way[], families: Families): GraphTransition {
  const [{ transition, star }] = group as [Way];
  const place = (path: string) => families.placeOf(path).path;
  const all = group.map((way) => way.transition);
  const isSame = (textOf: (one: GraphTransition) => string) => new Set(all.map(textOf)).size === 1;
  const source = place(transition.source);
  const event = isSame((one) => one.event) ? transition.event : star(transition.event);
  const guard = isSame((one) => String(one.guard)) ? transition.guard : transition.guard && star(transition.guard);
  const isUntouched = source === transition.source && all.length === 1;
  const between = betweenText(group);
  const members = all.flatMap(({ id, members = [id] }) => members);
  return {
    ...transition,
    id: isUntouched ? transition.id : `${source} ${event}`,
    source,
    event,
    guard,
    actions: isSame((one) => one.actions.join()) ? transition.actions : transition.actions.map(star),
    targets: transition.targets.map(place),
    ...(between !== undefined && { between }),
    ...((members.length > 1 || !isUntouched) && { members }),
  };
}

/** Which members of families it is about; undefined where it is about all of them alike. */
function betweenText(group: readonly Way[]): string | undefined {
  const [{ from, to }] = group as [Way];
  const name = ({ family, index }: Membership) => keyOf(family.members[index]!);
  const ordered = (of: (way: Way) => Membership | undefined) =>
    [...new Map(group.flatMap((way) => of(way) ?? []).map((one) => [one.index, one])).values()].sort(
      (a, b) => a.index - b.index,
    );
  if (from && to) {
    const steps = new Set(
      group.map((way) => (from.family === to.family ? way.to!.index - way.from!.index : Number.NaN)),
    );
    const [step] = steps;
    if (steps.size === 1 && group.length > 1 && (step === 1 || step === -1)) {
      return step === 1 ? 'to the next' : 'to the one before';
    }
    return `${name(from)} → ${name(to)}${group.length > 1 ? ', …' : ''}`;
  }
  if (from) {
    const froms = ordered((way) => way.from);
    return froms.length === from.family.members.length ? undefined : `from ${runsText(froms.map(name))}`;
  }
  return to && `to ${runsText(ordered((way) => way.to).map(name))}`;
}

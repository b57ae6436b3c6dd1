/** What is coloured in a picture: states and transitions that somebody points at, and what a run has covered or missed. */
import { z } from 'zod';
import { DiagramError, knownNames } from './diagram-error.ts';
import type { MachineGraph } from './machine-graph.ts';
import type { SystemGraph } from './system-graph.ts';

/** `unreachable`: uncovered, and that is proven. */
export type Mark = 'highlighted' | 'covered' | 'uncovered' | 'unreachable';

/** By state path and transition id; by actor name and channel name in a system. */
export interface Marks {
  readonly states: ReadonlyMap<string, Mark>;
  readonly transitions: ReadonlyMap<string, Mark>;
}

export const NO_MARKS: Marks = { states: new Map(), transitions: new Map() };

/** What marks a line of text, where a format has no colours. */
export const MARK_SIGNS: Readonly<Record<Mark, string>> = {
  highlighted: '★',
  covered: '✔',
  uncovered: '✘',
  unreachable: '⊘',
};

export function signOf(mark: Mark | undefined): string {
  return mark === undefined ? '' : `${MARK_SIGNS[mark]} `;
}

const statePaths = z.array(z.string()).describe('paths of the states that were entered: `open.reading`');
const transitionIds = z
  .array(z.string())
  .describe('ids of the transitions that were taken: `idle FETCH`, `idle FETCH/1`');
const guardOutcomes = z.array(
  z.object({
    transition: z.string().describe('the id of the transition that has the guard'),
    guard: z.string(),
    outcomes: z.array(z.boolean()).describe('how it turned out'),
  }),
);

const machineCoverage = z.object({
  states: statePaths,
  transitions: transitionIds,
  guards: guardOutcomes.exactOptional(),
  messages: z
    .array(z.string())
    .exactOptional()
    .describe('types of the messages that were taken, those that the machine raises for itself included'),
  refused: z.array(z.string()).exactOptional().describe('types of the messages that were refused somewhere'),
  unreached: z
    .object({
      proven: z
        .boolean()
        .describe(
          'all reachable states were searched, so these are unreachable; false: some search stopped before that',
        ),
      states: z.array(z.string()),
      transitions: z.array(z.string()),
      guards: guardOutcomes,
      messages: z.array(z.string()),
    })
    .exactOptional()
    .describe('the others that the machine has'),
  actors: z
    .record(z.string(), z.object({ states: statePaths, transitions: transitionIds }))
    .exactOptional()
    .describe('the same for each actor or monitor that has the machine; left out when this is about several systems'),
});
export type MachineCoverageDocument = z.output<typeof machineCoverage>;

export const coverageSchema = z.object({
  machines: z.record(z.string(), machineCoverage).describe("by actor name, by export name, or by the machine's id"),
});
export type Coverage = z.output<typeof coverageSchema>;

/**
 * @param names what to point at: paths or ids of states, ids of transitions; in a system, actors and channels
 * @throws DiagramError for a name that is none of them
 *
 * @example
 * ```ts
 * import { highlight, machineGraph } from 'faultline';
 * import { light } from './lights.ts';
 *
 * [...highlight(machineGraph(light), ['green']).states.keys()]; // => ['green']
 * ```
 */
export function highlight(graph: MachineGraph | SystemGraph, names: readonly string[]): Marks {
  const states = new Map<string, Mark>();
  const transitions = new Map<string, Mark>();
  const known = graph.kind === 'machine' ? machineNames(graph) : systemNames(graph);
  for (const name of names) {
    const state = known.states.get(name);
    const transition = known.transitions.get(name);
    if (state !== undefined) states.set(state, 'highlighted');
    else if (transition !== undefined) transitions.set(transition, 'highlighted');
    else throw unknownName(graph, name, known);
  }
  return { states, transitions };
}

/**
 * Marks everything, as covered or not; what is not covered is unreachable where the file says that this is proven. A state with a covered state inside is covered.
 *
 * @param names what the machine may be called in the file, the likeliest first
 * @throws DiagramError when the file does not know the machine, or knows a state or transition that it does not have
 */
export function coverageMarks(graph: MachineGraph, coverage: Coverage, names: readonly string[]): Marks {
  const known = machineNames(graph);
  const { name, machine } = machineIn(coverage, names, known);
  const { states, transitions } = machine.actors?.[names[0]!] ?? machine;
  const covered = new Set<string>();
  for (const state of states) {
    const path = known.states.get(state);
    if (path === undefined) throw staleCoverage(name, 'state', state, [...known.states.keys()]);
    for (let at: string | null = path; at !== null; at = known.parents.get(at) ?? null) covered.add(at);
  }
  const stale = transitions.find((id) => !known.transitions.has(id));
  if (stale !== undefined) throw staleCoverage(name, 'transition', stale, [...known.transitions.keys()]);
  const taken = new Set(transitions);
  const missed = machine.unreached?.proven ? 'unreachable' : 'uncovered';
  const markOf = (is: boolean): Mark => (is ? 'covered' : missed);
  return {
    // A history state is never entered: what it remembers is.
    states: new Map(
      graph.states.flatMap(({ path, kind }) =>
        kind === 'history' && !covered.has(path) ? [] : [[path, markOf(covered.has(path))]],
      ),
    ),
    transitions: new Map(graph.transitions.map(({ id }) => [id, markOf(taken.has(id))])),
  };
}

/** The name of an actor may be that of another machine: the first that fits is meant. */
function machineIn(
  { machines }: Coverage,
  names: readonly string[],
  known: Names,
): { name: string; machine: MachineCoverageDocument } {
  const candidates = names.filter((candidate) => Object.hasOwn(machines, candidate));
  const fits = (name: string) =>
    machines[name]!.states.every((state) => known.states.has(state)) &&
    machines[name]!.transitions.every((id) => known.transitions.has(id));
  const name = candidates.find(fits) ?? candidates[0];
  if (name !== undefined) return { name, machine: machines[name]! };
  throw new DiagramError(`the coverage has no machine "${names[0]}"`, knownNames(names[0]!, Object.keys(machines)));
}

/** The machine with what is known of its guards in their labels, as text: `isFull, never false`. */
export function withGuardOutcomes(graph: MachineGraph, coverage: Coverage, names: readonly string[]): MachineGraph {
  const { machine } = machineIn(coverage, names, machineNames(graph));
  const missing = new Map(machine.unreached?.guards.map(({ transition, outcomes }) => [transition, outcomes]));
  return {
    ...graph,
    transitions: graph.transitions.map((transition) => {
      const outcomes = missing.get(transition.id);
      if (outcomes === undefined || transition.guard === null) return transition;
      const what = outcomes.length === 2 ? 'never asked' : `never ${outcomes[0]}`;
      return { ...transition, guard: `${transition.guard}, ${what}` };
    }),
  };
}

/** Both, the second one on top of the first. */
export function combineMarks(under: Marks, over: Marks): Marks {
  return {
    states: new Map([...under.states, ...over.states]),
    transitions: new Map([...under.transitions, ...over.transitions]),
  };
}

interface Names {
  /** Every name of a state, and the path that it stands for. */
  readonly states: ReadonlyMap<string, string>;
  readonly transitions: ReadonlyMap<string, string>;
  readonly parents: ReadonlyMap<string, string | null>;
}

function machineNames({ states, transitions }: MachineGraph): Names {
  return {
    // Paths win over ids, which a machine may choose freely.
    states: new Map([
      ...states.map(({ id, path }) => [id, path] as const),
      ...states.map(({ path }) => [path, path] as const),
    ]),
    transitions: new Map(transitions.map(({ id }) => [id, id])),
    parents: new Map(states.map(({ path, parent }) => [path, parent])),
  };
}

function systemNames({ actors, channels }: SystemGraph): Names {
  return {
    states: new Map(actors.flatMap(({ name, members }) => [name, ...members].map((known) => [known, name] as const))),
    transitions: new Map(
      channels.flatMap(({ name, members }) => [name, ...members].map((known) => [known, name] as const)),
    ),
    parents: new Map(),
  };
}

function unknownName(graph: MachineGraph | SystemGraph, name: string, { states, transitions }: Names): DiagramError {
  if (graph.kind === 'system') {
    return new DiagramError(
      `the system has no actor and no channel "${name}" to highlight`,
      knownNames(name, [...states.keys(), ...transitions.keys()]),
    );
  }
  const paths = graph.states.slice(1).map(({ path }) => path);
  const known = [...paths, ...transitions.keys()];
  return new DiagramError(
    `${graph.name} has no state and no transition "${name}" to highlight`,
    knownNames(name, known),
  );
}

function staleCoverage(machine: string, what: string, name: string, known: readonly string[]): DiagramError {
  return new DiagramError(
    `the coverage of "${machine}" names the ${what} "${name}", which the machine does not have: it is of another version`,
    knownNames(name, known),
  );
}

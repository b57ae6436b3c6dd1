/**
 * Coverage of a search: which states, transitions, guards and messages of each machine occurred, and whether the others cannot.
 *
 * A search looks steps up instead of running machines, so what machines do in them is found out afterwards: each pair of a local
 * state and a message that occurred is given to XState once more (`observer.ts`). That is complete, because these pairs are all
 * that a step can do to an actor.
 *
 * Not promised: that what is unreachable in the systems that were searched is unreachable at other sizes, too.
 */
import type { AnyStateMachine } from 'xstate';
import { type MachineGraph, machineGraph } from '../diagram/machine-graph.ts';
import type { Occurrences } from '../tabulate/occurrences.ts';
import { TAKEN } from '../tabulate/occurrences.ts';
import type { ActorTable, Tables } from '../tabulate/tables.ts';
import { Observer } from './observer.ts';
import { Seen } from './seen.ts';

/** Of a machine, in one system or several. */
export interface MachineCoverage {
  readonly graph: MachineGraph;
  readonly seen: Seen;
  /** By actor or monitor; empty when it is about several systems. */
  readonly actors: ReadonlyMap<string, Seen>;
  /** All systems with this machine were searched to the end: what was not seen is unreachable in them. */
  readonly complete: boolean;
}

/** By the machine's id; by actor where a system has different machines with the same id. */
export type MachineCoverages = ReadonlyMap<string, MachineCoverage>;

/**
 * What a search of a system has covered; it must have been asked to keep account of that.
 *
 * @example
 * ```ts
 * import { check, coverageOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const { tables, occurred } = await check(lights, { coverage: true, properties: ['north goes'], search: 'breadth-first' });
 * const coverage = coverageOf(tables, occurred!);
 * [...coverage.keys()].length; // => 1
 * ```
 */
export function coverageOf(
  tables: Tables,
  { occurrences, complete }: { readonly occurrences: Occurrences; readonly complete: boolean },
): MachineCoverages {
  const observers = tables.actors.map((actor) => observed(tables, actor, occurrences));
  for (const { slot, local, message, kind } of occurrences.entries()) {
    if (kind === TAKEN) observers[slot]!.took(local, tables.messages[message]!);
    else observers[slot]!.refused(local, tables.messages[message]!);
  }
  const users: {
    readonly machine: AnyStateMachine;
    readonly graph: MachineGraph;
    readonly actors: Map<string, Seen>;
  }[] = [];
  for (const [slot, { name }] of tables.actors.entries()) {
    const machine = machineOf(tables, name);
    let known = users.find((user) => user.machine === machine);
    if (!known) {
      const graph = machineGraph(machine);
      // A function that makes machines makes the same one again and again.
      known = users.find(
        (user) => machine.id !== WITHOUT_ID && machine.id === user.machine.id && isSame(graph, user.graph),
      );
      known ??= users[users.push({ machine, graph, actors: new Map() }) - 1]!;
    }
    known.actors.set(name, observers[slot]!.seen);
  }
  return new Map(
    users.flatMap(({ machine: { id }, graph, actors }): [string, MachineCoverage][] => {
      if (users.filter(({ machine }) => machine.id === id).length === 1) {
        return [[id, { graph, seen: together(actors.values()), actors, complete }]];
      }
      return [...actors].map(([name, seen]) => [name, { graph, seen, actors: new Map([[name, seen]]), complete }]);
    }),
  );
}

/** The id that XState gives a machine that has none. */
const WITHOUT_ID = '(machine)';

function observed(tables: Tables, actor: ActorTable, occurrences: Occurrences): Observer {
  const observer = new Observer(actor);
  observer.start(tables.inputsOf(actor.slot));
  for (const local of occurrences.askedOf(actor.slot)) {
    for (const choice of actor.choices) observer.lookedAt(local, tables.messages[choice]!);
  }
  return observer;
}

function machineOf({ system }: Tables, name: string): AnyStateMachine {
  const monitor = system.properties.find((property) => property.name === name && property.kind === 'monitor');
  return monitor?.kind === 'monitor' ? monitor.machine : system.actors[name]!.machine;
}

function together(all: Iterable<Seen>): Seen {
  const seen = new Seen();
  for (const one of all) seen.addAll(one);
  return seen;
}

/**
 * What several searches have covered together. Machines are the same when they have the same name, states and transitions; of
 * others with a name that is taken, the second one is called `name#2`.
 *
 * @example
 * ```ts
 * import { check, coverageOf, unionOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const { tables, occurred } = await check(lights, { coverage: true, properties: ['north goes'], search: 'breadth-first' });
 * const coverage = coverageOf(tables, occurred!);
 * unionOf([coverage, coverage]).size; // => 1
 * ```
 */
export function unionOf(coverages: readonly MachineCoverages[]): MachineCoverages {
  const [only] = coverages;
  if (only && coverages.length === 1) return only;
  const union = new Map<string, MachineCoverage>();
  for (const [name, machine] of coverages.flatMap((coverage) => [...coverage])) {
    let key = name;
    for (let number = 2; union.has(key) && !isSame(union.get(key)!.graph, machine.graph); number++) {
      key = `${name}#${number}`;
    }
    const known = union.get(key);
    const { graph, seen, complete } = machine;
    union.set(key, {
      graph,
      seen: together(known ? [known.seen, seen] : [seen]),
      actors: new Map(),
      complete: complete && (known?.complete ?? true),
    });
  }
  return union;
}

/** Whether what is seen of the one can be said of the other. */
function isSame(one: MachineGraph, other: MachineGraph): boolean {
  const namesOf = ({ states, transitions }: MachineGraph) => [
    states.map(({ path }) => path),
    transitions.map(({ id, guard }) => [id, guard]),
  ];
  return one === other || JSON.stringify(namesOf(one)) === JSON.stringify(namesOf(other));
}

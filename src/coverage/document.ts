/** Coverage as the data that files and JSON documents hold, in the order in which the machine has its states and transitions. */
import { type MachineGraph, ROOT } from '../diagram/machine-graph.ts';
import type { Coverage, MachineCoverageDocument } from '../diagram/marks.ts';
import type { MachineCoverage, MachineCoverages } from './coverage.ts';

/** All members are given. */
export type FullMachineDocument = Required<Omit<MachineCoverageDocument, 'actors'>> &
  Pick<MachineCoverageDocument, 'actors'>;

export interface FullCoverageDocument extends Coverage {
  machines: Record<string, FullMachineDocument>;
}

/**
 * Coverage as JSON has it (docs/json.md).
 *
 * @example
 * ```ts
 * import { check, coverageDocument, coverageOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const { tables, occurred } = await check(lights, { coverage: true, properties: ['north goes'], search: 'breadth-first' });
 * const coverage = coverageOf(tables, occurred!);
 * Object.keys(coverageDocument(coverage)); // => ['machines']
 * ```
 */
export function coverageDocument(coverage: MachineCoverages): FullCoverageDocument {
  return { machines: Object.fromEntries([...coverage].map(([name, machine]) => [name, machineDocument(machine)])) };
}

function machineDocument({ graph, seen, actors, complete }: MachineCoverage): FullMachineDocument {
  const states = statesOf(graph);
  const transitions = graph.transitions.map(({ id }) => id);
  const messages = messagesOf(graph);
  const outcomes = (wanted: (outcome: boolean, seen: ReadonlySet<boolean> | undefined) => boolean) =>
    graph.transitions.flatMap(({ id, guard }) => {
      if (guard === null) return [];
      const found = [true, false].filter((outcome) => wanted(outcome, seen.outcomes.get(id)));
      return found.length === 0 ? [] : [{ transition: id, guard, outcomes: found }];
    });
  // What a wildcard took has a type that the machine does not name.
  const others = [...seen.messages].filter((type) => !messages.includes(type) && !type.startsWith('xstate.')).sort();
  return {
    ...split(states, transitions, seen),
    guards: outcomes((outcome, had) => had?.has(outcome) === true),
    messages: [...messages.filter((type) => seen.messages.has(type)), ...others],
    refused: [...seen.refused].sort(),
    unreached: {
      proven: complete,
      states: states.filter((path) => !seen.states.has(path)),
      transitions: transitions.filter((id) => !seen.transitions.has(id)),
      guards: outcomes((outcome, had) => had?.has(outcome) !== true),
      messages: messages.filter((type) => !seen.messages.has(type)),
    },
    ...(actors.size > 0 && {
      actors: Object.fromEntries([...actors].map(([name, seen]) => [name, split(states, transitions, seen)])),
    }),
  };
}

function split(
  states: readonly string[],
  transitions: readonly string[],
  seen: { readonly states: ReadonlySet<string>; readonly transitions: ReadonlySet<string> },
): { states: string[]; transitions: string[] } {
  return {
    states: states.filter((path) => seen.states.has(path)),
    transitions: transitions.filter((id) => seen.transitions.has(id)),
  };
}

/** The root is always active, and a history state never is; a machine without states is its root. */
function statesOf({ states }: MachineGraph): string[] {
  const paths = states.filter(({ path, kind }) => path !== ROOT && kind !== 'history').map(({ path }) => path);
  return paths.length === 0 ? [ROOT] : paths;
}

/** The types that a machine names. */
function messagesOf({ transitions }: MachineGraph): string[] {
  const types = transitions.flatMap(({ trigger }) => (trigger.kind === 'event' ? [trigger.type] : []));
  return [...new Set(types)].filter((type) => !type.endsWith('*') && !type.startsWith('xstate.'));
}

/**
 * Which states and transitions of each machine were seen: by the search, where that is known, and else by the traces of
 * the report, which says little about what can be reached.
 */

import { ROOT } from '../diagram/machine-graph.ts';
import type { Coverage } from '../diagram/marks.ts';
import type { DrawnMachine } from './drawings.ts';
import { type Html, html } from './html.ts';
import type { Visits } from './visits.ts';
import { counted } from './words.ts';

export class Covered {
  readonly #states = new Map<DrawnMachine, Set<string>>();
  readonly #transitions = new Map<DrawnMachine, Set<string>>();
  #bySearch = false;
  #byTraces = false;

  /** What one result's trace went through. */
  addTrace(machines: ReadonlyMap<string, DrawnMachine>, { start, steps }: Visits): void {
    this.#byTraces = true;
    for (const visits of [start, ...steps]) {
      for (const [name, { states, passed, transitions }] of visits) {
        const machine = machines.get(name);
        if (machine) this.#add(machine, [...states, ...passed], transitions);
      }
    }
  }

  /** What a coverage file says; names in it that a machine does not have were refused when it was read. */
  add(machines: ReadonlyMap<string, DrawnMachine>, coverage: Coverage): void {
    this.#bySearch = true;
    for (const [name, machine] of machines) {
      for (const known of new Set([name, machine.graph.machineId])) {
        const covered = Object.hasOwn(coverage.machines, known) ? coverage.machines[known] : undefined;
        if (covered) this.#add(machine, covered.states, covered.transitions);
      }
    }
  }

  /** Where the figures come from, and what they do not say. */
  explanation(): string {
    const traces =
      'what the traces of this report go through. A trace is the short way to one state: what it leaves out may well be reachable';
    if (this.#bySearch && this.#byTraces) return `Green is what the given coverage names, together with ${traces}.`;
    if (this.#bySearch) return 'Green is what the given coverage names.';
    if (this.#byTraces) return `Green is ${traces}.`;
    return 'No trace was found and no coverage given, so nothing is coloured.';
  }

  known(): boolean {
    return this.#bySearch || this.#byTraces;
  }

  of(machine: DrawnMachine): Share {
    const { states, transitions } = machine.graph;
    const seen = this.#states.get(machine) ?? new Set();
    const taken = this.#transitions.get(machine) ?? new Set();
    const real = states.filter(({ path, kind }) => path !== ROOT && kind !== 'history').map(({ path }) => path);
    // The machine of a monitor or a register may have no states at all.
    const paths = real.length === 0 ? [ROOT] : real;
    const ids = transitions.filter(({ forbidden }) => !forbidden).map(({ id }) => id);
    return {
      states: paths.filter((path) => seen.has(path)),
      missedStates: paths.filter((path) => !seen.has(path)),
      transitions: ids.filter((id) => taken.has(id)),
      missedTransitions: ids.filter((id) => !taken.has(id)),
    };
  }

  #add(machine: DrawnMachine, states: readonly string[], transitions: readonly string[]): void {
    const seen = this.#states.get(machine) ?? new Set();
    const taken = this.#transitions.get(machine) ?? new Set();
    this.#states.set(machine, seen);
    this.#transitions.set(machine, taken);
    const parents = new Map(machine.graph.states.map(({ path, parent }) => [path, parent]));
    for (const state of states) {
      for (let at: string | null = state; at !== null; at = parents.get(at) ?? null) seen.add(at);
    }
    for (const id of transitions) taken.add(id);
  }
}

export interface Share {
  readonly states: readonly string[];
  readonly missedStates: readonly string[];
  readonly transitions: readonly string[];
  readonly missedTransitions: readonly string[];
}

export function coverageText({ states, missedStates, transitions, missedTransitions }: Share): Html {
  const share = (seen: readonly string[], missed: readonly string[], word: string) =>
    `${seen.length} of ${counted(seen.length + missed.length, word)}`;
  const missed = [
    { what: 'States not seen', names: missedStates },
    { what: 'Transitions not taken', names: missedTransitions },
  ].filter(({ names }) => names.length > 0);
  return html`<p class="share">${share(states, missedStates, 'state')}, ${share(transitions, missedTransitions, 'transition')} seen</p>
${missed.map(
  ({ what, names }) =>
    html`<details class="missed"><summary>${what}: ${names.length}</summary><ul>${names.map(
      (name) => html`<li><code>${name}</code></li>`,
    )}</ul></details>
`,
)}`;
}

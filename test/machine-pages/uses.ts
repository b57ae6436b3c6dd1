/**
 * What the catalogue shows of a machine: who has it, what is blocking there, where it may rest, who sends what to whom.
 *
 * Every variant of every scenario is built, which is cheap. Who sends what is found by a search (src/diagram/system-graph.ts): not in
 * all variants, but in the first that has a machine, for each of them, and not far, because what a machine sends at all it sends soon.
 */
import type { AnyStateMachine } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { type SystemGraph, systemGraph } from '../../src/diagram/system-graph.ts';
import type { System } from '../../src/system/system.ts';

/** A machine in one variant of a scenario. */
export interface Use {
  readonly scenario: string;
  readonly variant: string;
  readonly system: System;
  /** The names of the actors that are this machine. */
  readonly actors: readonly string[];
  /** The properties that it is the monitor of. */
  readonly properties: readonly string[];
}

export interface Message {
  readonly type: string;
  /** Who sends it, or who takes it. */
  readonly other: AnyStateMachine;
  readonly channel: string | null;
}

/** What was seen of a machine in all variants that were searched, for its own sake or for that of another one. */
export interface Seen {
  readonly in: readonly { readonly scenario: string; readonly variant: string; readonly complete: boolean }[];
  readonly sent: readonly Message[];
  readonly taken: readonly Message[];
}

const STATES = 1000;
const WALKS = 20;

export class Uses {
  readonly #uses = new Map<AnyStateMachine, Use[]>();
  readonly #graphs = new Map<System, SystemGraph>();

  /** @param machines those that are asked about */
  constructor(machines: readonly AnyStateMachine[]) {
    for (const scenario of catalogue) {
      for (const variant of Object.keys(scenario.variants)) {
        const system = scenario.build({}, variant);
        const named = Object.entries(system.actors).map(([actor, { machine }]) => ({ machine, actor }));
        const watching = system.properties.flatMap((property) =>
          property.kind === 'monitor' ? [{ machine: property.machine, property: property.name }] : [],
        );
        for (const machine of new Set([...named, ...watching].map(({ machine }) => machine))) {
          const uses = this.#uses.get(machine) ?? [];
          this.#uses.set(machine, uses);
          uses.push({
            ...{ scenario: scenario.name, variant, system },
            actors: named.filter((other) => other.machine === machine).map(({ actor }) => actor),
            properties: watching.filter((other) => other.machine === machine).map(({ property }) => property),
          });
        }
      }
    }
    for (const machine of machines) {
      const use = this.of(machine).find(({ actors }) => actors.length > 0);
      if (!use || this.#graphs.has(use.system)) continue;
      this.#graphs.set(use.system, systemGraph(use.system, { name: use.scenario, maxStates: STATES, walks: WALKS }));
    }
  }

  /** In the order of the catalogue. */
  of(machine: AnyStateMachine): readonly Use[] {
    return this.#uses.get(machine) ?? [];
  }

  seenOf(machine: AnyStateMachine): Seen {
    const seen = this.of(machine).flatMap((use) => {
      const graph = this.#graphs.get(use.system);
      return graph && use.actors.length > 0 ? [{ use, graph }] : [];
    });
    const messages = (side: 'from' | 'to', other: 'from' | 'to') =>
      seen.flatMap(({ use: { actors, system }, graph }) =>
        graph.links
          .filter((link) => actors.includes(link[side]))
          .flatMap(({ messages, channel, ...link }) =>
            messages.map((type) => ({ type, channel, other: system.actors[link[other]]!.machine })),
          ),
      );
    return {
      in: seen.map(({ use: { scenario, variant }, graph: { complete } }) => ({ scenario, variant, complete })),
      sent: messages('from', 'to'),
      taken: messages('to', 'from'),
    };
  }
}

/**
 * A system as a picture needs it: actors, and who sends what to whom.
 *
 * Who sends what is nowhere declared: a machine computes its receivers as it runs. So the system is stepped, and the
 * links are read from the tables that this fills: breadth-first up to a bound, and then, if that was not all, on long
 * walks from the outermost states, since some links are only used far from the start. Invariant: every link shown is
 * real, some reachable state sends it; within a bound, links may be missing, and `complete` says so.
 */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { hashAfter, hashOf, NumberedStates } from '../tabulate/numbered-states.ts';
import { initialStates } from '../tabulate/path.ts';
import { OBSERVE, SYNC, Tables, UNHANDLED } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { written } from './machine-graph.ts';

export interface SystemActor {
  readonly name: string;
  /** The actors that it stands for: itself, or a family that `foldFamilies` (fold-families.ts) has put together. */
  readonly members: readonly string[];
  readonly machine: string;
  /** The types of its choices, each once. */
  readonly choices: readonly string[];
}

export interface SystemChannel {
  readonly name: string;
  readonly members: readonly string[];
  readonly order: 'fifo' | 'unordered' | 'set';
  /** Null for a channel without a limit. */
  readonly capacity: number | null;
  readonly whenFull: 'block' | 'drop';
  readonly lossy: boolean | 'anywhere';
  readonly duplicating: boolean | 'always';
  readonly competing: boolean;
}

export interface SystemLink {
  readonly from: string;
  readonly to: string;
  /** Null: the receiver takes the message within the step that sends it. */
  readonly channel: string | null;
  /** Message types, sorted. */
  readonly messages: readonly string[];
}

export interface SystemGraph {
  readonly kind: 'system';
  readonly name: string;
  readonly actors: readonly SystemActor[];
  readonly channels: readonly SystemChannel[];
  readonly links: readonly SystemLink[];
  /** Every reachable state was looked at, so no link is missing. */
  readonly complete: boolean;
  /** How many states were looked at. */
  readonly states: number;
}

export interface SystemGraphOptions {
  readonly name: string;
  /** Stop after this many states. */
  readonly maxStates?: number;
  /** How many walks follow if these were not all. */
  readonly walks?: number;
}

export const LINK_STATES = 20_000;

/**
 * @throws ModelError when the system cannot start
 *
 * @example
 * ```ts
 * import { renderDiagram, systemGraph } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const graph = systemGraph(lights, { name: 'lights' });
 * graph.actors.length; // => 2
 * ```
 */
export function systemGraph(
  system: System,
  { name, maxStates = LINK_STATES, walks = WALKS }: SystemGraphOptions,
): SystemGraph {
  const tables = new Tables(system);
  const links = new Links(tables);
  const { states, complete } = explore(tables, links, maxStates, walks);
  links.readTables();
  return {
    kind: 'system',
    name,
    actors: Object.entries(system.actors).map(([name, { machine, choices }]) => ({
      name,
      members: [name],
      machine: written(machine.id),
      choices: [...new Set(choices.map(({ type }) => type))],
    })),
    channels: Object.entries(system.channels).map(([name, channel]) => ({
      name,
      members: [name],
      order: channel.order,
      capacity: channel.capacity === Number.POSITIVE_INFINITY ? null : channel.capacity,
      whenFull: channel.whenFull,
      lossy: channel.lossy,
      duplicating: channel.duplicating,
      competing: channel.competing,
    })),
    links: links.inOrder(),
    complete,
    states,
  };
}

/** Fills the tables from the initial states on. A step that ends in a model error is left out: `check` reports those. */
function explore(
  tables: Tables,
  links: Links,
  maxStates: number,
  walks: number,
): { states: number; complete: boolean } {
  const walker = new Walker(tables);
  // What is sent as the actors start is in no table.
  walker.record = [];
  const known = new NumberedStates(tables.slotCount);
  for (const state of initialStates(walker)) known.numberOf(state);
  for (const { kind, message, from, slot } of walker.record) {
    if (from === undefined) continue;
    links.add(from, message, kind === 'taken' || kind === 'refused' ? SYNC : slot - tables.actors.length);
  }
  walker.record = undefined;

  const statesMax = Math.min(maxStates, Math.max(1, Math.floor(WORDS_MAX / tables.slotCount)));
  let complete = true;
  let work = WORK_MAX;
  for (let at = 0; at < known.size; at++) {
    if (work <= 0) {
      complete = false;
      break;
    }
    walker.begin();
    walker.current.set(known.at(at));
    const hash = hashOf(walker.current);
    while (advance(walker, () => (complete = false))) {
      work--;
      const after = hashAfter(hash, walker);
      if (known.size < statesMax) known.numberOf(walker.current, after);
      else if (known.find(walker.current, after) < 0) complete = false;
    }
  }
  if (!complete) walk(walker, known, walks);
  return { states: known.size, complete };
}

/** The most words that are kept of states, and the most steps that are run before walks, and on walks: some seconds in all. */
const WORDS_MAX = 2 ** 24;
const WORK_MAX = 2_000_000;
const WALKS = 200;
const WALK_STEPS = 300;

/** The same walks every time: a picture must not change from one run to the next. */
function walk(walker: Walker, states: NumberedStates, walks: number): void {
  let random = 1;
  let work = WORK_MAX;
  for (let walk = 1; walk <= walks; walk++) {
    walker.begin();
    walker.current.set(states.at(Math.max(0, states.size - walk * 7)));
    for (let step = 0; step < WALK_STEPS && work > 0; step++) {
      let chosen: Int32Array | undefined;
      let count = 0;
      while (advance(walker, () => {})) {
        work--;
        // Each of the enabled steps with the same probability, without knowing beforehand how many there are.
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
        if ((random >>> 8) % ++count === 0) chosen = walker.current.slice();
      }
      if (!chosen) break;
      walker.begin();
      walker.current.set(chosen);
    }
  }
}

/** `next`, past steps that fail. */
function advance(walker: Walker, onFailure: () => void): boolean {
  for (;;) {
    try {
      return walker.next();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      onFailure();
      walker.abort();
    }
  }
}

class Links {
  readonly #tables: Tables;
  /** Message types by `from to channel`, all three as numbers. */
  readonly #types = new Map<string, Set<string>>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  add(from: number, message: number, channel: number): void {
    const { to, event, takers } = this.#tables.messages[message]!;
    if (takers) {
      for (const taker of takers) this.add(from, taker, channel);
      return;
    }
    const key = [from, to, channel].join(' ');
    let types = this.#types.get(key);
    if (!types) {
      types = new Set();
      this.#types.set(key, types);
    }
    types.add(event.type);
  }

  /** Everything that some local state does with some message, whether or not the step that asked for it went through. */
  readTables(): void {
    const { actors, actorCount, channels, effects } = this.#tables;
    for (const actor of actors.slice(0, actorCount)) {
      const { data, width } = actor.entries;
      for (let local = 0; local < actor.locals.length; local++) {
        for (let column = 0; column < actor.columns.length; column++) {
          const entry = data[local * width + column]!;
          if (entry <= UNHANDLED) continue;
          const sends = effects.data[entry + 1]!;
          for (let i = 0, at = entry + 2; i < sends; i++, at += 2) {
            const channel = effects.data[at]!;
            const sent = effects.data[at + 1]!;
            if (channel === OBSERVE) continue;
            this.add(actor.slot, channel === SYNC ? sent : channels[channel]!.columns[sent]!, channel);
          }
        }
      }
    }
  }

  /** By sender, receiver and channel in the order of their declaration: the same system gives the same picture. */
  inOrder(): SystemLink[] {
    const { actors, channels } = this.#tables;
    return [...this.#types]
      .map(([key, types]) => ({ slots: key.split(' ').map(Number), types }))
      .sort((a, b) => {
        const differing = a.slots.findIndex((slot, index) => slot !== b.slots[index]);
        return differing < 0 ? 0 : a.slots[differing]! - b.slots[differing]!;
      })
      .map(({ slots: [from, to, channel], types }) => ({
        from: actors[from!]!.name,
        to: actors[to!]!.name,
        channel: channel === SYNC ? null : channels[channel!]!.name,
        messages: [...types].sort(),
      }));
  }
}

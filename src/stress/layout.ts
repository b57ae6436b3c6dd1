/**
 * Where everything stands in the shared memory of a stress run: units one after the other, each with a header, a *slot* for
 * every actor, monitor and channel, and one for each member of the families of the population.
 *
 * | slot of | words |
 * |---|---|
 * | an actor, a monitor | version, state, the things that the state names |
 * | a channel | version, messages, per message: its number, the things that it names |
 *
 * A version is odd while a thread changes the slot, and two more after each change.
 */

export const VERSION = 0;
export const STATE = 1;
export const FIRST_THING = 2;
/** Of a channel. */
export const LENGTH = 1;
export const FIRST_MESSAGE = 2;

/** A message may name so many things. */
export const MESSAGE_THINGS = 6;
export const MESSAGE_WORDS = 1 + MESSAGE_THINGS;
/** An actor's state may name so many things; a member of a family names itself among them. */
export const ACTOR_THINGS = 24;
export const MEMBER_THINGS = 3;

/** The header of a unit. */
export const PHASE = 0;
/** Steps of this episode that were given a number. */
export const SEQUENCE = 1;
/** How many things were put among the recent ones. */
export const RECENT_COUNT = 2;
/** Members whose things this episode touched first. */
export const TOUCHED_COUNT = 3;
/** Why it stopped. */
export const FINDING = 4;
/** The number of the step that it stopped at. */
export const FINDING_AT = 5;
/** At how many steps some threads found nothing to do here, and which: a bit for each. */
export const IDLE_AT = 6;
export const IDLE_THREADS = 7;
export const FIRST_RECENT = 8;
export const RECENT = 8;
const HEADER_WORDS = FIRST_RECENT + RECENT;

/** What the low two bits of `PHASE` say; the others count episodes. */
export const RUNNING = 0;
export const DRAINING = 1;
export const STOPPED = 2;
const PHASE_BITS = 2;

export function phaseOf(episode: number, state: number): number {
  return (episode << PHASE_BITS) | state;
}

export function stateOf(phase: number): number {
  return phase & (2 ** PHASE_BITS - 1);
}

/** Counted from 0; a mark has one more. */
export function episodeOf(phase: number): number {
  return phase >> PHASE_BITS;
}

export interface Kind {
  /** Of the actor, the family (`page#`), the monitor or the channel. */
  readonly name: string;
  readonly sort: 'actor' | 'family' | 'monitor' | 'channel';
  /** Of its first slot, from the start of the unit. */
  readonly offset: number;
  /** If it is measured: from the start of the unit, for each member since which step it has been in such a state. */
  readonly since: number;
  /** Words of a slot. */
  readonly stride: number;
  /** Things that a state may name. */
  readonly things: number;
  /** It may start steps. */
  readonly starts: boolean;
  readonly capacity: number;
  readonly isFifo: boolean;
  readonly dropsWhenFull: boolean;
  readonly isLossy: boolean;
  readonly isDuplicating: boolean;
  /** How long it stays in some of its states is measured. */
  readonly isMeasured: boolean;
  /** Of a monitor: its place among the system's properties. */
  readonly rank: number;
}

/** Places in this list; loops that ask for the sort of a kind again and again have it as a number. */
const SORTS = ['actor', 'family', 'monitor', 'channel'] as const;
export const FAMILY = 1;
export const MONITOR = 2;
export const CHANNEL = 3;

/** By kind: its sort as such a number. */
export function sortsOf(kinds: readonly Kind[]): Uint8Array {
  return Uint8Array.from(kinds, ({ sort }) => SORTS.indexOf(sort));
}

export interface Layout {
  readonly kinds: readonly Kind[];
  readonly population: number;
  /** From the start of the unit: an episode's mark for each thing, and the list of those that it touched. */
  readonly marks: number;
  readonly touched: number;
  readonly touchedMax: number;
  /** From the start of the unit: one counter for each of the run's. */
  readonly counters: number;
  readonly unitWords: number;
}

/** A kind without its place. */
export type KindDraft = Omit<Kind, 'offset' | 'since' | 'stride' | 'things'>;

/** Writes the initial state of a unit at the start of a memory. */
export function writeStart(memory: Int32Array, { kinds, population }: Layout, initial: readonly number[]): void {
  kinds.forEach(({ sort, offset, stride }, kind) => {
    for (let member = 0; member < (sort === 'family' ? population : 1); member++) {
      const at = offset + member * stride;
      memory[at + STATE] = initial[kind] ?? 0;
      if (sort === 'family') memory[at + FIRST_THING] = member;
    }
  });
}

export function layOut(
  drafts: readonly KindDraft[],
  options: { readonly population: number; readonly episode: number; readonly counters: number },
): Layout {
  const { population, episode, counters } = options;
  let next = HEADER_WORDS;
  const take = (words: number) => {
    const at = next;
    next += words;
    return at;
  };
  const kinds = drafts.map((draft): Kind => {
    const isFamily = draft.sort === 'family';
    const things = isFamily ? MEMBER_THINGS : ACTOR_THINGS;
    const stride = draft.sort === 'channel' ? FIRST_MESSAGE + draft.capacity * MESSAGE_WORDS : FIRST_THING + things;
    const members = isFamily ? population : 1;
    const offset = take(stride * members);
    return { ...draft, things, stride, offset, since: draft.isMeasured ? take(members) : 0 };
  });
  const touchedMax = Math.min(population, 4 * episode);
  return {
    kinds,
    population,
    marks: take(population),
    touched: take(touchedMax),
    touchedMax,
    counters: take(counters),
    unitWords: next,
  };
}

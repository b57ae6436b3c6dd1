/**
 * What may be running: a *clock* for each activity, and what activities are of: the *timed* steps, by who starts them, their message, and
 * what they cost. A clock says of which timed step it is, and of which *instance*, where one timed step stands for several that
 * differ in the things that they name.
 *
 * A clock's number is where its words begin in `words`: with ten thousand of them the simulation waits for memory, and the words of one
 * stand in one cache line. A timed step's number is where its words begin in `timed`.
 */
import { Ints } from '../tabulate/ints.ts';
import { NONE } from './costs.ts';

/** The slot of the actor or the channel that starts it. */
export const STARTER = 0;
/** The timed step that it is of. */
export const TIMED = 1;
/** These are the timed step's, and stand in its words at the same place. */
export const COST = 2;
/** The slot of the actor that takes the message; -1 for one that is lost. */
export const PERFORMER = 3;
/** Of a delivery or a loss: the message as the channel holds it; otherwise -1. */
export const HELD = 4;
/** A timer's, with a weight, drawn: bits; 0 for most. */
export const TRAIT = 5;
/** Of a timer: what it is armed as. */
export const MESSAGE = 6;
export const INSTANCE = 7;
export const PHASE = 8;
/** Where its step stands in the list of its starter. */
export const ENTRY = 9;
/** The look at which it was last found to be enabled. */
export const SEEN = 10;
/** The others of its starter; the next one that is free. */
export const NEXT = 11;
export const PREVIOUS = 12;
/** Before and behind it in the queue of a resource. */
export const AHEAD = 13;
export const BEHIND = 14;
/** Whether it works on a unit that its actor keeps. */
export const UNIT = 15;
/** One cache line, of 64 bytes. */
export const CLOCK_BITS = 4;
export const CLOCK_WORDS = 2 ** CLOCK_BITS;

/** Words of a timed step that a clock does not have. As the walker's. */
export const KIND = 0;
/** Of a choice that is drawn: by which draw, and which thing it names; -1 where that is asked of the instance. */
export const THING = 1;
export const DRAW = 7;
const TIMED_WORDS = 8;

/** Traits. */
export const IS_TIMER = 1;
export const IS_WEIGHTED = 2;
export const IS_DRAWN = 4;

/** Units: one that the activity has for itself, or one that its actor keeps, and that it does not give back. */
export const IS_OWN = 0;
export const IS_KEPT = 1;

/** Phases. */
/** Until it may begin: a timer is not due yet, a message on its way, its actor still busy. */
export const WAITING = 1;
/** Stands in the queue of its resource. */
export const QUEUED = 2;
/** Its step happens when its time comes; a unit is held until then, if it needs one. */
export const RUNNING = 3;
/** Its step happens when its time comes, and its unit is held longer than that. */
export const STARTING = 4;
/** What comes after a step that has happened at its start: the unit is held until its time comes. */
export const TAIL = 5;

/** What a timed step is; it never changes. */
export interface TimedStep {
  /** Steps of different starters, if need be, are different ones. */
  readonly starter: number;
  readonly kind: number;
  readonly message: number;
  readonly place: number;
  readonly cost: number;
  readonly performer: number;
  readonly held: number;
  readonly trait: number;
  readonly draw: number;
  readonly thing: number;
}

export class Clocks {
  words = new Int32Array(64 * CLOCK_WORDS);
  readonly timed = new Ints(64 * TIMED_WORDS);
  #end = 0;
  /** The first of those that are free. */
  #spare = NONE;
  readonly #byKey = new Map<string, number>();

  timedOf({ starter, kind, message, place, cost, performer, held, trait, draw, thing }: TimedStep): number {
    const key = `${starter} ${kind} ${message} ${place} ${cost}`;
    let timed = this.#byKey.get(key);
    if (timed === undefined) {
      timed = this.timed.length;
      this.#byKey.set(key, timed);
      this.timed.extend(TIMED_WORDS);
      this.timed.data.set([kind, thing, cost, performer, held, trait, message, draw], timed);
    }
    return timed;
  }

  /** A clock for an activity. */
  begin(starter: number, timed: number, instance: number, entry: number): number {
    const clock = this.#spare === NONE ? this.#add() : this.#spare;
    const { words } = this;
    const { data } = this.timed;
    if (clock === this.#spare) this.#spare = words[clock + NEXT]!;
    words[clock + STARTER] = starter;
    words[clock + TIMED] = timed;
    words[clock + COST] = data[timed + COST]!;
    words[clock + PERFORMER] = data[timed + PERFORMER]!;
    words[clock + HELD] = data[timed + HELD]!;
    words[clock + TRAIT] = data[timed + TRAIT]!;
    words[clock + MESSAGE] = data[timed + MESSAGE]!;
    words[clock + INSTANCE] = instance;
    words[clock + ENTRY] = entry;
    words[clock + SEEN] = 0;
    words[clock + UNIT] = IS_OWN;
    return clock;
  }

  /** A clock for what is left of an activity whose step has happened. */
  tailOf(clock: number): number {
    const { words } = this;
    const tail = this.begin(words[clock + STARTER]!, words[clock + TIMED]!, NONE, NONE);
    this.words[tail + PHASE] = TAIL;
    this.words[tail + UNIT] = this.words[clock + UNIT]!;
    return tail;
  }

  free(clock: number): void {
    this.words[clock + NEXT] = this.#spare;
    this.#spare = clock;
  }

  /** No activity is there any more. */
  reset(): void {
    this.#end = 0;
    this.#spare = NONE;
  }

  #add(): number {
    const clock = this.#end;
    this.#end += CLOCK_WORDS;
    if (this.#end > this.words.length) {
      const grown = new Int32Array(2 * this.words.length);
      grown.set(this.words);
      this.words = grown;
    }
    return clock;
  }
}

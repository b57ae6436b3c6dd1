/**
 * What may be running: a *clock* for each step that was ever enabled, by what starts it, its message, and what it costs. At any time a
 * clock is idle, or stands for one activity.
 *
 * A clock's number is where its words begin in `words`: with ten thousand of them the simulation waits for memory, and the words of one
 * stand in one cache line.
 */

/** The slot of the actor or the channel that starts it. */
export const STARTER = 0;
/** As the walker's. */
export const KIND = 1;
export const MESSAGE = 2;
export const COST = 3;
/** The slot of the actor that takes the message; -1 for one that is lost. */
export const PERFORMER = 4;
/** Of a delivery or a loss: the message as the channel holds it; otherwise -1. */
export const HELD = 5;
/** 1 when it is a timer's, 2 when it has a weight; 0 for most. */
export const TRAIT = 6;
/** All that follows is of the activity. */
export const PHASE = 7;
/** Where its step stands in the list of its starter. */
export const ENTRY = 8;
/** The look at which it was last found to be enabled. */
export const SEEN = 9;
/** The others of its starter that are not idle. */
export const NEXT = 10;
export const PREVIOUS = 11;
/** Before and behind it in the queue of a resource. */
export const AHEAD = 12;
export const BEHIND = 13;
/** One cache line, of 64 bytes. */
export const CLOCK_BITS = 4;
export const CLOCK_WORDS = 2 ** CLOCK_BITS;

/** Traits. */
export const IS_TIMER = 1;
export const IS_WEIGHTED = 2;

/** Phases. */
export const IDLE = 0;
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

/** What a clock is of; it never changes. */
export interface ClockKind {
  readonly starter: number;
  readonly kind: number;
  readonly message: number;
  readonly place: number;
  readonly cost: number;
  readonly performer: number;
  readonly held: number;
  readonly trait: number;
}

export class Clocks {
  words = new Int32Array(64 * CLOCK_WORDS);
  #end = 0;
  readonly #byKey = new Map<string, number>();
  /** Clocks for tails that are not in use. */
  readonly #spare: number[] = [];

  of({ starter, kind, message, place, cost, performer, held, trait }: ClockKind): number {
    const key = `${starter} ${kind} ${message} ${place} ${cost}`;
    let clock = this.#byKey.get(key);
    if (clock === undefined) {
      clock = this.#add();
      this.#byKey.set(key, clock);
      this.words.set([starter, kind, message, cost, performer, held, trait], clock);
    }
    return clock;
  }

  /** A clock for what is left of an activity whose step has happened. */
  tailOf(clock: number): number {
    const tail = this.#spare.pop() ?? this.#add();
    this.words.copyWithin(tail, clock, clock + PHASE);
    this.words[tail + PHASE] = TAIL;
    return tail;
  }

  free(tail: number): void {
    this.words[tail + PHASE] = IDLE;
    this.#spare.push(tail);
  }

  /** All idle. */
  reset(): void {
    const { words } = this;
    for (let clock = 0; clock < this.#end; clock += CLOCK_WORDS) {
      if (words[clock + PHASE] === TAIL) this.#spare.push(clock);
      words[clock + PHASE] = IDLE;
      words[clock + SEEN] = 0;
    }
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

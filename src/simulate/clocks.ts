/**
 * What may be running: a *clock* for each step that was ever enabled, by what starts it, its message, and what it costs. At any time a
 * clock is idle, or stands for one activity; all that is known of that is here, by the clock's number.
 */

/** What a clock is of; it never changes. */
export interface ClockKind {
  /** The slot of the actor or the channel. */
  readonly starter: number;
  /** As the walker's. */
  readonly kind: number;
  readonly message: number;
  readonly place: number;
  readonly cost: number;
  /** The slot of the actor that takes the message; -1 for one that is lost. */
  readonly performer: number;
  /** Of a delivery or a loss: the message as the channel holds it; otherwise -1. */
  readonly held: number;
  readonly isTimer: boolean;
}

/** Phases of an activity. */
export const IDLE = 0;
/** Until it may begin: a timer is not due yet, a message on its way, its actor still busy. */
export const WAITING = 1;
/** Stands in the queue of its resource. */
export const QUEUED = 2;
/** Its step happens when its time comes; a unit is held until then, if it needs one. */
export const RUNNING = 3;
/** Its step happens now, and its unit is held longer than that. */
export const STARTING = 4;
/** What comes after a step that has happened at its start: the unit is held until its time comes. */
export const TAIL = 5;

export class Clocks {
  count = 0;
  starter = new Int32Array(64);
  kind = new Uint8Array(64);
  message = new Int32Array(64);
  cost = new Int32Array(64);
  performer = new Int32Array(64);
  held = new Int32Array(64);
  isTimer = new Uint8Array(64);
  /** Of the activity. */
  phase = new Uint8Array(64);
  /** When it was enabled, as a number that goes up. */
  order = new Float64Array(64);
  /** Where its step stands in the list of its starter. */
  entry = new Int32Array(64);
  /** The look at which it was last found to be enabled. */
  seen = new Float64Array(64);
  /** The others of its starter. */
  next = new Int32Array(64);
  previous = new Int32Array(64);
  /** Before and behind it in the queue of a resource. */
  ahead = new Int32Array(64);
  behind = new Int32Array(64);
  readonly #byKey = new Map<string, number>();
  /** Clocks for tails that are not in use. */
  readonly #spare: number[] = [];

  of({ starter, kind, message, place, cost, performer, held, isTimer }: ClockKind): number {
    const key = `${starter} ${kind} ${message} ${place} ${cost}`;
    let clock = this.#byKey.get(key);
    if (clock === undefined) {
      clock = this.#add();
      this.#byKey.set(key, clock);
      this.starter[clock] = starter;
      this.kind[clock] = kind;
      this.message[clock] = message;
      this.cost[clock] = cost;
      this.performer[clock] = performer;
      this.held[clock] = held;
      this.isTimer[clock] = isTimer ? 1 : 0;
    }
    return clock;
  }

  /** A clock for what is left of an activity whose step has happened. */
  tailOf(clock: number): number {
    const tail = this.#spare.pop() ?? this.#add();
    this.starter[tail] = this.starter[clock]!;
    this.cost[tail] = this.cost[clock]!;
    this.performer[tail] = this.performer[clock]!;
    this.phase[tail] = TAIL;
    return tail;
  }

  free(tail: number): void {
    this.phase[tail] = IDLE;
    this.#spare.push(tail);
  }

  /** All idle. */
  reset(): void {
    for (let clock = 0; clock < this.count; clock++) if (this.phase[clock] === TAIL) this.#spare.push(clock);
    this.phase.fill(IDLE);
    this.seen.fill(0);
  }

  #add(): number {
    if (this.count === this.starter.length) this.#grow();
    return this.count++;
  }

  #grow(): void {
    const length = 2 * this.count;
    const ints = (old: Int32Array) => {
      const grown = new Int32Array(length);
      grown.set(old);
      return grown;
    };
    const bytes = (old: Uint8Array) => {
      const grown = new Uint8Array(length);
      grown.set(old);
      return grown;
    };
    const doubles = (old: Float64Array) => {
      const grown = new Float64Array(length);
      grown.set(old);
      return grown;
    };
    this.starter = ints(this.starter);
    this.kind = bytes(this.kind);
    this.message = ints(this.message);
    this.cost = ints(this.cost);
    this.performer = ints(this.performer);
    this.held = ints(this.held);
    this.isTimer = bytes(this.isTimer);
    this.phase = bytes(this.phase);
    this.order = doubles(this.order);
    this.entry = ints(this.entry);
    this.seen = doubles(this.seen);
    this.next = ints(this.next);
    this.previous = ints(this.previous);
    this.ahead = ints(this.ahead);
    this.behind = ints(this.behind);
  }
}

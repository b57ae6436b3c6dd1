/** When the steps of a run were enabled, began, happened and ended: for a timeline. */

/** Numbers of a step. */
export const TIME_WORDS = 4;
/** Its step became possible. */
export const ENABLED = 0;
/** It had what it needs and began to work: a unit of its resource, awake; its timer was due; its message had arrived. */
export const BEGAN = 1;
export const HAPPENED = 2;
/** Later than it happened where the step happens at the start of the work. */
export const ENDED = 3;

export class StepTimes {
  /** By clock. */
  readonly #enabled = new Map<number, number>();
  readonly #began = new Map<number, number>();
  #times = new Float64Array(1024);
  #length = 0;

  enabled(clock: number, now: number): void {
    this.#enabled.set(clock, now);
  }

  begins(clock: number, from: number): void {
    this.#began.set(clock, from);
  }

  happens(clock: number, now: number): void {
    if (this.#length + TIME_WORDS > this.#times.length) {
      const grown = new Float64Array(2 * this.#times.length);
      grown.set(this.#times);
      this.#times = grown;
    }
    this.#times.set([this.#enabled.get(clock)!, this.#began.get(clock)!, now, now], this.#length);
    this.#length += TIME_WORDS;
  }

  /** The last step that has happened goes on until then. */
  ends(until: number): void {
    this.#times[this.#length - TIME_WORDS + ENDED] = until;
  }

  taken(): Float64Array {
    return this.#times.slice(0, this.#length);
  }
}

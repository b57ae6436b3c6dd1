/** What is known of each starter, and which of them are to be looked at after a step. */
import { NONE } from './costs.ts';

/** Words of a starter: where the list of its enabled steps stands, -1 when it has never had any. */
export const LIST = 0;
/** The first of its clocks that is not idle. */
export const FIRST = 1;
/** What its draw by weight was among. */
export const DRAWN_AMONG = 2;
const FLAGS = 3;
/** A starter's words begin at its slot, moved by so many bits. */
export const STARTER_BITS = 2;

/** Flags: it is to be looked at; even though its list is the same; it may start steps at all. */
export const TO_LOOK = 1;
export const FORCED = 2;
export const CAN_START = 4;

/** Most steps have a handful of starters to look at, and are sorted by insertion. */
const SHORT = 32;

export class Starters {
  readonly words: Int32Array;
  readonly #toLook: Int32Array;
  #count = 0;

  constructor(count: number) {
    this.words = new Int32Array(count << STARTER_BITS);
    this.#toLook = new Int32Array(count);
  }

  /**
   * Nothing is known, and nobody is to be looked at.
   *
   * @param startsAtOnce others may start steps from the first time on that one of their timers is armed
   */
  start(startsAtOnce: (starter: number) => boolean): void {
    this.#count = 0;
    for (let starter = 0; starter < this.#toLook.length; starter++) {
      const at = starter << STARTER_BITS;
      this.words[at + LIST] = NONE;
      this.words[at + FIRST] = NONE;
      this.words[at + DRAWN_AMONG] = 0;
      this.words[at + FLAGS] = startsAtOnce(starter) ? CAN_START : 0;
    }
  }

  canStart(slot: number): boolean {
    return slot < this.#toLook.length && (this.words[(slot << STARTER_BITS) + FLAGS]! & CAN_START) !== 0;
  }

  lookAt(starter: number, flags = TO_LOOK): void {
    const at = (starter << STARTER_BITS) + FLAGS;
    const before = this.words[at]!;
    this.words[at] = before | flags;
    if ((before & TO_LOOK) === 0) this.#toLook[this.#count++] = starter;
  }

  /**
   * Those to look at, until `done`: in the order of their slots, whatever order they were found in. That is the order of what is enabled
   * at one moment.
   */
  toLook(): { readonly starters: Int32Array; readonly count: number } {
    if (this.#count > SHORT) this.#toLook.subarray(0, this.#count).sort();
    else sortShort(this.#toLook, this.#count);
    return { starters: this.#toLook, count: this.#count };
  }

  /** It is being looked at. @returns whether that is even though its list is the same */
  take(starter: number): boolean {
    const at = (starter << STARTER_BITS) + FLAGS;
    const flags = this.words[at]!;
    this.words[at] = flags & CAN_START;
    return (flags & FORCED) !== 0;
  }

  done(): void {
    this.#count = 0;
  }
}

function sortShort(numbers: Int32Array, count: number): void {
  for (let at = 1; at < count; at++) {
    const number = numbers[at]!;
    let place = at;
    while (place > 0 && numbers[place - 1]! > number) {
      numbers[place] = numbers[place - 1]!;
      place--;
    }
    numbers[place] = number;
  }
}

/**
 * The situations that a search through a log has met, each once and as a whole: a state of the model, how far the log has come, and
 * what names stand for; and how the search came there.
 *
 * An open-addressing table of their numbers plus one (0 is free), a power of two in size and at most half full.
 */
import { Ints } from '../tabulate/ints.ts';

const ENTRIES_AT_FIRST = 1024;

export class Configurations {
  count = 0;
  readonly #slots: number;
  /** `#slots` words of state, then the cut and the binding. */
  readonly #words = new Ints();
  /** The number of the configuration that it was reached from, by which of its enabled steps, and after how many steps in all. */
  readonly #origins = new Ints();
  #table = new Int32Array(ENTRIES_AT_FIRST);

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Its number, or -1 when it was there before. */
  add(state: Int32Array, cut: number, binding: number, parent: number, step: number): number {
    const mask = this.#table.length - 1;
    let at = this.#hash(state, cut, binding) & mask;
    for (let entry = this.#table[at]!; entry !== 0; entry = this.#table[at]!) {
      if (this.#isAt((entry - 1) * (this.#slots + 2), state, cut, binding)) return -1;
      at = (at + 1) & mask;
    }
    const number = this.count++;
    const base = number * (this.#slots + 2);
    this.#words.extend(this.#slots + 2);
    this.#words.data.set(state, base);
    this.#words.data[base + this.#slots] = cut;
    this.#words.data[base + this.#slots + 1] = binding;
    this.#origins.push(parent);
    this.#origins.push(step);
    this.#origins.push(parent < 0 ? 0 : this.depthOf(parent) + 1);
    this.#table[at] = number + 1;
    if (this.count * 2 > this.#table.length) this.#grow();
    return number;
  }

  stateOf(number: number): Int32Array {
    const base = number * (this.#slots + 2);
    return this.#words.data.slice(base, base + this.#slots);
  }

  cutOf(number: number): number {
    return this.#words.data[number * (this.#slots + 2) + this.#slots]!;
  }

  bindingOf(number: number): number {
    return this.#words.data[number * (this.#slots + 2) + this.#slots + 1]!;
  }

  /** The steps to it. */
  depthOf(number: number): number {
    return this.#origins.data[number * 3 + 2]!;
  }

  /** Which of the enabled steps were taken to come to a configuration, first to last. */
  stepsTo(number: number): number[] {
    const steps: number[] = [];
    for (let at = number; this.#parentOf(at) >= 0; at = this.#parentOf(at)) steps.push(this.#origins.data[at * 3 + 1]!);
    return steps.reverse();
  }

  /** The configuration from which these are taken. */
  rootOf(number: number): number {
    let at = number;
    while (this.#parentOf(at) >= 0) at = this.#parentOf(at);
    return at;
  }

  #parentOf(number: number): number {
    return this.#origins.data[number * 3]!;
  }

  #isAt(base: number, state: Int32Array, cut: number, binding: number): boolean {
    const words = this.#words.data;
    for (let slot = 0; slot < this.#slots; slot++) if (words[base + slot] !== state[slot]) return false;
    return words[base + this.#slots] === cut && words[base + this.#slots + 1] === binding;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    for (let number = 0; number < this.count; number++) {
      let at = this.#hash(this.stateOf(number), this.cutOf(number), this.bindingOf(number)) & mask;
      while (this.#table[at] !== 0) at = (at + 1) & mask;
      this.#table[at] = number + 1;
    }
  }

  /** 32 bits, mixed in the manner of MurmurHash3. */
  #hash(state: Int32Array, cut: number, binding: number): number {
    let hash = Math.imul(cut, 0x9e3779b1) ^ Math.imul(binding, 0x85ebca77);
    for (let slot = 0; slot < this.#slots; slot++) {
      hash = Math.imul(hash ^ state[slot]!, 0xcc9e2d51);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}

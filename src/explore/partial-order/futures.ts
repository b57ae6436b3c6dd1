/**
 * What each actor or channel may still look at and change, from a value of its slot on: the union over all values that its slot
 * may come to by changes seen so far, whoever makes them.
 *
 * It is as complete as the search has come. So what a decision relied on is marked, and `grown` says that some of it turned
 * out to be more.
 */
import { Ints } from '../../tabulate/ints.ts';
import type { Footprint, Resources } from './resources.ts';

interface SlotFutures {
  /** By value: a mask of what its steps look at and one of what they change, now or later. */
  readonly masks: Ints;
  /** By value: the values that it was changed from. */
  readonly before: Set<number>[];
  /** By value: 1 when a decision relied on it. */
  readonly reliedOn: Ints;
}

export class Futures {
  /** Something that a decision relied on has become more since `forgetReliance`. */
  grown = false;
  readonly words: number;
  readonly #resources: Resources;
  readonly #slots: readonly SlotFutures[];

  constructor(slotCount: number, resources: Resources) {
    this.words = resources.words;
    this.#resources = resources;
    this.#slots = Array.from({ length: slotCount }, () => ({ masks: new Ints(), before: [], reliedOn: new Ints() }));
  }

  get bytes(): number {
    return this.#slots.reduce((sum, { masks, reliedOn }) => sum + masks.bytes + reliedOn.bytes, 0);
  }

  /** Copies the masks of a value: what may be looked at, then what may be changed. */
  load(slot: number, value: number, into: Int32Array, at: number): void {
    const { masks } = this.#slots[slot]!;
    const from = this.#placeOf(slot, this.#valueFor(slot, value));
    for (let word = 0; word < 2 * this.words; word++) into[at + word] = masks.data[from + word]!;
  }

  relyOn(slot: number, value: number): void {
    this.#slots[slot]!.reliedOn.set(this.#valueFor(slot, value), 1);
  }

  forgetReliance(): void {
    this.grown = false;
    for (const { reliedOn } of this.#slots) reliedOn.data.fill(0);
  }

  /** Steps that start where a slot has this value look at these slots and change those. */
  learn(slot: number, value: number, { reads, writes }: Footprint): void {
    const { masks } = this.#slots[slot]!;
    const at = this.#placeOf(slot, this.#valueFor(slot, value));
    let grows = false;
    for (let word = 0; word < this.words; word++) {
      grows = unite(masks.data, at + word, reads[word]!) || grows;
      grows = unite(masks.data, at + this.words + word, writes[word]!) || grows;
    }
    if (grows) this.#tellBefore(slot, this.#valueFor(slot, value));
  }

  /** Some step changes a slot from one value to another. */
  follow(slot: number, from: number, to: number): void {
    if (this.#resources.isChannel(slot)) return;
    const { before } = this.#slots[slot]!;
    before[to] ??= new Set();
    if (before[to].has(from)) return;
    before[to].add(from);
    if (this.#inherit(slot, from, to)) this.#tellBefore(slot, from);
  }

  /** What a channel holds changes with what others do at its other end, so that what it may do is one for all of it. */
  #valueFor(slot: number, value: number): number {
    return this.#resources.isChannel(slot) ? 0 : value;
  }

  #placeOf(slot: number, value: number): number {
    const { masks } = this.#slots[slot]!;
    const at = value * 2 * this.words;
    if (at >= masks.length) masks.set(at + 2 * this.words - 1, 0);
    return at;
  }

  /** Whether the earlier value's future has become more. */
  #inherit(slot: number, from: number, to: number): boolean {
    const { masks } = this.#slots[slot]!;
    const target = this.#placeOf(slot, from);
    const source = this.#placeOf(slot, to);
    let grows = false;
    for (let word = 0; word < 2 * this.words; word++) {
      grows = unite(masks.data, target + word, masks.data[source + word]!) || grows;
    }
    return grows;
  }

  /** A value's future has become more, so those of all values before it may. */
  #tellBefore(slot: number, value: number): void {
    const { before, reliedOn } = this.#slots[slot]!;
    const waiting = [value];
    for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
      if (to < reliedOn.length && reliedOn.data[to] === 1) this.grown = true;
      for (const from of before[to] ?? []) if (this.#inherit(slot, from, to)) waiting.push(from);
    }
  }
}

function unite(masks: Int32Array, at: number, more: number): boolean {
  const known = masks[at]!;
  masks[at] = known | more;
  return masks[at] !== known;
}

/**
 * A set of fingerprints, each with the lower word of its parent's, in 14 to 18 bytes each.
 *
 * | word of an entry | |
 * |---|---|
 * | 0 | the lower word of the fingerprint |
 * | 1 | the upper word; both 0: the entry is free |
 * | 2 | the lower word of the parent's fingerprint |
 *
 * Open addressing with linear probing, in the order of the lower words: an entry's home is its lower word scaled to the
 * capacity, and an entry that is not at home has no free one before it on the way. So the table grows within its own memory,
 * in two passes from end to end, and needs no second copy of itself. Entries are found by their lower word alone, too.
 */
import { type Budget, GrowingInts } from './memory.ts';

const WORDS = 3;
const CAPACITY_AT_FIRST = 1024;
/** Behind the last home, for entries that found it taken. */
const SPARE = 1024;
const LOAD_MAX = 0.85;
const GROWTH = 1.25;

export interface Entry {
  readonly low: number;
  readonly high: number;
  /** The lower word of the parent's. */
  readonly parent: number;
}

/** For another thread, which alone may add to it meanwhile. */
export interface SharedFingerprintSet extends FingerprintCount {
  readonly entries: SharedArrayBuffer;
}

/** What has become of it there. */
export interface FingerprintCount {
  readonly count: number;
  readonly capacity: number;
}

export class FingerprintSet {
  count: number;
  #capacity: number;
  readonly #entries: GrowingInts;

  constructor(budget: Budget, shared?: SharedFingerprintSet) {
    this.count = shared?.count ?? 0;
    this.#capacity = shared?.capacity ?? CAPACITY_AT_FIRST;
    this.#entries = new GrowingInts((this.#capacity + SPARE) * WORDS, budget, shared?.entries);
  }

  get size(): FingerprintCount {
    return { count: this.count, capacity: this.#capacity };
  }

  share(): SharedFingerprintSet {
    return { ...this.size, entries: this.#entries.share() };
  }

  /** @throws StoreFull */
  adopt({ count, capacity }: FingerprintCount): void {
    this.#entries.refresh();
    this.count = count;
    this.#capacity = capacity;
  }

  /** Adds each entry to another set. @throws StoreFull */
  copyTo(setOf: (low: number) => FingerprintSet): void {
    const { data } = this.#entries;
    for (let at = 0; at < data.length; at += WORDS) {
      const [low, high] = [data[at]!, data[at + 1]!];
      if (low !== 0 || high !== 0) setOf(low).add(low, high, data[at + 2]!);
    }
  }

  release(): void {
    this.#entries.release();
  }

  /** True when it was new. @throws StoreFull and adds nothing */
  add(low: number, high: number, parent: number): boolean {
    let at = this.#placeOf(low, high);
    let entries = this.#entries.data;
    if (entries[at] === low && entries[at + 1] === high) return false;
    let free = this.#freeFrom(at);
    while (this.count >= this.#capacity * LOAD_MAX || free < 0) {
      this.#grow();
      at = this.#placeOf(low, high);
      free = this.#freeFrom(at);
    }
    entries = this.#entries.data;
    if (free > at) entries.copyWithin(at + WORDS, at, free);
    entries[at] = low;
    entries[at + 1] = high;
    entries[at + 2] = parent;
    this.count++;
    return true;
  }

  /** All entries with a lower word: hardly ever more than one. */
  withLow(low: number): Entry[] {
    const entries = this.#entries.data;
    const found: Entry[] = [];
    for (let at = this.#homeOf(low) * WORDS; entries[at] !== 0 || entries[at + 1] !== 0; at += WORDS) {
      if (entries[at] === low) found.push({ low, high: entries[at + 1]!, parent: entries[at + 2]! });
    }
    return found;
  }

  #homeOf(low: number): number {
    return Math.floor((low >>> 0) * (this.#capacity / 2 ** 32));
  }

  /** Where a fingerprint is, or where it belongs. */
  #placeOf(low: number, high: number): number {
    const entries = this.#entries.data;
    const unsigned = low >>> 0;
    let at = this.#homeOf(low) * WORDS;
    for (;;) {
      const other = entries[at]!;
      if (other === 0 && entries[at + 1] === 0) return at;
      if (other === low) {
        if (entries[at + 1] === high) return at;
      } else if (other >>> 0 > unsigned) return at;
      at += WORDS;
    }
  }

  /** The first free place; -1 when that would be the last one of all, which must stay free to end every way. */
  #freeFrom(place: number): number {
    const entries = this.#entries.data;
    const last = (this.#capacity + SPARE - 1) * WORDS;
    let at = place;
    while (at < last && (entries[at] !== 0 || entries[at + 1] !== 0)) at += WORDS;
    return at < last ? at : -1;
  }

  #grow(): void {
    const oldEnd = (this.#capacity + SPARE) * WORDS;
    const capacity = Math.ceil(this.#capacity * GROWTH);
    const end = (capacity + SPARE) * WORDS;
    this.#entries.resize(end);
    this.#capacity = capacity;
    const entries = this.#entries.data;
    // To the end, in order, where they are out of the way of the second pass.
    let first = end;
    for (let at = oldEnd - WORDS; at >= 0; at -= WORDS) {
      if (entries[at] === 0 && entries[at + 1] === 0) continue;
      first -= WORDS;
      move(entries, at, first);
    }
    // Then each to its home, or behind the one before it. As many places are left as entries, so none is overtaken.
    let next = 0;
    for (let at = first; at < end; at += WORDS) {
      const to = Math.max(this.#homeOf(entries[at]!) * WORDS, next);
      if (to > at) throw new Error('the fingerprints do not fit behind the last home');
      move(entries, at, to);
      next = to + WORDS;
    }
  }
}

function move(entries: Int32Array, from: number, to: number): void {
  if (from === to) return;
  entries[to] = entries[from]!;
  entries[to + 1] = entries[from + 1]!;
  entries[to + 2] = entries[from + 2]!;
  entries[from] = 0;
  entries[from + 1] = 0;
  entries[from + 2] = 0;
}

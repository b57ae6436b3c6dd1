/**
 * A set of pairs of numbers, for membership alone: four bytes an entry, and nothing else to look at.
 *
 * A pair is scrambled by a bijection and then divided: the remainder says where in the table it belongs, and the quotient is
 * what the entry holds ("quotienting", Cleary 1984). So an entry and its place give back the whole pair, no pair is ever
 * mistaken for another, and nothing is read but the line of the table: one wait for memory for each question.
 *
 * | bits of an entry | |
 * |---|---|
 * | 0-6 | which probe found this place, plus one; 0 in a free entry |
 * | 7-31 | the quotient |
 *
 * Eight probes stay in a line of sixteen entries, then another line is tried. The table is cut into segments that grow one at
 * a time, so that no growth stops the search for long. An entry is one word and is never changed while it is in use, so an
 * insertion by several threads is one compare-and-exchange (`machines/textbook/lock-free-set.ts` is a model of it).
 */
import { Budget, GrowingInts, StoreFull } from './memory.ts';

const SEGMENT_BITS = 5;
const SEGMENTS = 1 << SEGMENT_BITS;
const SEGMENT_MASK = SEGMENTS - 1;
const LINE = 16;
const PROBES_PER_LINE = 8;
const PROBE_BITS = 7;
const PROBE_MASK = (1 << PROBE_BITS) - 1;
const QUOTIENT_MAX = 2 ** (32 - PROBE_BITS) - 1;
/** A segment with more than this share of used entries grows, to this one. */
const LOAD_MAX = 0.8;
const LOAD_AFTER_GROWTH = 0.55;
/** How many bits of a scrambled pair are divided. */
const DIVIDED_BITS = 31;
/** The number of lines of a segment is odd. */
const LINES_AT_FIRST = 3;
/** How large numbers are, in bits, that the set is made for at first. */
const NUMBER_BITS_AT_FIRST = 16;
const NUMBER_BITS_MAX = 26;

/** Answers of `insert`. */
export const KNOWN = 0;
export const ADDED = 1;
/** Nothing was added: `makeRoom` first. */
export const NO_ROOM = 2;

/** Another thread has put another pair there meanwhile: the next probe. */
const TAKEN = 3;

/** What another thread needs to insert into the same set, as long as nobody makes room in it. */
export interface SharedStateSet {
  readonly bits: readonly [number, number];
  readonly sizes: Int32Array;
  readonly segments: readonly Int32Array[];
  readonly used: Int32Array;
}

export class StateSet {
  /** Bits of the numbers of each half that the scrambling is made for. */
  #firstBits = NUMBER_BITS_AT_FIRST;
  #secondBits = NUMBER_BITS_AT_FIRST;
  readonly #segments: readonly { data: Int32Array }[];
  /** Other threads insert at the same time. */
  #isShared = false;
  /** Per segment: entries used. Shared, as several threads count in it. */
  readonly #used: Int32Array;
  /** Per segment: size in entries, its reciprocal, and how many quotients the divided part has. */
  readonly #size = new Int32Array(SEGMENTS);
  readonly #reciprocal = new Float64Array(SEGMENTS);
  readonly #quotients = new Int32Array(SEGMENTS);
  /** How many used entries make a segment grow. */
  readonly #usedMax = new Int32Array(SEGMENTS);

  /** Where the pairs given to `find` belong. */
  #found = new Places(1024);
  /** The same for a single pair. */
  readonly #one = new Places(1);
  readonly #oneFirst = new Int32Array(1);
  readonly #oneSecond = new Int32Array(1);
  #checksum = 0;

  constructor(from: Budget | SharedStateSet) {
    if (!(from instanceof Budget)) {
      [this.#firstBits, this.#secondBits] = from.bits;
      this.#segments = from.segments.map((data) => ({ data }));
      this.#used = from.used;
      this.#isShared = true;
      for (let segment = 0; segment < SEGMENTS; segment++) this.#measure(segment, from.sizes[segment]!);
      return;
    }
    this.#used = new Int32Array(new SharedArrayBuffer(SEGMENTS * 4));
    this.#segments = Array.from({ length: SEGMENTS }, () => new GrowingInts(LINES_AT_FIRST * LINE, from));
    for (let segment = 0; segment < SEGMENTS; segment++) this.#measure(segment, LINES_AT_FIRST * LINE);
  }

  get count(): number {
    return this.#used.reduce((sum, used) => sum + used, 0);
  }

  /** For `new StateSet` in other threads. */
  share(): SharedStateSet {
    const bits = [this.#firstBits, this.#secondBits] as const;
    return { bits, sizes: this.#size, segments: this.#segments.map(({ data }) => data), used: this.#used };
  }

  /** Whether numbers below these limits can be members; if not, `rebuild` is needed. */
  fits(firstCount: number, secondCount: number): boolean {
    return firstCount <= 2 ** this.#firstBits && secondCount <= 2 ** this.#secondBits;
  }

  /**
   * Looks up where some pairs are or would go, so that `insertFound` finds all that it reads in the caches: independent reads
   * in a row wait for memory together, where insertions would wait one after the other.
   */
  find(first: Int32Array, second: Int32Array, count: number): void {
    if (count > this.#found.home.length) this.#found = new Places(count * 2);
    const { segment, home } = this.#found;
    this.#locate(first, second, count, this.#found);
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= this.#segments[segment[i]!]!.data[home[i]!]!;
    // Kept, so that no compiler leaves the reads out.
    this.#checksum ^= sum;
  }

  /** Adds the pair that the last `find` was given at `index`. */
  insertFound(index: number): number {
    const { segment, home, quotient } = this.#found;
    return this.#insertAt(segment[index]!, home[index]!, quotient[index]!);
  }

  insert(first: number, second: number): number {
    this.#locateOne(first, second);
    return this.#insertAt(this.#one.segment[0]!, this.#one.home[0]!, this.#one.quotient[0]!);
  }

  /** Grows the segment that had no room. @throws StoreFull and changes nothing */
  makeRoom(first: number, second: number): void {
    this.#locateOne(first, second);
    this.#grow(this.#one.segment[0]!);
  }

  /** Makes room for so many more pairs, as far as can be told which segments they will go to. @throws StoreFull */
  reserve(count: number): void {
    const more = Math.ceil(count / SEGMENTS);
    for (let segment = 0; segment < SEGMENTS; segment++) {
      if (this.#used[segment]! + more > this.#usedMax[segment]!) this.#grow(segment, more);
    }
  }

  /** Empties the set and makes it fit for larger numbers; the caller adds its pairs again. */
  rebuild(firstCount: number, secondCount: number): void {
    const bitsOf = (count: number) => Math.max(NUMBER_BITS_AT_FIRST, 33 - Math.clz32(count));
    this.#firstBits = bitsOf(firstCount);
    this.#secondBits = bitsOf(secondCount);
    if (Math.max(this.#firstBits, this.#secondBits) > NUMBER_BITS_MAX) throw new StoreFull();
    for (let segment = 0; segment < SEGMENTS; segment++) {
      this.#segments[segment]!.data.fill(0);
      this.#used[segment] = 0;
      this.#measure(segment, this.#size[segment]!);
    }
  }

  release(): void {
    for (const segment of this.#segments) (segment as GrowingInts).release();
  }

  #measure(segment: number, size: number): void {
    const dividedBits = Math.min(DIVIDED_BITS, this.#firstBits + this.#secondBits) - SEGMENT_BITS;
    this.#size[segment] = size;
    this.#reciprocal[segment] = 1 / size;
    this.#quotients[segment] = Math.floor((2 ** dividedBits - 1) / size) + 1;
    this.#usedMax[segment] = Math.floor(size * LOAD_MAX);
    const high = 2 ** Math.max(0, this.#firstBits + this.#secondBits - DIVIDED_BITS);
    if (high * (Math.floor((2 ** dividedBits - 1) / size) + 1) > QUOTIENT_MAX) this.#usedMax[segment] = -1;
  }

  #locateOne(first: number, second: number): void {
    this.#oneFirst[0] = first;
    this.#oneSecond[0] = second;
    this.#locate(this.#oneFirst, this.#oneSecond, 1, this.#one);
  }

  /** Scrambles and divides pairs. */
  #locate(firsts: Int32Array, seconds: Int32Array, count: number, into: Places): void {
    const secondBits = this.#secondBits;
    const halfBits = secondBits >> 1;
    const firstMask = (1 << this.#firstBits) - 1;
    const secondMask = (1 << secondBits) - 1;
    const borrowed = Math.min(DIVIDED_BITS - secondBits, this.#firstBits);
    const borrowedMask = (1 << borrowed) - 1;
    const sizes = this.#size;
    const reciprocals = this.#reciprocal;
    const quotients = this.#quotients;
    const { segment: segments, home: homes, quotient: found } = into;
    for (let i = 0; i < count; i++) {
      const first = firsts[i]!;
      // Each line is a bijection of the pair: an odd multiplier, shifts downwards, the exclusive or with what the other part says.
      let low = Math.imul(seconds[i]!, 0x9e3779b1) & secondMask;
      low ^= low >>> halfBits;
      low = (low ^ mixed(first)) & secondMask;
      const high = (first ^ mixed(low + 0x5bd1e995)) & firstMask;
      const divided = low | ((high & borrowedMask) << secondBits);
      const segment = divided & SEGMENT_MASK;
      const rest = divided >>> SEGMENT_BITS;
      // The half keeps the product clear of the next whole number, whatever the rounding.
      const quotient = ((rest + 0.5) * reciprocals[segment]!) | 0;
      segments[i] = segment;
      homes[i] = rest - Math.imul(quotient, sizes[segment]!);
      found[i] = Math.imul(high >>> borrowed, quotients[segment]!) + quotient;
    }
  }

  #insertAt(segment: number, home: number, quotient: number): number {
    const entries = this.#segments[segment]!.data;
    const shifted = quotient << PROBE_BITS;
    const line = home & -LINE;
    for (let probe = 0; probe < PROBES_PER_LINE; probe++) {
      const at = line | ((home + probe) & (LINE - 1));
      const entry = entries[at]!;
      const wanted = shifted | (probe + 1);
      if (entry === wanted) return KNOWN;
      if (entry !== 0) continue;
      const answer = this.#add(segment, at, wanted);
      if (answer !== TAKEN) return answer;
    }
    return this.#insertBeyond(segment, home, quotient);
  }

  /** Goes on in other lines; which ones depends on the quotient, so that crowds part. */
  #insertBeyond(segment: number, home: number, quotient: number): number {
    const entries = this.#segments[segment]!.data;
    const shifted = quotient << PROBE_BITS;
    for (let probe = PROBES_PER_LINE; probe < PROBE_MASK; probe++) {
      const at = placeOf(home, probe, quotient, this.#size[segment]!);
      const entry = entries[at]!;
      const wanted = shifted | (probe + 1);
      if (entry === wanted) return KNOWN;
      if (entry !== 0) continue;
      const answer = this.#add(segment, at, wanted);
      if (answer !== TAKEN) return answer;
    }
    return NO_ROOM;
  }

  #add(segment: number, at: number, entry: number): number {
    if (this.#used[segment]! >= this.#usedMax[segment]!) return NO_ROOM;
    if (this.#isShared) {
      // The one word tells all, so whoever comes second sees whether it was the same pair.
      const before = Atomics.compareExchange(this.#segments[segment]!.data, at, 0, entry);
      if (before !== 0) return before === entry ? KNOWN : TAKEN;
      Atomics.add(this.#used, segment, 1);
      return ADDED;
    }
    this.#segments[segment]!.data[at] = entry;
    this.#used[segment]!++;
    return ADDED;
  }

  #grow(segment: number, more = 1): void {
    const growing = this.#segments[segment] as GrowingInts;
    const oldSize = this.#size[segment]!;
    const oldQuotients = this.#quotients[segment]!;
    const old = growing.data.slice(0, oldSize);
    let lines = Math.max(Math.ceil((this.#used[segment]! + more) / LOAD_AFTER_GROWTH), oldSize) / LINE;
    do {
      // Larger than its load asks for, where quotients are too large for an entry, or in the unlikely case that not all fit in.
      lines = Math.ceil(lines * 1.1) | 1;
      this.#measure(segment, lines * LINE);
      if (this.#usedMax[segment]! < 0) continue;
      growing.resize(Math.max(this.#size[segment]!, growing.data.length));
      growing.data.fill(0);
    } while (this.#usedMax[segment]! < 0 || !this.#moveAll(segment, old, oldQuotients));
  }

  #moveAll(segment: number, old: Int32Array, oldQuotients: number): boolean {
    for (let at = 0; at < old.length; at++) {
      const entry = old[at]!;
      if (entry === 0) continue;
      const probe = (entry & PROBE_MASK) - 1;
      const quotient = entry >>> PROBE_BITS;
      const home = homeOf(at, probe, quotient, old.length);
      const high = Math.floor(quotient / oldQuotients);
      const rest = (quotient - high * oldQuotients) * old.length + home;
      if (!this.#move(segment, rest, high)) return false;
    }
    return true;
  }

  #move(segment: number, rest: number, high: number): boolean {
    const size = this.#size[segment]!;
    const entries = this.#segments[segment]!.data;
    const divided = ((rest + 0.5) * this.#reciprocal[segment]!) | 0;
    const home = rest - divided * size;
    const quotient = high * this.#quotients[segment]! + divided;
    for (let probe = 0; probe < PROBE_MASK; probe++) {
      const at = placeOf(home, probe, quotient, size);
      if (entries[at] !== 0) continue;
      entries[at] = (quotient << PROBE_BITS) | (probe + 1);
      return true;
    }
    return false;
  }
}

/** Where pairs belong: segment, place in it before probing, and quotient. */
class Places {
  readonly segment: Int32Array;
  readonly home: Int32Array;
  readonly quotient: Int32Array;

  constructor(count: number) {
    this.segment = new Int32Array(count);
    this.home = new Int32Array(count);
    this.quotient = new Int32Array(count);
  }
}

/** The place of a probe: eight in the home's line, then eight in each of some other lines. */
function placeOf(home: number, probe: number, quotient: number, size: number): number {
  const jump = Math.floor(probe / PROBES_PER_LINE) * strideOf(quotient);
  const line = ((home >>> 4) + jump) % (size >>> 4);
  return line * LINE + ((home + (probe & (PROBES_PER_LINE - 1))) & (LINE - 1));
}

/** The reverse: the home of what a probe has put at a place. */
function homeOf(at: number, probe: number, quotient: number, size: number): number {
  const lines = size >>> 4;
  const jump = (Math.floor(probe / PROBES_PER_LINE) * strideOf(quotient)) % lines;
  const line = ((at >>> 4) - jump + lines) % lines;
  return line * LINE + ((at - (probe & (PROBES_PER_LINE - 1))) & (LINE - 1));
}

function strideOf(quotient: number): number {
  // A power of two has no common divisor with an odd number of lines, so all lines are tried in turn.
  return 1 << (quotient & 7);
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

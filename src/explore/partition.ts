/**
 * Splits the slots of a state in two halves such that each half takes few different values, and few steps look at both.
 *
 * Slots that vary together belong together: a thread with the lock that it holds, a device with its queue. Nobody has to
 * say so; a few thousand states show it. First the slots that tell most about each other are joined, until a few groups are
 * left; then all ways to deal the groups out to two halves are tried, and in the end single slots change sides. The result is
 * only a matter of memory and speed, never of what is found.
 */
import type { Footprint } from './observed.ts';

/** 2^7 ways to deal them out. */
const GROUPS = 8;
/** A step of each state that looks at both halves is as bad as so much more halves. */
const CROSSING_COST = 0.3;

interface Group {
  slots: number[];
  /** Per sampled state, the hash of the group's values: the exclusive or of its slots'. */
  hashes: Int32Array;
  distinct: number;
}

export type Partition = readonly [readonly number[], readonly number[]];

/** What a division is judged by. */
export interface Sample {
  /** Some states; a few thousand are enough, and more take time. */
  readonly states: readonly Int32Array[];
  /** What the steps of some states look at. */
  readonly footprints: readonly Footprint[];
  /** How many states these are. */
  readonly lookedAt: number;
}

/** Slots that stay together. */
type Units = readonly (readonly number[])[];

/** What a search begins with, when nothing is known yet. @param units slots that stay together; default: each by itself */
export function partitionAtFirst(slotCount: number, units: Units = singles(slotCount)): Partition {
  const middle = Math.ceil(units.length / 2);
  const flat = (some: Units) => some.flat().sort((a, b) => a - b);
  return [flat(units.slice(0, middle)), flat(units.slice(middle))];
}

/**
 * @param current a division that is to be improved
 * @param units slots that stay together; default: each by itself
 * @returns the half that takes fewer values first
 */
export function choosePartition(sample: Sample, current: Partition, units?: Units): Partition {
  const all = units ?? singles(current[0].length + current[1].length);
  const starts = [dealtPartition(sample.states, all), current];
  const improved = starts.map((start) => improve(sample, start, all));
  const [one, other] = improved.reduce((best, other) => (other.cost < best.cost ? other : best)).partition;
  const values = (slots: readonly number[]) => countHalves(sample.states, [slots, []]);
  return values(one) <= values(other) ? [one, other] : [other, one];
}

function singles(slotCount: number): Units {
  return Array.from({ length: slotCount }, (_, slot) => [slot]);
}

/** What the states of a sample are expected to cost with a division. */
export function costOf(sample: Sample, partition: Partition): number {
  return countHalves(sample.states, partition) * crossingFactor(sample, new Set(partition[0]));
}

function crossingFactor({ footprints, lookedAt }: Sample, isFirst: ReadonlySet<number>): number {
  let times = 0;
  for (const footprint of footprints) {
    const { slots } = footprint;
    const side = isFirst.has(slots[0]!);
    for (let i = 1; i < slots.length; i++) {
      if (isFirst.has(slots[i]!) === side) continue;
      times += footprint.times;
      break;
    }
  }
  return 1 + (times * CROSSING_COST) / lookedAt;
}

/** Moves single units to the other half, or else swaps two, as long as that helps. */
function improve(all: Sample, start: Partition, units: Units): { partition: Partition; cost: number } {
  const sample = all.states;
  const counter = new DistinctEstimator(sample.length);
  const isFirst = new Set(start[0]);
  const hashes = units.map((unit) => Int32Array.from(sample, (state) => hashOf(unit, state)));
  const nothing = new Int32Array(sample.length);
  const isIn = (unit: number) => isFirst.has(units[unit]![0]!);
  const [first, second] = [true, false].map((side) =>
    hashes.filter((_, unit) => isIn(unit) === side).reduce(either, new Int32Array(sample.length)),
  ) as [Int32Array, Int32Array];
  /** Of two units at most, which change sides. */
  const costAfter = (one: Int32Array, other: Int32Array) =>
    (counter.count(first, one, other) + counter.count(second, one, other)) * crossingFactor(all, isFirst);
  const flip = (moved: readonly number[]) => {
    for (const slot of moved.flatMap((unit) => units[unit]!)) if (!isFirst.delete(slot)) isFirst.add(slot);
  };
  const slots = start.flat().sort((a, b) => a - b);
  const partitionOf = (): Partition => [
    slots.filter((slot) => isFirst.has(slot)),
    slots.filter((slot) => !isFirst.has(slot)),
  ];
  const numbers = Array.from(units.keys());
  let cost = costAfter(nothing, nothing);
  for (;;) {
    let best: { moved: readonly number[]; cost: number } | undefined;
    const attempt = (moved: readonly [number, number?]) => {
      const [one, other] = moved;
      const units = other === undefined ? [one] : [one, other];
      flip(units);
      const tried = costAfter(hashes[one]!, other === undefined ? nothing : hashes[other]!);
      flip(units);
      if (tried < (best?.cost ?? cost)) best = { moved: units, cost: tried };
    };
    for (const unit of numbers) attempt([unit]);
    if (!best) {
      const firsts = numbers.filter(isIn);
      const seconds = numbers.filter((unit) => !isIn(unit));
      for (const one of firsts) for (const other of seconds) attempt([one, other]);
    }
    if (!best) break;
    cost = best.cost;
    flip(best.moved);
    for (const half of [first, second]) {
      for (const unit of best.moved) for (let at = 0; at < half.length; at++) half[at]! ^= hashes[unit]![at]!;
    }
  }
  return { partition: partitionOf(), cost };
}

function dealtPartition(sample: readonly Int32Array[], units: Units): Partition {
  const counter = new DistinctEstimator(sample.length);
  const groupOf = (slots: number[], hashes: Int32Array): Group => ({ slots, hashes, distinct: counter.count(hashes) });
  const unitGroups = units.map((unit) =>
    groupOf(
      [...unit],
      Int32Array.from(sample, (state) => hashOf(unit, state)),
    ),
  );
  const groups = joinRelated(unitGroups, sample.length, (one, other) =>
    groupOf([...one.slots, ...other.slots], either(one.hashes, other.hashes)),
  );

  let best = { cost: Number.POSITIVE_INFINITY, dealt: 0 };
  for (let dealt = 0; dealt < 2 ** (groups.length - 1); dealt++) {
    const cost = [0, 1]
      .map((half) => groups.filter((_, index) => ((dealt >> index) & 1) === half).map(({ hashes }) => hashes))
      .reduce((sum, half) => sum + counter.count(half.reduce(either, new Int32Array(sample.length))), 0);
    if (cost < best.cost) best = { cost, dealt };
  }
  const dealtTo = (half: number) =>
    groups
      .filter((_, index) => ((best.dealt >> index) & 1) === half)
      .flatMap(({ slots }) => slots)
      .sort((a, b) => a - b);
  return [dealtTo(0), dealtTo(1)];
}

/** How many different halves some states have, for a division of their slots. */
function countHalves(states: readonly Int32Array[], partition: Partition): number {
  const counter = new DistinctEstimator(states.length);
  return partition.reduce((sum, slots) => {
    const hashes = Int32Array.from(states, (state) => hashOf(slots, state));
    return sum + counter.count(hashes);
  }, 0);
}

/** Joins the two groups with the fewest combinations of values, measured by those that independent ones would show. */
function joinRelated(
  singles: readonly Group[],
  sampleSize: number,
  join: (one: Group, other: Group) => Group,
): Group[] {
  const groups = [...singles];
  const joined = new Map<Group, Map<Group, Group>>();
  const joint = (one: Group, other: Group): Group => {
    const known = joined.get(one)?.get(other);
    if (known) return known;
    const made = join(one, other);
    joined.set(one, (joined.get(one) ?? new Map()).set(other, made));
    return made;
  };
  while (groups.length > GROUPS) {
    let best: { ratio: number; distinct: number; at: number; with: number } | undefined;
    for (let i = 0; i < groups.length; i++) {
      for (let j = i + 1; j < groups.length; j++) {
        const [one, other] = [groups[i]!, groups[j]!];
        const { distinct } = joint(one, other);
        // A sample cannot show more combinations than it has states.
        const ratio = distinct / Math.min(one.distinct * other.distinct, sampleSize);
        if (!best || ratio < best.ratio || (ratio === best.ratio && distinct < best.distinct)) {
          best = { ratio, distinct, at: i, with: j };
        }
      }
    }
    const made = joint(groups[best!.at]!, groups[best!.with]!);
    groups.splice(best!.with, 1);
    groups[best!.at] = made;
  }
  return groups;
}

function either(one: Int32Array, other: Int32Array): Int32Array<ArrayBuffer> {
  const both = new Int32Array(one.length);
  for (let index = 0; index < both.length; index++) both[index] = one[index]! ^ other[index]!;
  return both;
}

/**
 * Estimates how many different values there are from those in a sample, without clearing its table between two counts.
 *
 * A sample cannot show more values than it has states. But the values that it shows once, and those that it shows twice, tell
 * about those that it does not show at all (Chao 1984), also where some values are much more frequent than others.
 */
class DistinctEstimator {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  readonly #rounds: Int32Array;
  readonly #times: Int32Array;
  #round = 0;

  constructor(length: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, length * 2)));
    this.#mask = size - 1;
    this.#hashes = new Int32Array(size);
    this.#rounds = new Int32Array(size);
    this.#times = new Int32Array(size);
  }

  /** @param one, other: taken together with the hashes, by exclusive or */
  count(hashes: Int32Array, one?: Int32Array, other?: Int32Array): number {
    const round = ++this.#round;
    let distinct = 0;
    let once = 0;
    let twice = 0;
    for (let index = 0; index < hashes.length; index++) {
      const hash = one && other ? hashes[index]! ^ one[index]! ^ other[index]! : hashes[index]!;
      let at = hash & this.#mask;
      while (this.#rounds[at] === round && this.#hashes[at] !== hash) at = (at + 1) & this.#mask;
      if (this.#rounds[at] === round) {
        const times = this.#times[at]!++;
        if (times === 1) {
          once--;
          twice++;
        } else if (times === 2) twice--;
        continue;
      }
      this.#times[at] = 1;
      this.#rounds[at] = round;
      this.#hashes[at] = hash;
      distinct++;
      once++;
    }
    return distinct + (once * (once - 1)) / (2 * (twice + 1));
  }
}

function hashOf(slots: readonly number[], state: Int32Array): number {
  return slots.reduce((hash, slot) => hash ^ mixed(slot, state[slot]!), 0);
}

function mixed(slot: number, value: number): number {
  let hash = Math.imul(slot + 1, 0x9e3779b1) ^ Math.imul(value + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

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

/** @param current a division that is to be improved */
export function choosePartition(sample: Sample, current: Partition): Partition {
  const slotCount = current[0].length + current[1].length;
  const starts = [dealtPartition(sample.states, slotCount), current];
  const improved = starts.map((start) => improve(sample, start));
  return improved.reduce((best, other) => (other.cost < best.cost ? other : best)).partition;
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

/** Moves single slots to the other half, or else swaps two, as long as that helps. */
function improve(all: Sample, start: Partition): { partition: Partition; cost: number } {
  const sample = all.states;
  const counter = new DistinctEstimator(sample.length);
  const hashesOf = (slot: number) => Int32Array.from(sample, (state) => mixed(slot, state[slot]!));
  const slots = start.flat().sort((a, b) => a - b);
  const hashes = new Map(slots.map((slot) => [slot, hashesOf(slot)]));
  const isFirst = new Set(start[0]);
  const halfOf = (first: boolean) =>
    slots.filter((slot) => isFirst.has(slot) === first).map((slot) => hashes.get(slot)!);
  let halves: readonly Int32Array[] = [true, false].map((first) =>
    halfOf(first).reduce(either, new Int32Array(sample.length)),
  );
  const costOf = (both: readonly Int32Array[]) =>
    both.reduce((sum, half) => sum + counter.count(half), 0) * crossingFactor(all, isFirst);
  const flip = (moved: readonly number[]) => {
    for (const slot of moved) if (!isFirst.delete(slot)) isFirst.add(slot);
  };
  const partitionOf = (): Partition => [
    slots.filter((slot) => isFirst.has(slot)),
    slots.filter((slot) => !isFirst.has(slot)),
  ];
  let cost = costOf(halves);
  for (;;) {
    let best: { moved: readonly number[]; halves: readonly Int32Array[]; cost: number } | undefined;
    const attempt = (moved: readonly number[]) => {
      const change = moved.map((slot) => hashes.get(slot)!).reduce(either);
      const tried = halves.map((half) => either(half, change));
      flip(moved);
      const triedCost = costOf(tried);
      flip(moved);
      if (triedCost < (best?.cost ?? cost)) best = { moved, halves: tried, cost: triedCost };
    };
    for (const slot of slots) attempt([slot]);
    if (!best) {
      const [firsts, seconds] = partitionOf();
      for (const one of firsts) for (const other of seconds) attempt([one, other]);
    }
    if (!best) break;
    ({ halves, cost } = best);
    flip(best.moved);
  }
  return { partition: partitionOf(), cost };
}

function dealtPartition(sample: readonly Int32Array[], slotCount: number): Partition {
  const counter = new DistinctEstimator(sample.length);
  const groupOf = (slots: number[], hashes: Int32Array): Group => ({ slots, hashes, distinct: counter.count(hashes) });
  const singles = Array.from({ length: slotCount }, (_, slot) =>
    groupOf(
      [slot],
      Int32Array.from(sample, (state) => mixed(slot, state[slot]!)),
    ),
  );
  const groups = joinRelated(singles, sample.length, (one, other) =>
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
    const hashes = Int32Array.from(states, (state) =>
      slots.reduce((hash, slot) => hash ^ mixed(slot, state[slot]!), 0),
    );
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

  count(hashes: Int32Array): number {
    const round = ++this.#round;
    let distinct = 0;
    let once = 0;
    let twice = 0;
    for (const hash of hashes) {
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

function mixed(slot: number, value: number): number {
  let hash = Math.imul(slot + 1, 0x9e3779b1) ^ Math.imul(value + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

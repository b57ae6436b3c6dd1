/**
 * Divides the slots of a state in parts such that each takes few different values, and few steps look at several.
 *
 * Slots that vary together belong together: a thread with the lock that it holds, a device with its queue. Nobody has to
 * say so; a few thousand states show it. First the slots that tell most about each other are joined, until a few groups are
 * left; then all ways to deal the groups out to two parts are tried, and in the end single slots change sides. Three or four parts
 * come of dividing the largest one again. The result is only a matter of memory and speed, never of what is found.
 */
import type { Footprint } from './observed.ts';
import type { Partition } from './parts.ts';

/** 2^7 ways to deal them out. */
const GROUPS = 8;
/** A step of each state that looks at several parts is as bad as so much more values. */
const CROSSING_COST = 0.3;

interface Group {
  slots: number[];
  /** Per sampled state, the hash of the group's values: the exclusive or of its slots'. */
  hashes: Int32Array;
  distinct: number;
}

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
 * @param count how many parts there are to be
 * @param current a division that is to be improved, if it has so many
 * @param units slots that stay together; default: each by itself
 * @returns the row's part first: of two the one with fewer values, whose sets of columns are large; of more the one with most, which
 *   needs most bits
 */
export function choosePartition(sample: Sample, current: Partition, count: number, units?: Units): Partition {
  const all = units ?? singles(current.flat().length);
  const dealt = dealtPartition(sample.states, all, count);
  const starts = current.length === count ? [dealt, current] : [dealt];
  const improved = starts.map((start) => improve(sample, start, all));
  const { partition } = improved.reduce((best, other) => (other.cost < best.cost ? other : best));
  const values = new Map(partition.map((slots) => [slots, valuesOf(sample, [slots])]));
  const order = count === 2 ? 1 : -1;
  return [...partition].sort((one, other) => order * (values.get(one)! - values.get(other)!));
}

function singles(slotCount: number): Units {
  return Array.from({ length: slotCount }, (_, slot) => [slot]);
}

/** How many values all parts of a division are expected to have. */
export function valuesOf({ states }: Sample, partition: Partition): number {
  const counter = new DistinctEstimator(states.length);
  return partition.reduce(
    (sum, slots) => sum + counter.count(Int32Array.from(states, (state) => hashOf(slots, state))),
    0,
  );
}

/** What the states of a sample are expected to cost with a division. */
export function costOf(sample: Sample, partition: Partition): number {
  const partOf = new Map(partition.flatMap((slots, part) => slots.map((slot) => [slot, part] as const)));
  return valuesOf(sample, partition) * crossingFactor(sample, (slot) => partOf.get(slot)!);
}

function crossingFactor({ footprints, lookedAt }: Sample, partOf: (slot: number) => number): number {
  let times = 0;
  for (const footprint of footprints) {
    const { slots } = footprint;
    const first = partOf(slots[0]!);
    for (let i = 1; i < slots.length; i++) {
      if (partOf(slots[i]!) === first) continue;
      times += footprint.times;
      break;
    }
  }
  return 1 + (times * CROSSING_COST) / lookedAt;
}

/** Moves single units to another part, or else swaps two, as long as that helps. */
function improve(all: Sample, start: Partition, units: Units): { partition: Partition; cost: number } {
  const sample = all.states;
  const counter = new DistinctEstimator(sample.length);
  const hashes = units.map((unit) => Int32Array.from(sample, (state) => hashOf(unit, state)));
  const nothing = new Int32Array(sample.length);
  const unitOf = new Map(units.flatMap((unit, number) => unit.map((slot) => [slot, number] as const)));
  const partOf = new Int32Array(units.length);
  start.forEach((slots, part) => {
    for (const slot of slots) partOf[unitOf.get(slot)!] = part;
  });
  const partHashes = start.map((_, part) =>
    hashes.filter((_, unit) => partOf[unit] === part).reduce(either, new Int32Array(sample.length)),
  );
  const counts = partHashes.map((own) => counter.count(own));
  const partOfSlot = (slot: number) => partOf[unitOf.get(slot)!]!;
  const total = () => counts.reduce((sum, count) => sum + count, 0);
  const cost = () => total() * crossingFactor(all, partOfSlot);
  type Move = readonly { readonly unit: number; readonly to: number }[];
  /** One unit that goes from one part to another, or two that change places; what they come from is theirs when it returns. */
  const costAfter = (move: Move): number => {
    const before = move.map(({ unit }) => partOf[unit]!);
    const [from, to] = [before[0]!, move[0]!.to];
    const [one, other] = [hashes[move[0]!.unit]!, move[1] ? hashes[move[1].unit]! : nothing];
    for (const { unit, to } of move) partOf[unit] = to;
    const values =
      total() -
      counts[from]! -
      counts[to]! +
      counter.count(partHashes[from]!, one, other) +
      counter.count(partHashes[to]!, one, other);
    const tried = values * crossingFactor(all, partOfSlot);
    move.forEach(({ unit }, at) => {
      partOf[unit] = before[at]!;
    });
    return tried;
  };
  for (let now = cost(); ; ) {
    let best: { readonly move: Move; readonly cost: number } | undefined;
    const attempt = (move: Move) => {
      const tried = costAfter(move);
      if (tried < (best?.cost ?? now)) best = { move, cost: tried };
    };
    for (let unit = 0; unit < units.length; unit++) {
      for (let to = 0; to < start.length; to++) if (to !== partOf[unit]) attempt([{ unit, to }]);
    }
    if (!best) {
      for (let one = 0; one < units.length; one++) {
        for (let other = one + 1; other < units.length; other++) {
          if (partOf[one] === partOf[other]) continue;
          attempt([
            { unit: one, to: partOf[other]! },
            { unit: other, to: partOf[one]! },
          ]);
        }
      }
    }
    if (!best) return { partition: dealtOut(units, partOf, start.length), cost: now };
    now = best.cost;
    const changed = new Set(best.move.flatMap(({ unit, to }) => [partOf[unit]!, to]));
    for (const { unit, to } of best.move) {
      for (const part of [partOf[unit]!, to]) {
        const own = partHashes[part]!;
        for (let at = 0; at < own.length; at++) own[at]! ^= hashes[unit]![at]!;
      }
    }
    for (const { unit, to } of best.move) partOf[unit] = to;
    for (const part of changed) counts[part] = counter.count(partHashes[part]!);
  }
}

/** The slots of each part, in ascending order. */
function dealtOut(units: Units, partOf: Int32Array, count: number): Partition {
  return Array.from({ length: count }, (_, part) =>
    units
      .filter((_, unit) => partOf[unit] === part)
      .flat()
      .sort((a, b) => a - b),
  );
}

/** Divides all units in two, and then the part with the most values, until there are so many. */
function dealtPartition(sample: readonly Int32Array[], units: Units, count: number): Partition {
  const counter = new DistinctEstimator(sample.length);
  const groupOf = (slots: number[], hashes: Int32Array): Group => ({ slots, hashes, distinct: counter.count(hashes) });
  const join = (one: Group, other: Group) => groupOf([...one.slots, ...other.slots], either(one.hashes, other.hashes));
  const all = units.map((unit) =>
    groupOf(
      [...unit],
      Int32Array.from(sample, (state) => hashOf(unit, state)),
    ),
  );
  let parts: (readonly Group[])[] = [all];
  const valuesIn = (part: readonly Group[]) =>
    counter.count(part.map(({ hashes }) => hashes).reduce(either, new Int32Array(sample.length)));
  while (parts.length < count) {
    const divisible = parts.filter((part) => part.length > 1);
    if (divisible.length === 0) {
      parts.push([]);
      continue;
    }
    const largest = divisible.reduce((most, part) => (valuesIn(part) > valuesIn(most) ? part : most));
    const groups = joinRelated(largest, sample.length, join);
    let best: { readonly cost: number; readonly halves: readonly (readonly Group[])[] } | undefined;
    for (let dealt = 0; dealt < 2 ** (groups.length - 1); dealt++) {
      const halves = [0, 1].map((half) => groups.filter((_, index) => ((dealt >> index) & 1) === half));
      const cost = halves.reduce((sum, half) => sum + valuesIn(half), 0);
      if (!best || cost < best.cost) best = { cost, halves };
    }
    parts = [...parts.filter((part) => part !== largest), ...best!.halves];
  }
  return parts.map((groups) => groups.flatMap(({ slots }) => slots).sort((a, b) => a - b));
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

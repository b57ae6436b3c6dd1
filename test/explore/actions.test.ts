/**
 * Groups of renamings that are known by a few members, against lists of all members: random exchanges of names, lists with names in
 * common among them, act on slots that stand for names or for none, and on values that name something.
 *
 * `FAULTLINE_SEED` says which ones.
 */
import { describe, expect, it } from 'vitest';
import { Actions, type Exchange } from '../../src/explore/actions.ts';
import { LeastImage } from '../../src/explore/least-image.ts';
import { compose, identityOf, type Permutation, PermutationGroup } from '../../src/explore/permutations.ts';
import fc from '../fast-check.ts';
import { SEED } from '../seed.ts';

const DEGREE = 5;
/** The first slots belong to a name each, a second set to these as well, and two to none. */
const SLOTS = 2 * DEGREE + 2;
/** Of slots that belong to none: values beyond these are plain. */
const NAMING = DEGREE * DEGREE;

/** Swaps of one or two pairs of different names. */
const swap: fc.Arbitrary<Permutation> = fc
  .tuple(fc.shuffledSubarray([...Array(DEGREE).keys()], { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([[a, b, c, d], both]) => {
    const names = identityOf(DEGREE);
    names[a!] = b!;
    names[b!] = a!;
    if (both) {
      names[c!] = d!;
      names[d!] = c!;
    }
    return names;
  });
const swaps = fc.array(swap, { minLength: 1, maxLength: 4 });
/** A name's slots hold a name or something plain, the others two names in a row. */
const state = fc.array(fc.nat({ max: NAMING + 2 }), { minLength: SLOTS, maxLength: SLOTS });

function actingBy(names: Permutation): Exchange {
  const slots = Int32Array.from({ length: SLOTS }, (_, slot) =>
    slot < 2 * DEGREE ? names[slot % DEGREE]! + slot - (slot % DEGREE) : slot,
  );
  const imageOf = (_: number, value: number) =>
    value < NAMING ? names[Math.floor(value / DEGREE)]! * DEGREE + names[value % DEGREE]! : value;
  return { names, slots, imageOf };
}

function membersOf(generators: readonly Permutation[]): Permutation[] {
  const members = new Map([[identityOf(DEGREE).join(), identityOf(DEGREE)]]);
  for (const member of members.values()) {
    for (const generator of generators) {
      const other = compose(generator, member);
      if (!members.has(other.join())) members.set(other.join(), other);
    }
  }
  return [...members.values()];
}

function imageBy(names: Permutation, state: Int32Array): Int32Array {
  const { slots, imageOf } = actingBy(names);
  const image = new Int32Array(SLOTS);
  state.forEach((value, slot) => {
    image[slots[slot]!] = imageOf(slot, value);
  });
  return image;
}

/** What a state holds in some slots, to be compared. */
function heldIn(slots: readonly number[], state: Int32Array): number[] {
  return slots.map((slot) => state[slot]!);
}

function compared(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at]! - other[at]!;
}

const parameters = { seed: SEED, numRuns: 300 };

describe('a group known by a few members', () => {
  it('has as many as can be made of them, and knows which', () => {
    fc.assert(
      fc.property(swaps, (generators) => {
        const group = new PermutationGroup(DEGREE);
        for (const generator of generators) group.add(generator);
        const members = membersOf(generators);
        expect(group.size).toBe(members.length);
        expect(members.filter((member) => group.add(member))).toEqual([]);
      }),
      parameters,
    );
  });

  it('stops counting where more would be too many', () => {
    const group = new PermutationGroup(100, 40_320);
    for (let at = 1; at < 100; at++) {
      const names = identityOf(100);
      [names[at - 1], names[at]] = [at, at - 1];
      group.add(names);
      if (group.size > 40_320) break;
    }
    expect(group.size).toBeGreaterThan(40_320);
  });
});

describe('what renamings make of a state', () => {
  const orders = fc.constantFrom(
    [...Array(SLOTS).keys()],
    [...Array(SLOTS).keys()].reverse(),
    [...Array(DEGREE).keys()],
    [2 * DEGREE + 1, 2 * DEGREE],
  );

  it('has a least one, which somebody makes, and those that keep it', () => {
    fc.assert(
      fc.property(swaps, state, orders, (generators, values, slots) => {
        const actions = new Actions(DEGREE, SLOTS, generators.map(actingBy));
        const least = new LeastImage(actions, slots, SLOTS);
        const given = Int32Array.from(values);
        const members = membersOf(generators);
        const images = members.map((names) => heldIn(slots, imageBy(names, given)));
        const [smallest] = images.sort(compared);

        const found = given.slice();
        const way = least.find(found, actions.all);
        expect(heldIn(slots, found)).toEqual(smallest);
        expect(heldIn(slots, imageBy(way.names, given))).toEqual(smallest);

        const whole = imageBy(way.names, given);
        const keeping = members.filter((names) => compared(heldIn(slots, imageBy(names, whole)), smallest!) === 0);
        const keepers = least.keepersOf(whole.slice(), actions.all);
        expect(keepers.size).toBe(keeping.length);
        const known = new PermutationGroup(DEGREE);
        for (const names of keeping) known.add(names);
        expect(keepers.generators.filter(({ names }) => known.add(names))).toEqual([]);

        // They have a least image of their own.
        const others = [...Array(SLOTS).keys()];
        const [smallestKept] = keeping.map((names) => heldIn(others, imageBy(names, whole))).sort(compared);
        new LeastImage(actions, others, SLOTS).find(whole, keepers);
        expect(heldIn(others, whole)).toEqual(smallestKept);
      }),
      parameters,
    );
  });

  it('is each image once, the state first', () => {
    fc.assert(
      fc.property(swaps, state, (generators, values) => {
        const actions = new Actions(DEGREE, SLOTS, generators.map(actingBy));
        const given = Int32Array.from(values);
        const slots = [...Array(SLOTS).keys()];
        const images = actions.imagesOf(given, slots).map((image) => image.join());
        expect(images[0]).toBe(given.join());
        const wanted = new Set(membersOf(generators).map((names) => imageBy(names, given).join()));
        expect(images.sort()).toEqual([...wanted].sort());
      }),
      parameters,
    );
  });
});

/**
 * Permutations of the numbers below some n, and groups of them that are known by a few members (Schreier and Sims): how many there are,
 * and whether one is among them, is told without listing them.
 */

/** By number: the one that takes its place. */
export type Permutation = Int32Array;

export function identityOf(degree: number): Permutation {
  return Int32Array.from({ length: degree }, (_, point) => point);
}

/** First the one, then the other. */
export function compose(second: Permutation, first: Permutation): Permutation {
  const composed = new Int32Array(first.length);
  for (let point = 0; point < first.length; point++) composed[point] = second[first[point]!]!;
  return composed;
}

export function inverseOf(permutation: Permutation): Permutation {
  const inverse = new Int32Array(permutation.length);
  for (let point = 0; point < permutation.length; point++) inverse[permutation[point]!] = point;
  return inverse;
}

/** What all members of a group do that leave the numbers below its own in place. */
interface Level {
  readonly members: Permutation[];
  /** Where they take the level's number; and for each such place the inverse of one that takes it there. */
  readonly orbit: number[];
  readonly back: Map<number, Permutation>;
}

/** A group that grows. */
export class PermutationGroup {
  /** How many there are: those that leave the first numbers in place, times where each of these can go. */
  size = 1;
  readonly #identity: Permutation;
  /** Undefined where nothing is known but the identity. */
  readonly #levels: (Level | undefined)[] = [];
  readonly #sizeMax: number;

  /** @param sizeMax how far the members are counted: a group that is larger has some larger size */
  constructor(degree: number, sizeMax = Number.POSITIVE_INFINITY) {
    this.#sizeMax = sizeMax;
    this.#identity = identityOf(degree);
  }

  /** Takes one in, and all that can be made of it and the others; false when it was in already. */
  add(permutation: Permutation): boolean {
    return this.#add(0, permutation);
  }

  /** @param permutation leaves the numbers below the level's in place */
  #add(from: number, permutation: Permutation): boolean {
    const [level, rest] = this.#sift(from, permutation);
    if (level === this.#identity.length) return false;
    // It is a member of all levels from the first to the one that did not know it.
    for (let at = level; at >= from; at--) this.#extend(at, rest);
    return true;
  }

  /** Takes known ones away from it, and says at which level nothing is known that would do; at the end it was a member. */
  #sift(from: number, permutation: Permutation): readonly [number, Permutation] {
    let rest = permutation;
    for (let point = from; point < rest.length; point++) {
      const place = rest[point]!;
      if (place === point) continue;
      const back = this.#levels[point]?.back.get(place);
      if (!back) return [point, rest];
      rest = compose(back, rest);
    }
    return [rest.length, rest];
  }

  /** Where the level's number can go with one more member, and what then leaves it in place. */
  #extend(at: number, member: Permutation): void {
    this.#levels[at] ??= { members: [], orbit: [at], back: new Map([[at, this.#identity]]) };
    const { members, orbit, back } = this.#levels[at];
    members.push(member);
    const old = orbit.length;
    // The orbit grows while it is gone through.
    for (let index = 0; index < orbit.length; index++) {
      const place = orbit[index]!;
      const there = inverseOf(back.get(place)!);
      for (const next of index < old ? [member] : members) {
        if (this.size > this.#sizeMax) return;
        const image = next[place]!;
        const way = compose(next, there);
        const known = back.get(image);
        if (known) this.#add(at + 1, compose(known, way));
        else {
          this.size = (this.size / orbit.length) * (orbit.length + 1);
          orbit.push(image);
          back.set(image, inverseOf(way));
        }
      }
    }
  }
}

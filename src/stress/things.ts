/**
 * The population of a system: interchangeable things, as pages, of which a stress run has any number. In data a thing is
 * a word, one of its names; here it is its place in the template's list, so data can be taken apart into a form and the
 * things that it names.
 */
import { canonicalKey } from '../tabulate/plain.ts';

export class Things {
  /** How many the template has. */
  readonly count: number;
  readonly #names: readonly (readonly string[])[];
  readonly #placeOf = new Map<string, { readonly thing: number; readonly name: number }>();

  /** @param names the names of each thing, the same number for all */
  constructor(names: readonly (readonly string[])[]) {
    this.count = names.length;
    this.#names = names;
    names.forEach((own, thing) => {
      own.forEach((word, name) => {
        this.#placeOf.set(word, { thing, name });
      });
    });
  }

  /** The things that are named in data, in the order in which a canonical key has them first; after those in `found`. */
  namedIn(data: unknown, found: number[] = []): number[] {
    if (this.count > 0) this.#collect(data, found);
    return found;
  }

  #collect(data: unknown, found: number[]): void {
    if (typeof data === 'string') {
      for (const [word] of data.matchAll(/\w+/g)) {
        const place = this.#placeOf.get(word);
        if (place && !found.includes(place.thing)) found.push(place.thing);
      }
    } else if (Array.isArray(data)) {
      for (const item of data) this.#collect(item, found);
    } else if (typeof data === 'object' && data !== null) {
      for (const key of Object.keys(data).sort()) {
        this.#collect(key, found);
        this.#collect((data as Record<string, unknown>)[key], found);
      }
    }
  }

  /** A copy of plain data with the names of other things in it; `moves[thing]` is the thing that takes its place. */
  rename<T>(data: T, moves: readonly number[], nameOf: (thing: number, name: number) => string = this.nameOf): T {
    return this.#renamed(data, (word) => {
      const place = this.#placeOf.get(word);
      return place ? nameOf(moves[place.thing] ?? place.thing, place.name) : word;
    }) as T;
  }

  /** A text with a hole for each name: the same for all members of a family. */
  withoutNames(text: string): string {
    return this.#renamed(text, (word) => (this.#placeOf.has(word) ? '#' : word)) as string;
  }

  readonly nameOf = (thing: number, name: number): string => this.#names[thing]![name]!;

  /** Its name in a population of any size: the digits of the first one's name are its number. */
  readonly nameAnywhere = (thing: number, name: number): string =>
    this.#names[0]![name]!.replace(/\d+$/, String(thing));

  #renamed(data: unknown, renameWord: (word: string) => string): unknown {
    if (typeof data === 'string') return this.count === 0 ? data : data.replace(/\w+/g, renameWord);
    if (typeof data !== 'object' || data === null) return data;
    if (Array.isArray(data)) return data.map((item) => this.#renamed(item, renameWord));
    return Object.fromEntries(
      Object.entries(data).map(([key, item]) => [
        this.#renamed(key, renameWord) as string,
        this.#renamed(item, renameWord),
      ]),
    );
  }

  /** The one thing that an actor's name has a word of, and the name with a hole in that word's place. */
  familyOf(name: string): { readonly family: string; readonly thing: number } | undefined {
    const [thing, other] = this.namedIn(name);
    if (thing === undefined || other !== undefined) return undefined;
    const family = name.replace(/\w+/g, (word) => {
      const place = this.#placeOf.get(word);
      return place ? this.nameOf(0, place.name).replace(/\d+$/, '#') : word;
    });
    return { family, thing };
  }

  /** Whether data is the same after any two things change places. */
  isInvariant(data: unknown): boolean {
    const key = canonicalKey(data, 'input');
    return this.exchanges().every((moves) => canonicalKey(this.rename(data, moves), 'input') === key);
  }

  /** Each thing comes to each place but its own once. */
  rotations(): number[][] {
    const { count } = this;
    return Array.from({ length: Math.max(0, count - 1) }, (_, by) =>
      Array.from({ length: count }, (__, thing) => (thing + by + 1) % count),
    );
  }

  /** Two neighbours change places: of these all renamings are made. */
  exchanges(): number[][] {
    return Array.from({ length: Math.max(0, this.count - 1) }, (_, at) => {
      const moves = Array.from({ length: this.count }, (__, thing) => thing);
      [moves[at], moves[at + 1]] = [at + 1, at];
      return moves;
    });
  }
}

/** Thing `things[i]` takes place i, and the others the places that are left, in order. */
export function inverse(things: readonly number[]): number[] {
  const moves: number[] = [];
  things.forEach((thing, place) => {
    moves[thing] = place;
  });
  const highest = Math.max(-1, ...things);
  let free = things.length;
  for (let thing = 0; thing <= highest; thing++) if (moves[thing] === undefined) moves[thing] = free++;
  return moves;
}

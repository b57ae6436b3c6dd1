/**
 * Renamings: permutations of the names of interchangeable things, and what they do to plain data.
 *
 * A name is replaced wherever it stands as a whole word, in strings and object keys: `dev1` in `dev1-link` or in
 * `a DMA of dev1`, but not in `dev10` and not in `dev1_link`.
 */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { compose, identityOf, type Permutation, PermutationGroup } from './permutations.ts';

/** All renamings of a system; more would take longer than the smaller space saves. 8! is allowed. */
export const RENAMINGS_MAX = 40_320;

/** The new name of every name that changes. */
export type Renaming = ReadonlyMap<string, string>;

/** All that can be made of the declared interchanges. */
export class RenamingGroup {
  /** Two neighbours in a list change places; each undoes itself. */
  readonly generators: readonly Renaming[];
  /** The same, of the numbers of names. */
  readonly permutations: readonly Permutation[];
  /** How many names can change. */
  readonly degree: number;
  /** How many renamings there are. */
  readonly size: number;
  #words: readonly Word[] | undefined;

  /** @throws ModelError `bad-definition` when there are more than `RENAMINGS_MAX` */
  constructor({ symmetry }: System) {
    if (sizeAtLeast(symmetry) > RENAMINGS_MAX) throw tooMany();
    this.generators = symmetry.flatMap(exchanges);
    const names = [...new Set(symmetry.flat(2))].sort();
    const numbers = new Map(names.map((name, number) => [name, number]));
    this.degree = names.length;
    const group = new PermutationGroup(this.degree, RENAMINGS_MAX);
    this.permutations = this.generators.map((renaming) => {
      const permutation = Int32Array.from(names, (name) => numbers.get(renaming.get(name) ?? name)!);
      group.add(permutation);
      if (group.size > RENAMINGS_MAX) throw tooMany();
      return permutation;
    });
    this.size = group.size;
  }

  /** Every renaming, the identity first; the others are a generator after an earlier one. They are made when somebody asks. */
  get words(): readonly Word[] {
    this.#words ??= this.#allWords();
    return this.#words;
  }

  #allWords(): Word[] {
    const identity = identityOf(this.degree);
    const keyOf = (permutation: Permutation) => String.fromCharCode(...permutation);
    const known = new Set([keyOf(identity)]);
    const words: Word[] = [{ generator: -1, after: 0 }];
    const elements = [identity];
    for (let after = 0; after < elements.length; after++) {
      this.permutations.forEach((swap, generator) => {
        const element = compose(swap, elements[after]!);
        const key = keyOf(element);
        if (known.has(key)) return;
        known.add(key);
        elements.push(element);
        words.push({ generator, after });
      });
    }
    return words;
  }
}

/** A generator after another renaming; the identity is after itself. */
interface Word {
  readonly generator: number;
  readonly after: number;
}

/** Of lists that share no name, each can be rearranged by itself: so nobody has to try how many renamings ten thousand things have. */
function sizeAtLeast(symmetry: System['symmetry']): number {
  const taken = new Set<string>();
  let size = 1;
  for (const things of symmetry) {
    const names = things.flat();
    if (names.some((name) => taken.has(name))) continue;
    for (const name of names) taken.add(name);
    for (let count = 2; count <= things.length && size <= RENAMINGS_MAX; count++) size *= count;
  }
  return size;
}

function tooMany(): ModelError {
  return new ModelError(
    'bad-definition',
    `the declared symmetry has more than ${RENAMINGS_MAX} renamings`,
    'declare fewer things as interchangeable: leaving some out is always sound',
  );
}

/** Two neighbours of a list of things change places; all renamings of the list follow from these. */
export function exchanges(things: System['symmetry'][number]): Renaming[] {
  return things.slice(1).map((thing, at) => exchange(things[at]!, thing));
}

function exchange(one: readonly string[], other: readonly string[]): Renaming {
  return new Map(one.flatMap((name, at) => [[name, other[at]!] as const, [other[at]!, name] as const]));
}

export function renameText(text: string, renaming: Renaming): string {
  return text.replace(/\w+/g, (word) => renaming.get(word) ?? word);
}

/** A copy of plain data with other names in it; whatever it does not change may be shared with the original. */
export function renameData<T>(value: T, renaming: Renaming): T {
  return renamed(value, renaming) as T;
}

function renamed(value: unknown, renaming: Renaming): unknown {
  if (typeof value === 'string') return renameText(value, renaming);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, renaming));
  const entries = Object.entries(value).map(([key, item]) => [renameText(key, renaming), renamed(item, renaming)]);
  return Object.fromEntries(entries);
}

/** As people read it: `dev0 <-> dev1`. */
export function describeRenaming(renaming: Renaming): string {
  return [...renaming]
    .filter(([from, to]) => renaming.get(to) !== from || from < to)
    .map(([from, to]) => `${from} ${renaming.get(to) === from ? '<->' : '->'} ${to}`)
    .join(', ');
}

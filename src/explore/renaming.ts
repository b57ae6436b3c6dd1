/**
 * Renamings: permutations of the names of interchangeable things, and what they do to plain data.
 *
 * A name is replaced wherever it stands as a whole word, in strings and object keys: `dev1` in `dev1-link` or in
 * `a DMA of dev1`, but not in `dev10` and not in `dev1_link`.
 */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';

/** All renamings of a system; more would take longer than the smaller space saves. 7! is allowed. */
export const RENAMINGS_MAX = 5040;

/** The new name of every name that changes. */
export type Renaming = ReadonlyMap<string, string>;

export interface RenamingGroup {
  /** Two neighbours in a list change places; each undoes itself. */
  readonly generators: readonly Renaming[];
  /** Every renaming, the identity first; the others are a generator after an earlier one. */
  readonly elements: readonly { readonly renaming: Renaming; readonly generator: number; readonly after: number }[];
}

/**
 * All that can be made of the declared interchanges.
 *
 * @throws ModelError `bad-definition` when there are more than `RENAMINGS_MAX`
 */
export function renamingsOf({ symmetry }: System): RenamingGroup {
  if (sizeAtLeast(symmetry) > RENAMINGS_MAX) throw tooMany();
  const generators = symmetry.flatMap(exchanges);
  const names = [...new Set(symmetry.flat(2))].sort();
  const keyOf = (renaming: Renaming) => names.map((name) => renaming.get(name) ?? name).join();
  const identity: Renaming = new Map();
  const elements = [{ renaming: identity, generator: -1, after: 0 }];
  const known = new Set([keyOf(identity)]);
  for (let after = 0; after < elements.length; after++) {
    generators.forEach((swap, generator) => {
      const renaming = compose(swap, elements[after]!.renaming, names);
      const key = keyOf(renaming);
      if (known.has(key)) return;
      known.add(key);
      elements.push({ renaming, generator, after });
    });
    if (elements.length > RENAMINGS_MAX) throw tooMany();
  }
  return { generators, elements };
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

function compose(second: Renaming, first: Renaming, names: readonly string[]): Renaming {
  const moves = new Map<string, string>();
  for (const name of names) {
    const between = first.get(name) ?? name;
    const end = second.get(between) ?? between;
    if (end !== name) moves.set(name, end);
  }
  return moves;
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

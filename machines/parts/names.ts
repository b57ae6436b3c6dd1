/** Names of the actors of a system of some size, and which of them are alike. */

/** `prefix0`, `prefix1`, …: the names that `family` gives its members. */
export function names<Prefix extends string>(prefix: Prefix, count: number): `${Prefix}${number}`[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}` as const);
}

/** `count` interchangeable things, each with a name of every prefix: `[['dev0', 'core0'], ['dev1', 'core1']]`. */
export function alike(count: number, ...prefixes: readonly string[]): string[][] {
  return Array.from({ length: count }, (_, index) => prefixes.map((prefix) => `${prefix}${index}`));
}

/** More take longer than the smaller space saves. */
const RENAMINGS_WORTH = 40_320;

/** A declaration of these symmetries that is worth its time: of the largest lists, the last things are left out, which is always sound. */
export function interchangeable(...classes: readonly string[][][]): string[][][] {
  const counts = classes.map((things) => things.length);
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  while (counts.reduce((product, count) => product * factorial(count), 1) > RENAMINGS_WORTH) {
    counts[counts.indexOf(Math.max(...counts))]!--;
  }
  return classes.map((things, index) => things.slice(0, counts[index]!)).filter((things) => things.length > 1);
}

/** Which of `values` belongs to which of `keys`, place by place. */
export function pairs(keys: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key, index) => [key, values[index]!]));
}

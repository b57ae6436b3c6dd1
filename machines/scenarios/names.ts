/** `prefix0`, `prefix1`, …: the names that `family` gives its members. */
export function names<Prefix extends string>(prefix: Prefix, count: number): `${Prefix}${number}`[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}` as const);
}

/** Which of `values` belongs to which of `keys`, place by place. */
export function pairs(keys: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key, index) => [key, values[index]!]));
}

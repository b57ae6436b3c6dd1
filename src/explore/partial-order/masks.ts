/** Sets of small numbers as bits, 32 to a word. */

export function wordsFor(count: number): number {
  return Math.ceil(count / 32);
}

export function maskOf(numbers: Iterable<number>, words: number): Int32Array {
  const mask = new Int32Array(words);
  for (const number of numbers) addTo(mask, number);
  return mask;
}

export function addTo(mask: Int32Array, number: number): void {
  mask[number >>> 5]! |= 1 << (number & 31);
}

export function has(mask: Int32Array, number: number): boolean {
  return ((mask[number >>> 5]! >>> (number & 31)) & 1) !== 0;
}

export function elementsOf(mask: Int32Array): number[] {
  return Array.from({ length: mask.length * 32 }, (_, number) => number).filter((number) => has(mask, number));
}

/** Whether two sets have a number in common; the second one starts at a place in its array. */
export function meet(one: Int32Array, other: Int32Array, at = 0): boolean {
  for (let word = 0; word < one.length; word++) if ((one[word]! & other[at + word]!) !== 0) return true;
  return false;
}

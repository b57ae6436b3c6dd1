/** Columns in as many bits as are in use, one behind the other. */
import type { Field } from './parts.ts';

export function bitsOf(fields: readonly Field[]): number {
  return fields.reduce((sum, { bits }) => sum + bits, 0);
}

/** Writes fields of columns one after the other into words that are zero, behind those of so many others. */
export function pack(
  columns: Int32Array,
  count: number,
  fields: readonly Field[],
  words: Int32Array,
  firstWord: number,
  before: number,
): void {
  const bits = bitsOf(fields);
  let word = firstWord + Math.floor((before * bits) / 32);
  let used = (before * bits) % 32;
  for (let at = 0; at < count; at++) {
    const column = columns[at]!;
    let number = 0;
    for (let i = 0, place = 0; i < fields.length; i++) {
      const field = fields[i]!;
      number |= ((column >>> field.shift) & ((1 << field.bits) - 1)) << place;
      place += field.bits;
    }
    words[word]! |= number << used;
    used += bits;
    if (used >= 32) {
      used -= 32;
      word++;
      // A shift by 32 would be none.
      if (used > 0) words[word]! |= number >>> (bits - used);
    }
  }
}

/** Reads the columns `from` to `to` of what `pack` has written. */
export function unpack(
  words: Int32Array,
  firstWord: number,
  fields: readonly Field[],
  from: number,
  to: number,
  into: Int32Array,
): void {
  const bits = bitsOf(fields);
  const bit = from * bits;
  let word = firstWord + Math.floor(bit / 32);
  let used = bit % 32;
  for (let at = from; at < to; at++) {
    let number = words[word]! >>> used;
    used += bits;
    if (used >= 32) {
      used -= 32;
      word++;
      if (used > 0) number |= words[word]! << (bits - used);
    }
    let column = 0;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      column |= (number & ((1 << field.bits) - 1)) << field.shift;
      number >>>= field.bits;
    }
    into[at - from] = column;
  }
}

/** Shared buffers that grow in place: room is reserved in the address space, and only what is used takes memory. */

/** Address space, not memory: what a large array may grow to in place. */
export const RESERVED_BYTES = 2 ** 32 - 2 ** 16;
/** Reserving takes longer than a small search, so an array reserves nothing below this size, and is copied where it grows. */
const COPIED_BYTES = 2 ** 16;
/** At first an array reserves this much, so that many small searches do not use up the address space; it moves once more. */
const RESERVED_AT_FIRST_BYTES = 2 ** 20;

/** What a buffer may grow to in place. */
export function roomIn(buffer: SharedArrayBuffer): number {
  return (buffer as unknown as { maxByteLength: number }).maxByteLength;
}

export function bufferFor(bytes: number): SharedArrayBuffer {
  if (bytes <= COPIED_BYTES) return new SharedArrayBuffer(bytes);
  return reserve(bytes <= RESERVED_AT_FIRST_BYTES ? RESERVED_AT_FIRST_BYTES : RESERVED_BYTES);
}

export function reserve(bytesMax: number): SharedArrayBuffer {
  // The types of this TypeScript target do not know the second argument yet.
  const Growable = SharedArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => SharedArrayBuffer;
  return new Growable(0, { maxByteLength: bytesMax });
}

export function growInPlace(buffer: SharedArrayBuffer, bytes: number): void {
  (buffer as unknown as { grow(bytes: number): void }).grow(bytes);
}

/** 32 bits that stand for a sequence of numbers and texts: enough to notice a change, not to keep anybody from making one. */

/** In the manner of MurmurHash3. */
export function mix(digest: number, word: number): number {
  const mixed = Math.imul(digest ^ word, 0xcc9e2d51);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) | 0;
}

export function mixText(digest: number, text: string): number {
  let mixed = mix(digest, text.length);
  for (let at = 0; at < text.length; at++) mixed = mix(mixed, text.charCodeAt(at));
  return mixed;
}

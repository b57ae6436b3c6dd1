/**
 * Plain data as JSON, and back without a loss. JSON has no notation for some of what contexts and messages may hold; it stands as
 *
 * - `{ "#bigint": "12" }`;
 * - `{ "#number": "NaN" }`, or `"Infinity"`, `"-Infinity"`, `"-0"`;
 * - `{ "#undefined": true }`;
 * - `{ "#object": { … } }`: an object one of whose own keys begins with `#`.
 */

/** What `JSON.stringify` writes so that `decodePlain` reads the very same data. */
export function encodePlain(value: unknown): unknown {
  if (typeof value === 'bigint') return { '#bigint': String(value) };
  if (value === undefined) return { '#undefined': true };
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { '#number': Object.is(value, -0) ? '-0' : `${value}` };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, encodePlain);
  const encoded = mapped(value, encodePlain);
  return Object.keys(value).some((key) => key.startsWith('#')) ? { '#object': encoded } : encoded;
}

/** Deeper than contexts and messages are, and less deep than a stack is. */
const DEPTH_MAX = 1000;

/**
 * What a file holds that anybody may have written.
 *
 * @throws SyntaxError when it is no JSON, or so deeply nested that what walks it would run out of stack
 */
export function parseJson(text: string): unknown {
  const document: unknown = JSON.parse(text);
  let level = [document];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) throw new SyntaxError(`it is nested more than ${DEPTH_MAX} levels deep`);
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return document;
}

/** @param value what `parseJson` has read; what is no encoding stays as it is, as older files have it */
export function decodePlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decodePlain);
  const [[key, content] = [], ...others] = Object.entries(value);
  if (key !== undefined && others.length === 0) {
    if (key === '#bigint' && typeof content === 'string' && /^-?\d{1,100000}$/.test(content)) return BigInt(content);
    if (key === '#undefined' && content === true) return undefined;
    if (key === '#number' && typeof content === 'string' && NUMBERS.has(content)) return Number(content);
    if (key === '#object' && typeof content === 'object' && content !== null) return mapped(content, decodePlain);
  }
  return mapped(value, decodePlain);
}

const NUMBERS: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity', '-0']);

/** Not by assignment: a key may be `__proto__`. */
function mapped(value: object, change: (item: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}

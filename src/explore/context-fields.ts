/** The fields of the contexts that an actor has had, as keys of a size that a great many of them can be compared by. */
import { createHash } from 'node:crypto';
import { canonicalKey } from '../tabulate/plain.ts';
import type { ActorTable } from '../tabulate/tables.ts';

type Context = Readonly<Record<string, unknown>>;

/** Longer ones tell nobody more. */
const KEY_CHARS_MAX = 200;
const DIGEST_CHARS = 12;

/** By local state. */
export function contextsOf({ locals }: ActorTable): Context[] {
  return locals.map((local) => (local.snapshot.context ?? {}) as Context);
}

/** The names of all their fields. */
export function fieldsOf(contexts: readonly Context[]): string[] {
  return [...new Set(contexts.flatMap((context) => Object.keys(context)))];
}

/** A long value is told by its beginning: the texts of all values may need as much memory as the search that had no room left. */
export function shortKeyOf(value: unknown, field: string): string {
  const key = canonicalKey(value, field);
  if (key.length <= KEY_CHARS_MAX) return key;
  const digest = createHash('sha256').update(key).digest('base64url').slice(0, DIGEST_CHARS);
  return `${Buffer.from(key.slice(0, KEY_CHARS_MAX)).toString()}… (${key.length} characters, ${digest})`;
}

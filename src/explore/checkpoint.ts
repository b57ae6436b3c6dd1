/**
 * A search as bytes, so that another process can go on with it.
 *
 * States are kept as they are in memory. The numbers in them mean something only together with the tables, so the questions that
 * gave these numbers are kept as well (`TablesLog`), and XState answers them again. What can be computed from these is not kept.
 *
 * | bytes | |
 * |---|---|
 * | 8 | `FAULTCP5` |
 * | 32 | SHA-256 of all that follows |
 * | 4 | length of the header, little-endian |
 * | | header: what the search is of, counts, and the lengths of the arrays; by V8's structured clone |
 * | | arrays: log of the tables, values of all parts, and states: rows, where their columns end, columns |
 *
 * The checksum tells accidents, not malice. Whatever the bytes are, they are read without harm; but who can write them can leave
 * states out, so a verdict is worth as much as the file that it was resumed from.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { versions } from 'node:process';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { xstateIn } from '../system/xstate.ts';
import { DEEP_HINT } from '../tabulate/plain.ts';
import { LOG_WORDS } from '../tabulate/tables.ts';
import { fullText } from './full-text.ts';
import { columnOf, rowOf } from './orders.ts';
import { COLUMN_BITS, PARTS_MAX, ROW_BITS, spareBits } from './parts.ts';
import type { SearchSnapshot } from './search.ts';

const MAGIC = 'FAULTCP5';
const HASH_BYTES = 32;
const START_BYTES = MAGIC.length + HASH_BYTES + 4;
/** More at once makes some kernels' writes incomplete, and copies too large. */
const CHUNK_BYTES = 2 ** 24;

/** What a checkpoint belongs to: a search goes on only from a checkpoint in which all of this is equal, but for the title. */
export interface Identity {
  /** `identityOf` its system. */
  readonly system: Readonly<Record<string, string>>;
  readonly search: 'breadth-first';
  readonly store: 'exact';
  /** Whether only one of the states is kept that differ in the names of interchangeable things. */
  readonly symmetry: boolean;
  /** Whether it goes on after a violation. */
  readonly allViolations: boolean;
  /** Versions of what runs it, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the caller said it stands for: `origin` of `CheckOptions`. */
  readonly origin: Readonly<Record<string, string>>;
  /** What the user asked for, to be told when it does not fit. */
  readonly title: string;
}

/** What `check` saves, and goes on from. It shares memory with its search: encode it before that goes on. */
export interface Checkpoint {
  readonly identity: Identity;
  /** Seconds that the search has taken so far. */
  readonly seconds: number;
  readonly snapshot: SearchSnapshot;
}

/** A checkpoint that cannot be used; the message says what was found, the hint what to do. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The parts of a system that a search depends on, and for each a digest of all that it holds, the text of its functions included.
 *
 * @throws ModelError `not-plain-data` when one nests so deep that it cannot be told
 */
export function identityOf(system: System): Record<string, string> {
  const { actors, channels, starts, blocking, properties, deadlock, unhandled, symmetry, fairness } = system;
  const parts = { actors, channels, starts, blocking, properties, deadlock, unhandled, symmetry, fairness };
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name,
      createHash('sha256').update(textOfPart(name, part)).digest('hex'),
    ]),
  );
}

function textOfPart(name: string, part: unknown): string {
  try {
    return fullText(part);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ModelError(
      'not-plain-data',
      `${name} of the system nest too deep for a checkpoint to say what it belongs to`,
      DEEP_HINT,
      { cause: error },
    );
  }
}

/** Of Node only what changes the language. */
export function versionsInUse(system: System): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  return {
    faultline: versionOf('faultline'),
    xstate: xstateIn(system).version,
    node: versions.node.replace(/\..*/, ''),
  };
}

/** In what the search that a checkpoint is of differs from another one, in words; undefined when it is the same. */
export function differenceOf(saved: Identity, asked: Omit<Identity, 'title'>): string | undefined {
  if (saved.symmetry !== asked.symmetry) {
    return `it is of a search ${saved.symmetry ? 'with' : 'without'} symmetry, this one is not`;
  }
  if (saved.allViolations !== asked.allViolations) {
    return `it is of a search ${saved.allViolations ? 'for all violations' : 'that ends with a violation'}, this one is not`;
  }
  if (saved.search !== asked.search) return `it is of a ${saved.search} search, this one is ${asked.search}`;
  if (saved.store !== asked.store)
    return `it is of a search with the store ${saved.store}, this one has ${asked.store}`;
  const [origin] = differing(saved.origin, asked.origin);
  if (origin !== undefined) return `${origin} was ${told(saved.origin[origin])}, and is ${told(asked.origin[origin])}`;
  const [version] = differing(saved.versions, asked.versions);
  if (version !== undefined) {
    return `it was written with ${version} ${saved.versions[version]}, this is ${asked.versions[version]}`;
  }
  const parts = differing(saved.system, asked.system);
  return parts.length === 0
    ? undefined
    : `it is of another system, or another version of it: ${parts.join(', ')} differ`;
}

function differing(some: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(some), ...Object.keys(others)]);
  return [...names].filter((name) => some[name] !== others[name]);
}

/** Digests tell people nothing beyond that they differ. */
function told(value: string | undefined): string {
  if (value === undefined) return 'not there';
  return /^[0-9a-f]{64}$/.test(value) ? `another (${value.slice(0, 8)})` : value;
}

/**
 * The bytes of a checkpoint, in pieces to be written one after the other; valid until the search goes on.
 *
 * @example
 * ```ts
 * import { actor, check, decodeCheckpoint, defineSystem, encodeCheckpoint, family } from 'faultline';
 * import { light } from './lights.ts';
 *
 * const lane = () => actor(light, { choices: [{ type: 'GO' }, { type: 'STOP' }] });
 * const lanes = defineSystem({ actors: family('lane', 10, lane) });
 * let saved: Uint8Array = new Uint8Array();
 * const save = (checkpoint: Parameters<typeof encodeCheckpoint>[0]) => {
 *   saved = Buffer.concat(encodeCheckpoint(checkpoint));
 * };
 * await check(lanes, { checkpoint: { every: 0.001, title: 'lanes', save } });
 * const { states } = await check(lanes, { resume: decodeCheckpoint(saved, 'lanes.checkpoint') });
 * states; // => 1024
 * ```
 */
export function encodeCheckpoint({ identity, seconds, snapshot }: Checkpoint): Uint8Array[] {
  const { log, states, ...counts } = snapshot;
  const { partition, partitions, bits, parts, rows, ends, columns } = states;
  const arrays = [log.asked, rows, ends, columns, ...parts].map(bytesOf);
  const header = serialize({
    identity,
    seconds,
    counts,
    messages: log.messages,
    partition,
    partitions,
    bits,
    lengths: arrays.map(({ length }) => length),
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const rest = [length, header, ...arrays].flatMap(chunksOf);
  const hash = createHash('sha256');
  for (const chunk of rest) hash.update(chunk);
  return [Buffer.from(MAGIC, 'latin1'), hash.digest(), ...rest];
}

/**
 * @param name what errors call the bytes: a path, usually
 * @throws CheckpointError when the bytes are no checkpoint, not all of one, or say what cannot be
 *
 * @example
 * ```ts
 * import { CheckpointError, decodeCheckpoint } from 'faultline';
 *
 * try {
 *   decodeCheckpoint(new Uint8Array(100), 'no.checkpoint');
 * } catch (error) {
 *   error instanceof CheckpointError; // => true
 * }
 * ```
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = buffer.toString('latin1', 0, MAGIC.length);
  if (magic !== MAGIC) {
    const kind = magic.startsWith(MAGIC.slice(0, -1)) ? 'a checkpoint of another version' : 'no checkpoint';
    throw new CheckpointError(`${name} is ${kind}`, 'give the directory that --checkpoint has written to');
  }
  const damaged = (what: string) =>
    new CheckpointError(`${name} is damaged: ${what}`, 'start the search again, without resuming');
  const hash = createHash('sha256');
  for (const chunk of chunksOf(buffer.subarray(MAGIC.length + HASH_BYTES))) hash.update(chunk);
  if (buffer.length < START_BYTES || !hash.digest().equals(buffer.subarray(MAGIC.length, MAGIC.length + HASH_BYTES))) {
    throw damaged('its checksum is wrong');
  }
  const at = START_BYTES + buffer.readUInt32LE(START_BYTES - 4);
  if (at > buffer.length) throw damaged('its header is longer than the file');
  const header = headerOf(buffer.subarray(START_BYTES, at));
  if (typeof header === 'string') throw damaged(`its header is none: ${header}`);
  const { identity, seconds, counts, messages, partition, partitions, bits, lengths } = header;
  if (lengths.reduce((sum, length) => sum + length, at) !== buffer.length) {
    throw damaged('its arrays are not as long as its header says');
  }
  let from = at;
  const [asked, rows, ends, columns, ...parts] = lengths.map((length) => {
    // A copy is aligned.
    const array = Uint8Array.prototype.slice.call(buffer, from, from + length);
    from += length;
    return intsOf(array);
  }) as [Int32Array, Int32Array, Int32Array, Int32Array, ...Int32Array[]];
  const states = { partition, partitions, bits, parts, rows, ends, columns };
  const snapshot: SearchSnapshot = { ...counts, log: { asked, messages }, states };
  const wrong = contradictionIn(snapshot);
  if (wrong !== undefined) throw damaged(wrong);
  return { identity, seconds, snapshot };
}

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const counts = z.array(count);
const digest = z.number().int();
const texts = z.record(z.string(), z.string());
const event = z.looseObject({ type: z.string() });

const headerSchema = z.strictObject({
  identity: z.strictObject({
    system: texts,
    search: z.literal('breadth-first'),
    store: z.literal('exact'),
    symmetry: z.boolean(),
    allViolations: z.boolean(),
    versions: texts,
    origin: texts,
    title: z.string(),
  }),
  seconds: z.number().min(0),
  counts: z.strictObject({
    steps: count,
    levelStarts: counts.min(1),
    levels: z.array(z.strictObject({ depth: count, states: count, values: counts })),
    unwitnessed: z.array(z.string()),
    deadEnds: z.array(
      z.strictObject({
        finding: z.strictObject({
          kind: z.literal('violation'),
          property: z.string(),
          state: count,
          deadEnd: z.literal(true),
        }),
        depth: count,
        rank: count,
      }),
    ),
    values: counts.min(1),
    digests: z.array(digest),
    answers: z.record(z.string(), digest),
  }),
  messages: z.array(z.strictObject({ event, timer: z.strictObject({ id: z.string(), event }).optional() })),
  partition: z.array(counts).min(2).max(PARTS_MAX),
  partitions: count,
  bits: z.array(count.min(1).max(COLUMN_BITS)),
  lengths: z.array(count.multipleOf(4)),
});

type Header = z.infer<typeof headerSchema>;

/** Why it is none, when it is none. */
function headerOf(bytes: Uint8Array): (Header & { messages: SearchSnapshot['log']['messages'] }) | string {
  try {
    const parsed = headerSchema.safeParse(deserialize(bytes));
    if (parsed.success) return parsed.data as Header & { messages: SearchSnapshot['log']['messages'] };
    const { path, message } = parsed.error.issues[0]!;
    return `${path.join('.')}: ${message}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What in a snapshot cannot be, in words. */
function contradictionIn({ log, states, ...rest }: SearchSnapshot): string | undefined {
  const { levelStarts, levels, values, digests, deadEnds } = rest;
  const { partition, bits, parts, rows, ends, columns } = states;
  const slots = partition.flat().sort((a, b) => a - b);
  if (slots.length !== values.length || slots.some((slot, at) => slot !== at)) return 'its parts are none of a state';
  if (parts.length !== partition.length || bits.length !== partition.length) return 'its parts are none of a state';
  if (bits[0] !== ROW_BITS || spareBits(bits) < 0) return 'its columns are none';
  if (digests.length !== values.length + 1) return 'digests are missing';
  if (log.asked.length % LOG_WORDS !== 0) return 'a question is not whole';
  if (columns.length === 0 || rows.length !== ends.length) return 'its states are not whole';
  const numbers = parts.map((tuples, part) => {
    const width = partition[part]!.length;
    // A part without slots has one value, which has no words.
    return width === 0 ? (tuples.length === 0 ? 1 : Number.NaN) : tuples.length / width;
  });
  if (!numbers.every(Number.isInteger)) return 'a part is not whole';
  for (const [part, tuples] of parts.entries()) {
    const slotsOfPart = partition[part]!;
    for (let at = 0; at < tuples.length; at++) {
      const value = tuples[at]!;
      if (value < 0 || value >= values[slotsOfPart[at % slotsOfPart.length]!]!)
        return 'a part has a value that is none';
    }
  }
  const isRow = (row: number) => row >= 0 && row < numbers[0]!;
  const isColumn = (column: number) => {
    let left = column;
    for (let part = 1; part < numbers.length; part++) {
      if (left % 2 ** bits[part]! >= numbers[part]!) return false;
      left = Math.floor(left / 2 ** bits[part]!);
    }
    return left === 0;
  };
  if (!rows.every(isRow) || !columns.every(isColumn)) return 'a state has a part that is not there';
  const isAscending = (ends: ArrayLike<number>) =>
    Array.prototype.every.call(ends, (end: number, at: number) => end > (at === 0 ? 0 : ends[at - 1]!));
  if (!isAscending(ends) || ends.at(-1) !== columns.length) return 'its states are not whole';
  const starts = [...levelStarts.slice(1), columns.length];
  const isEnd = new Set(ends);
  if (levelStarts[0] !== 0 || !isAscending(starts) || !starts.every((start) => isEnd.has(start)))
    return 'its levels are none';
  const isState = (code: number) => isRow(rowOf(code)) && isColumn(columnOf(code));
  if (!deadEnds.every(({ finding }) => isState(finding.state))) return 'a dead end is no state';
  const isTold = levels.every((level, depth) => level.depth === depth && level.values.length === values.length);
  return levels.length !== levelStarts.length - 1 || !isTold ? 'its levels are not told' : undefined;
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function intsOf({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT);
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return chunks;
}

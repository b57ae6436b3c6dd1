/**
 * A search as bytes, so that another process can go on with it.
 *
 * States are kept as they are in memory. The numbers in them mean something only together with the tables, so the questions that
 * gave these numbers are kept as well (`TablesLog`), and XState answers them again. What can be computed from these is not kept.
 *
 * | bytes | |
 * |---|---|
 * | 8 | `FAULTCP1` |
 * | 32 | SHA-256 of all that follows |
 * | 4 | length of the header, little-endian |
 * | | header: what the search is of, counts, and the lengths of the arrays; by V8's structured clone |
 * | | arrays: log of the tables, values of both halves, words and bytes of states |
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { System } from '../system/system.ts';
import type { SearchSnapshot } from './search.ts';

const MAGIC = 'FAULTCP1';
const HASH_BYTES = 32;
const START_BYTES = MAGIC.length + HASH_BYTES + 4;
/** More at once makes some kernels' writes incomplete, and copies too large. */
const CHUNK_BYTES = 2 ** 24;

/** What a checkpoint belongs to. */
export interface Identity {
  /** `identityOf` its system. */
  readonly system: string;
  readonly symmetry: boolean;
  /** What the user asked for, to be told when it does not fit. */
  readonly title: string;
}

export interface Checkpoint {
  readonly identity: Identity;
  /** Seconds that the search has taken so far. */
  readonly seconds: number;
  readonly snapshot: SearchSnapshot;
}

/** A checkpoint that cannot be used; the message says what was found and what was expected. */
export class CheckpointError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Stands for everything that a search of a system depends on, the text of its functions included. */
export function identityOf(system: System): string {
  const { actors, channels, blocking, properties, deadlock, symmetry, fairness } = system;
  const parts = { actors, channels, blocking, properties, deadlock, symmetry, fairness };
  const seen = new Map<object, number>();
  const text = JSON.stringify(parts, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value === Number.POSITIVE_INFINITY) return 'Infinity';
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return `#${known}`;
    seen.set(value, seen.size);
    if (isMachine(value)) return { config: value.config, implementations: value.implementations };
    // XState's action creators keep their arguments as properties of the function.
    if (typeof value === 'function') return { text: String(value), ...value };
    return value;
  });
  return createHash('sha256').update(text).digest('hex');
}

function isMachine(value: object): value is { config: unknown; implementations: unknown } {
  return 'config' in value && 'implementations' in value;
}

/** The bytes of a checkpoint, in pieces; valid until the search goes on. */
export function encodeCheckpoint({ identity, seconds, snapshot }: Checkpoint): Uint8Array[] {
  const { log, states, ...counts } = snapshot;
  const { partition, partitions, halves, words, beside } = states;
  const arrays = [log.asked, ...halves, words, beside].map(bytesOf);
  const header = serialize({
    identity,
    seconds,
    counts,
    messages: log.messages,
    partition,
    partitions,
    lengths: arrays.map(({ length }) => length),
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const rest = [length, header, ...arrays].flatMap(chunksOf);
  const hash = createHash('sha256');
  for (const chunk of rest) hash.update(chunk);
  return [Buffer.from(MAGIC, 'latin1'), hash.digest(), ...rest];
}

/** @throws CheckpointError when the bytes are no checkpoint, or not all of one */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = buffer.toString('latin1', 0, MAGIC.length);
  if (magic !== MAGIC) {
    const kind = magic.startsWith(MAGIC.slice(0, -1)) ? 'a checkpoint of another version' : 'no checkpoint';
    throw new CheckpointError(`${name} is ${kind}`, 'give the directory that --checkpoint has written to');
  }
  const hash = createHash('sha256');
  for (const chunk of chunksOf(buffer.subarray(MAGIC.length + HASH_BYTES))) hash.update(chunk);
  if (buffer.length < START_BYTES || !hash.digest().equals(buffer.subarray(MAGIC.length, MAGIC.length + HASH_BYTES))) {
    throw new CheckpointError(`${name} is damaged: its checksum is wrong`, 'start the search again, without --resume');
  }
  const headerLength = buffer.readUInt32LE(START_BYTES - 4);
  const header = deserialize(buffer.subarray(START_BYTES, START_BYTES + headerLength)) as Header;
  let at = START_BYTES + headerLength;
  const [asked, one, other, words, beside] = header.lengths.map((length) => {
    // A copy is aligned.
    const array = Uint8Array.prototype.slice.call(buffer, at, at + length);
    at += length;
    return array;
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { identity, seconds, counts, messages, partition, partitions } = header;
  const states = { partition, partitions, halves: [intsOf(one), intsOf(other)] as const, words: intsOf(words), beside };
  return { identity, seconds, snapshot: { ...counts, log: { asked: intsOf(asked), messages }, states } };
}

interface Header extends Pick<Checkpoint, 'identity' | 'seconds'> {
  readonly counts: Omit<SearchSnapshot, 'log' | 'states'>;
  readonly messages: SearchSnapshot['log']['messages'];
  readonly partition: SearchSnapshot['states']['partition'];
  readonly partitions: number;
  readonly lengths: readonly number[];
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

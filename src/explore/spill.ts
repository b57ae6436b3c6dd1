/**
 * States on disk, in files without a name: nothing is left of them when the process ends, however it ends.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** More at once makes some kernels' writes incomplete. */
const CHUNK_BYTES = 2 ** 24;
/** Words that are written, or read, together. */
const BUFFER_WORDS = 2 ** 16;

const SPILL_FROM = 1 / 2;
const SPILL_LANES = 64;

/** The directory, or a file in it, cannot be used; the message says what was got, the hint what to do. */
export class SpillError extends Error {
  override readonly name = 'SpillError';
  readonly hint = 'the search needs a directory that it may write to, on a disk with room for its states';
}

/** The directory that states may go to. */
export class Spill {
  readonly directory: string;
  /** Bytes of states that were there at most. */
  bytes = 0;
  /** Which part of the memory has to be taken before sets of states go there. */
  readonly from: number;
  /** How many lanes there are at least: only the one at hand has to be in memory. */
  readonly lanes: number;

  /** @throws SpillError when no file can be made there */
  constructor(directory: string, { from = SPILL_FROM, lanes = SPILL_LANES } = {}) {
    this.directory = directory;
    this.from = from;
    this.lanes = lanes;
    guarded(directory, () => mkdirSync(directory, { recursive: true }));
    this.open().close();
  }

  /** A new file. @throws SpillError */
  open(): SpillFile {
    return guarded(this.directory, () => {
      const path = join(this.directory, `faultline-${randomBytes(8).toString('hex')}.states`);
      const fd = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      return new SpillFile(fd, this.directory);
    });
  }
}

/** Words in a file. Threads of one process share it by its descriptor. */
export class SpillFile {
  readonly fd: number;
  readonly directory: string;

  constructor(fd: number, directory: string) {
    this.fd = fd;
    this.directory = directory;
  }

  /** @param at in words. @throws SpillError */
  write(words: Int32Array, at: number): void {
    this.#go(words, at, writeSync);
  }

  /** Fills an array. @param at in words. @throws SpillError */
  read(into: Int32Array, at: number): void {
    this.#go(into, at, readSync);
  }

  #go(words: Int32Array, at: number, io: (fd: number, a: Int32Array, o: number, l: number, p: number) => number): void {
    guarded(this.directory, () => {
      for (let done = 0; done < words.byteLength; ) {
        const bytes = io(this.fd, words, done, Math.min(CHUNK_BYTES, words.byteLength - done), at * WORD_BYTES + done);
        if (bytes === 0) throw new Error('the file ends too early');
        done += bytes;
      }
    });
  }

  close(): void {
    closeSync(this.fd);
  }
}

function guarded<Result>(directory: string, io: () => Result): Result {
  try {
    return io();
  } catch (error) {
    throw new SpillError(`cannot keep states in ${directory}: ${(error as Error).message}`);
  }
}

/** Writes words one after the other. */
export class WordWriter {
  /** Words so far. */
  length = 0;
  /** The words that `room` has given out. */
  buffer = new Int32Array(BUFFER_WORDS);
  #used = 0;
  readonly #file: SpillFile;

  constructor(file: SpillFile) {
    this.#file = file;
  }

  /** Where in `buffer` the next words go: so many zeroes. @throws SpillError */
  room(words: number): number {
    if (this.#used + words > this.buffer.length) this.flush();
    if (words > this.buffer.length) this.buffer = new Int32Array(2 * words);
    const at = this.#used;
    this.#used += words;
    this.length += words;
    return at;
  }

  /** @throws SpillError */
  flush(): void {
    this.#file.write(this.buffer.subarray(0, this.#used), this.length - this.#used);
    this.buffer.fill(0, 0, this.#used);
    this.#used = 0;
  }
}

/** Reads words one after the other. */
export class WordReader {
  /** The words that `take` has read. */
  buffer = new Int32Array(BUFFER_WORDS);
  readonly #file: SpillFile;
  readonly #end: number;
  /** Where in the file the buffer begins, how many words of it are read, and which is next. */
  #start: number;
  #filled = 0;
  #next: number;

  /** @param start, end the words of the file that are to be read */
  constructor(file: SpillFile, start: number, end: number) {
    this.#file = file;
    this.#start = start;
    this.#next = start;
    this.#end = end;
  }

  /** Where in `buffer` the next words are. @throws SpillError */
  take(words: number): number {
    const at = this.at(this.#next, words);
    this.#next += words;
    return at;
  }

  /** Where in `buffer` some words of the file are: they lie close behind those of the last time. @throws SpillError */
  at(place: number, words: number): number {
    if (place < this.#start || place + words > this.#start + this.#filled) {
      if (words > this.buffer.length) this.buffer = new Int32Array(2 * words);
      this.#start = place;
      this.#filled = Math.min(this.buffer.length, this.#end - place);
      this.#file.read(this.buffer.subarray(0, this.#filled), place);
    }
    return place - this.#start;
  }
}

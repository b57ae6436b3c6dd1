/**
 * The terminal, as the keeper of the process and the thread of the command share it: its width, and the line that the keeper
 * writes while the command is silent, and that has to go before the command writes something.
 */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { visible, visibleLine } from '../system/visible.ts';

// One word each, in shared memory.
const LOCK = 0;
/** The keeper's line is there. */
const HAS_LINE = 1;
/** Columns of stdout and stderr; 0 when they are not known. */
const COLUMNS = 1;
const WORDS = 4;

const CLEAR_LINE = '\r\x1b[2K';
/** What was scrolled away stays. */
const CLEAR_SCREEN = '\x1b[2J\x1b[H';

export class Screen {
  readonly memory: Int32Array;
  readonly #isTerminal = isatty(2);

  constructor(memory: Int32Array = new Int32Array(new SharedArrayBuffer(WORDS * 4))) {
    this.memory = memory;
  }

  columns(descriptor: 1 | 2): number | undefined {
    return Atomics.load(this.memory, COLUMNS + descriptor) || undefined;
  }

  /** Follows the width of the terminals; for the main thread, which alone can know it. */
  follow(): void {
    for (const [descriptor, stream] of [[1, 'stdout'] as const, [2, 'stderr'] as const]) {
      // Only for a terminal: a pipe that Node opens it also sets to not wait, for everybody who has it.
      if (!isatty(descriptor)) continue;
      const { [stream]: terminal } = process;
      const note = () => Atomics.store(this.memory, COLUMNS + descriptor, terminal.columns ?? 0);
      terminal.on('resize', note);
      terminal.on('error', () => {});
      note();
    }
  }

  write(descriptor: 1 | 2, text: string | Uint8Array): void {
    this.#lock();
    try {
      if (Atomics.exchange(this.memory, HAS_LINE, 0) === 1) writeAll(2, CLEAR_LINE);
      writeAll(descriptor, text);
    } finally {
      this.#unlock();
    }
  }

  /** Shows a line in the place of the last one, unless the command is just writing. */
  show(line: string): void {
    if (!this.#isTerminal || Atomics.compareExchange(this.memory, LOCK, 0, 1) !== 0) return;
    try {
      // A line that wraps cannot be rewritten in place.
      writeAll(2, `${CLEAR_LINE}${visibleLine(line).slice(0, (this.columns(2) ?? 80) - 1)}`);
      Atomics.store(this.memory, HAS_LINE, 1);
    } catch {
      // The terminal is gone; the command will notice.
    } finally {
      this.#unlock();
    }
  }

  /** Says something beside the command, at once. */
  say(text: string): void {
    try {
      if (Atomics.exchange(this.memory, HAS_LINE, 0) === 1) writeAll(2, CLEAR_LINE);
      writeAll(2, visible(text));
    } catch {
      // There is nobody to tell.
    }
  }

  /** Empties the terminal; what is written to a file or a pipe stays. */
  clear(): void {
    if (!this.#isTerminal || !isatty(1)) return;
    try {
      writeAll(2, CLEAR_SCREEN);
    } catch {
      // The terminal is gone.
    }
  }

  /** When the command's thread is no more: it may have left the lock, and a line of its own. */
  takeOver(): void {
    Atomics.store(this.memory, HAS_LINE, this.#isTerminal ? 1 : 0);
    this.#unlock();
  }

  #lock(): void {
    while (Atomics.compareExchange(this.memory, LOCK, 0, 1) !== 0) Atomics.wait(this.memory, LOCK, 1);
  }

  #unlock(): void {
    Atomics.store(this.memory, LOCK, 0);
    Atomics.notify(this.memory, LOCK);
  }
}

const RETRY_MS = 5;
const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** Writes everything, also to a pipe that is full for the moment and does not wait by itself. */
export function writeAll(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(sleeping, 0, 0, RETRY_MS);
    }
  }
}

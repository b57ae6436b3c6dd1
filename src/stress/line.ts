/** A thread's line to the one who owns XState: a question is written, the thread sleeps, the answer is in the shared tables. */
import {
  ANSWERED,
  ASKING,
  ASKS_DECISION,
  ASKS_FLAGS,
  ASKS_OPTIONS,
  ASKS_REACTION,
  FAILED,
  LINE_ANSWER,
  LINE_FIRST,
  LINE_KIND,
  LINE_LENGTH,
  LINE_STATUS,
  SILENT,
} from './run-shape.ts';
import type { Filler } from './shared-tables.ts';

/** The other side has failed, and says itself why. */
export class LineBroken extends Error {}

export class LineFiller implements Filler {
  readonly #line: Int32Array;

  constructor(line: Int32Array) {
    this.#line = line;
  }

  reaction(state: number, message: number, places: number): number {
    return this.#ask(ASKS_REACTION, [state, message, places]);
  }

  options(state: number): number {
    return this.#ask(ASKS_OPTIONS, [state]);
  }

  flags(state: number): number {
    return this.#ask(ASKS_FLAGS, [state]);
  }

  decision(predicate: number, path: readonly number[]): number {
    return this.#ask(ASKS_DECISION, [predicate, ...path]);
  }

  #ask(kind: number, words: readonly number[]): number {
    const line = this.#line;
    if (LINE_FIRST + words.length > line.length) throw new Error('a predicate reads too much for one question');
    line[LINE_KIND] = kind;
    line[LINE_LENGTH] = words.length;
    line.set(words, LINE_FIRST);
    Atomics.store(line, LINE_STATUS, ASKING);
    Atomics.notify(line, LINE_STATUS);
    while (Atomics.load(line, LINE_STATUS) === ASKING) Atomics.wait(line, LINE_STATUS, ASKING);
    const status = Atomics.load(line, LINE_STATUS);
    Atomics.store(line, LINE_STATUS, SILENT);
    if (status === FAILED) throw new LineBroken('the tables cannot be filled');
    return line[LINE_ANSWER]!;
  }
}

/**
 * Answers the questions of a line until `isOver`; for that it is woken by a notification.
 *
 * @param failed hears of what the filler throws; the thread that asked is told that there is no answer
 */
export async function answer(
  line: Int32Array,
  filler: Filler,
  isOver: () => boolean,
  failed: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    for (;;) {
      const status = Atomics.load(line, LINE_STATUS);
      if (status === ASKING || isOver()) break;
      const waiting = waitAsync(line, LINE_STATUS, status, 100);
      if (waiting.async) await waiting.value;
    }
    if (Atomics.load(line, LINE_STATUS) !== ASKING) return;
    let status = ANSWERED;
    try {
      line[LINE_ANSWER] = answerOnce(line, filler);
    } catch (error) {
      failed(error);
      status = FAILED;
    }
    Atomics.store(line, LINE_STATUS, status);
    Atomics.notify(line, LINE_STATUS);
    // The thread has its answer; other lines have their turn.
    await null;
  }
}

function answerOnce(line: Int32Array, filler: Filler): number {
  const words = line.subarray(LINE_FIRST, LINE_FIRST + line[LINE_LENGTH]!);
  const [one = 0, two = 0, three = 0] = words;
  switch (line[LINE_KIND]) {
    case ASKS_REACTION:
      return filler.reaction(one, two, three);
    case ASKS_OPTIONS:
      return filler.options(one);
    case ASKS_FLAGS:
      return filler.flags(one);
    case ASKS_DECISION:
      return filler.decision(one, Array.from(words.subarray(1)));
    default:
      throw new Error(`a thread asks for something unknown: ${line[LINE_KIND]}`);
  }
}

interface Waiting {
  readonly async: boolean;
  readonly value: Promise<unknown>;
}

/** In Node since 16, but in no library of types that this project is compiled with. */
function waitAsync(words: Int32Array, index: number, value: number, milliseconds: number): Waiting {
  return (Atomics as unknown as { waitAsync(...args: unknown[]): Waiting }).waitAsync(
    words,
    index,
    value,
    milliseconds,
  );
}

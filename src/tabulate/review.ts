/**
 * A second look, at the end of a search, at what the tables were told.
 *
 * The modeller's code may keep something in a variable: a predicate that remembers what it was asked before, or an action that is
 * a function of its own (not `assign`, `sendTo` and the like) and sets what a guard reads. The tables never run such actions, and
 * XState would. So some of the questions that were asked are asked again, the last one first, and then in other orders, some of them twice:
 * what is turned over each time that it is asked (`held = !held`) is as it was after an even number of times. Then each of these actions is
 * run with some of what it was met with, and after each of them the questions are asked again, also when what it has put off has run. What
 * answers differently is refused.
 *
 * It proves nothing about code that it cannot see into: what an action changes may matter to a question that is not among these.
 */
import { ModelError } from '../system/errors.ts';
import { Random, shuffle } from './random.ts';

export interface Question {
  /** What is asked, as `actor "smmu" (state idle, message RUN)`. */
  readonly about: () => string;
  /** The answer as a text; what it throws is another answer. */
  readonly ask: () => string;
  readonly answer: string;
}

/** One occurrence of a function that is an action. */
export interface PlainAction {
  /** Where it occurs, and its name. */
  readonly about: () => string;
  /** Its implementation: the same one in another place is no other action. */
  readonly code: unknown;
  /** @throws ModelError when it does what an action may not */
  readonly run: () => void;
}

/** So many questions of a kind are kept, and then every so many. */
const KEPT_AT_FIRST = 8;
const KEPT_EVERY = 16;
const KEPT_MAX = 10_000;
/** So many occurrences of an action are kept. */
const RUNS_MAX = 16;
/** In so many other orders the first question of each kind is asked: in more where there are few of them. */
const ORDERS_MIN = 4;
const ORDERS_MAX = 32;
const ASKED_IN_ORDERS = 512;
/** Questions between two turns of the caller. */
const SLICE = 64;

/** What the caller of a review has to do before it goes on: see whether there is time left, or let run what was put off. */
export type Pause = 'a look at the time' | 'a turn of the event loop';

export class Review {
  readonly #questions: Question[] = [];
  /** One of each kind: those that are asked after every action. */
  readonly #first: Question[] = [];
  readonly #times = new Map<string, number>();
  readonly #actions = new Map<unknown, PlainAction[]>();

  /**
   * @param kind questions of one kind are alike: some of them stand for all
   * @param make called at once, if this one is to be kept
   */
  remember(kind: string, make: () => Question): void {
    const times = this.#times.get(kind) ?? 0;
    this.#times.set(kind, times + 1);
    if (times >= KEPT_AT_FIRST && (times % KEPT_EVERY !== 0 || this.#questions.length >= KEPT_MAX)) return;
    const question = make();
    this.#questions.push(question);
    if (times === 0) this.#first.push(question);
  }

  meet(action: PlainAction): void {
    const occurrences = this.#actions.get(action.code) ?? [];
    this.#actions.set(action.code, occurrences);
    if (occurrences.length < RUNS_MAX) occurrences.push(action);
  }

  /** @throws ModelError for the first thing that is not as it was said to be */
  *run(): Generator<Pause, void> {
    yield* this.#askAgain(this.#questions.toReversed());
    // The same orders in each run.
    const random = new Random(1);
    const orders = Math.ceil(ASKED_IN_ORDERS / Math.max(1, this.#first.length));
    for (let order = 0; order < Math.min(ORDERS_MAX, Math.max(ORDERS_MIN, orders)); order++) {
      const asked = this.#first.flatMap((question) => (random.below(2) === 0 ? [question] : [question, question]));
      yield* this.#askAgain(shuffle(asked, (count) => random.below(count)));
    }
    for (const occurrences of this.#actions.values()) {
      for (const [at, action] of occurrences.entries()) {
        yield 'a look at the time';
        action.run();
        if (at === 0 || at === occurrences.length - 1) this.#compare(action);
      }
      yield 'a turn of the event loop';
      this.#compare(occurrences.at(-1)!);
    }
  }

  *#askAgain(questions: readonly Question[]): Generator<Pause, void> {
    for (const [index, question] of questions.entries()) {
      if (index % SLICE === 0) yield 'a look at the time';
      const answer = answerTo(question);
      if (answer !== question.answer) throw unsteady(question, answer);
    }
  }

  #compare(action: PlainAction): void {
    for (const question of this.#first) {
      if (answerTo(question) !== question.answer) throw leavesBehind(action, question);
    }
  }
}

function answerTo({ ask }: Question): string {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return `throws ${error.message}`;
  }
}

function unsteady({ about, answer }: Question, now: string): ModelError {
  const cut = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return new ModelError(
    'not-repeatable',
    `${about()} was asked again at the end, and answered differently: ${cut(answer)}, then ${cut(now)}`,
    'a guard, action or predicate depends on a variable that is in no context; keep what changes in a context',
  );
}

function leavesBehind(action: PlainAction, question: Question): ModelError {
  return new ModelError(
    'unsupported-action',
    `${action.about()} changes something that is in no context, and with it the answer of ${question.about()}`,
    'keep it in a context: change it by `assign`, and tell another actor by a message',
  );
}

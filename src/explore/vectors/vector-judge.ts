/**
 * Judges the new states of a search over whole vectors: a question about states is asked once for each combination of what it looks at, and its
 * answers are kept as trees over slots, which any thread can walk.
 */
import type { Inspector } from '../inspector.ts';
import { FINE, QuestionTrees, TREE_WORDS_MAX } from '../judge.ts';
import type { Question } from '../properties.ts';

/** What a `VectorJudge` knows, for other threads to read. */
export interface QuestionTables {
  readonly trees: Int32Array;
  /** Of the questions that are open. */
  readonly cells: readonly number[];
}

/** Whether it is known that a state violates nothing and witnesses nothing that is open. */
export function isFine({ trees, cells }: QuestionTables, state: Int32Array): boolean {
  for (let i = 0; i < cells.length; i++) {
    let node = trees[cells[i]!]!;
    while (node > 0) {
      const value = state[trees[node]!]!;
      node = value < trees[node + 1]! ? trees[node + 2 + value]! : 0;
    }
    if (node !== -1 - FINE) return false;
  }
  return true;
}

export class VectorJudge {
  readonly #inspector: Inspector;
  readonly #questions = new QuestionTrees();
  #tables: QuestionTables;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
    this.#tables = this.#newTables();
  }

  get bytes(): number {
    return this.#questions.trees.pool.bytes;
  }

  get tables(): QuestionTables {
    return this.#tables;
  }

  /** Looks at a new state for violations and witnesses. @param at what findings call it */
  inspect(state: Int32Array, at: number): void {
    if (isFine(this.#tables, state)) return;
    if (this.#inspector.inspect(state, at)) this.#noteFine(state);
    // What is open may have been witnessed.
    this.#tables = this.#newTables();
  }

  #noteFine(state: Int32Array): void {
    const { trees } = this.#questions;
    // A larger tree grows no more: what it does not know is asked about every state.
    if (trees.pool.length > TREE_WORDS_MAX) return;
    for (const { name, reads, readsIn } of this.#open) {
      // A monitor looks at itself alone.
      const slots = readsIn?.(state) ?? [...reads];
      const values = slots.map((slot) => state[slot]!);
      if (!trees.grow(this.#questions.cellOf(name), slots, values, FINE)) {
        throw new Error(`property "${name}" looked at other slots than before in the same situation`);
      }
    }
  }

  get #open(): readonly Question[] {
    const { checks, witnesses } = this.#inspector;
    return [...checks.questions, ...witnesses.open];
  }

  #newTables(): QuestionTables {
    const cells = this.#open.map(({ name }) => this.#questions.cellOf(name));
    return { trees: this.#questions.trees.pool.data, cells };
  }
}

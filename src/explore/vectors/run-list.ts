/** What runs would violate if they ended, each in the last state that it has come to: by the place of the state in some list. */
import { ModelError } from '../../system/errors.ts';
import type { EndedRuns } from '../ended-runs.ts';
import type { Inspector } from '../inspector.ts';
import { GrowingInts } from '../memory.ts';
import type { VectorParts } from './vector-search.ts';

export class RunList {
  readonly #ended: EndedRuns;
  readonly #inspector: Inspector;
  readonly #runs: GrowingInts;

  /** Undefined when there are no properties of progress. */
  static of({ ended, inspector, budget }: Pick<VectorParts, 'ended' | 'inspector' | 'budget'>): RunList | undefined {
    return ended && new RunList(ended, inspector, new GrowingInts(1024, budget));
  }

  private constructor(ended: EndedRuns, inspector: Inspector, runs: GrowingInts) {
    this.#ended = ended;
    this.#inspector = inspector;
    this.#runs = runs;
  }

  /** A run begins in a state, which comes to a place. */
  begin(state: Int32Array, to: number): void {
    const data = this.#fit(to);
    this.#noting(state, 0, () => this.#ended.begin(state, data, to * this.#ended.words));
  }

  /** The run to a place of another list goes on to a state, which comes to a place of this one. @param at steps on the path to it */
  goOn(before: RunList, from: number, state: Int32Array, to: number, at: number): void {
    const { words } = this.#ended;
    const data = this.#fit(to);
    this.#noting(state, at, () => this.#ended.goOn(before.#runs.data, from * words, state, data, to * words));
  }

  /** The first property that the run to a place would violate. */
  violatedAt(place: number): string | undefined {
    return this.#ended.violatedBy(this.#runs.data, place * this.#ended.words);
  }

  #fit(place: number): Int32Array {
    this.#runs.reserve((place + 1) * this.#ended.words);
    return this.#runs.data;
  }

  #noting(state: Int32Array, at: number, note: () => void): void {
    try {
      note();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#inspector.failRun(error, state, at);
    }
  }
}

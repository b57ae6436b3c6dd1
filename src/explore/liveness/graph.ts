/**
 * The graph that a search has explored: states by number, and the steps between them.
 *
 * Nothing is kept of its edges. The steps of a state are looked up when they are asked for, as the search did it; the only thing
 * that is added is a map from pairs of halves back to numbers. What told new states from known ones gives its memory for it.
 */
import type { FairEntities } from '../../tabulate/fairness.ts';
import { Ints } from '../../tabulate/ints.ts';
import { Batch } from '../batch.ts';
import type { Label } from '../moves.ts';
import type { Search } from '../search.ts';
import { PairNumbers } from './pair-numbers.ts';

export class Graph {
  readonly entities: FairEntities;
  readonly #search: Search;
  readonly #numbers: PairNumbers;
  readonly #batch = new Batch();
  readonly #labels = new Ints(256);
  /** By label: its entity. */
  readonly #entityOf = new Ints(256);
  #expanded = -1;
  /** Whether the search has looked at a state's steps; it has none here otherwise. */
  readonly isExpanded: (state: number) => boolean;

  /** @param search one that has come to its end, or was cut short; it cannot go on after this. @throws StoreFull */
  constructor(search: Search, entities: FairEntities) {
    this.#search = search;
    this.entities = entities;
    this.isExpanded = search.expanded();
    search.store.close();
    this.#numbers = new PairNumbers(search.store, search.store.budget, search.done);
  }

  /** To be called first. Yields now and then. */
  prepare(): Generator<void, void> {
    return this.#numbers.fill();
  }

  /** How many initial states there are: the states with the lowest numbers. */
  get initials(): number {
    return this.#search.initials;
  }

  get count(): number {
    return this.#search.store.count;
  }

  load(state: number, into: Int32Array): void {
    this.#search.store.load(state, into);
  }

  /** Makes the steps of a state the ones that all others here tell of; returns how many there are. */
  expand(state: number): number {
    const batch = this.#batch;
    this.#expanded = state;
    batch.length = 0;
    this.#labels.length = 0;
    batch.labels = this.#labels;
    if (this.isExpanded(state)) this.#search.collectSteps(state, batch);
    return batch.length;
  }

  /**
   * The same but for what starts them, and without the steps that lead back to the state itself; returns how many steps there
   * are, those included.
   */
  expandToOthers(state: number): number {
    const batch = this.#batch;
    this.#expanded = state;
    batch.length = 0;
    batch.labels = undefined;
    return this.isExpanded(state) ? this.#search.collectSteps(state, batch) : 0;
  }

  /** Whether a fair run may end in a state: no step is enabled in it that somebody has to take. The steps at hand may be others then. */
  mayEndIn(state: number): boolean {
    const search = this.#search;
    this.#learnLabels();
    let answer = search.hasStepOf(state, this.#entityOf.data);
    if (answer < 0) {
      // The steps become known again, and with them perhaps labels.
      this.expand(state);
      this.#learnLabels();
      answer = search.hasStepOf(state, this.#entityOf.data);
    }
    return answer === 0;
  }

  /** How many steps can be asked about. */
  get steps(): number {
    return this.#batch.length;
  }

  /** The state at the end of a step; -1 for one that a search which was cut short does not know. */
  end(step: number): number {
    return this.#numbers.numberOf(this.#batch.first[step]!, this.#batch.second[step]!);
  }

  leadsBack(step: number): boolean {
    return this.#leadsTo(step, this.#search.store.firstOf(this.#expanded), this.#search.store.secondOf(this.#expanded));
  }

  /** The first step that leads to a state; -1 when none does. */
  stepTo(state: number): number {
    const first = this.#search.store.firstOf(state);
    const second = this.#search.store.secondOf(state);
    const { length } = this.#batch;
    for (let step = 0; step < length; step++) if (this.#leadsTo(step, first, second)) return step;
    return -1;
  }

  /** The entity in `entities` that is treated fairly by a step; -1 for none. */
  entity(step: number): number {
    const label = this.#labels.data[step]!;
    if (label >= this.#entityOf.length) this.#learnLabels();
    return this.#entityOf.data[label]!;
  }

  /** What starts a step. */
  start(step: number): Label {
    return this.#search.labels[this.#labels.data[step]!]!;
  }

  #leadsTo(step: number, first: number, second: number): boolean {
    return this.#batch.first[step] === first && this.#batch.second[step] === second;
  }

  #learnLabels(): void {
    const { labels } = this.#search;
    while (this.#entityOf.length < labels.length) this.#entityOf.push(this.entities.of(labels[this.#entityOf.length]!));
  }
}

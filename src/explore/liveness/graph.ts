/**
 * The graph that a search has explored: states by number, and the steps between them.
 *
 * Nothing is kept of its edges. The steps of a state are looked up when they are asked for, as the search did it; the only thing
 * that is added is a map from rows and columns back to numbers. What told new states from known ones gives its memory for it.
 */
import type { FairEntities } from '../../tabulate/fairness.ts';
import { Ints } from '../../tabulate/ints.ts';
import type { Label } from '../local-steps.ts';
import type { Search } from '../search.ts';
import { Successors } from '../successors.ts';
import { AllStates } from './all-states.ts';
import { PairNumbers } from './pair-numbers.ts';

export class Graph {
  readonly entities: FairEntities;
  readonly #search: Search;
  readonly #numbers: PairNumbers;
  readonly #states: AllStates;
  readonly #successors = new Successors();
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
    search.close();
    this.#states = new AllStates(search, search.budget);
    this.#numbers = new PairNumbers(this.#states, search.budget, search.done);
  }

  /** To be called first. Yields now and then. */
  *prepare(): Generator<void, void> {
    yield* this.#states.fill();
    yield* this.#numbers.fill();
  }

  /** How many initial states there are: the states with the lowest numbers. */
  get initials(): number {
    return this.#search.initials;
  }

  get count(): number {
    return this.#states.count;
  }

  load(state: number, into: Int32Array): void {
    this.#states.load(state, into);
  }

  /** Makes the steps of a state the ones that all others here tell of; returns how many there are. */
  expand(state: number): number {
    const successors = this.#successors;
    this.#labels.length = 0;
    successors.labels = this.#labels;
    this.#collect(state);
    return successors.length;
  }

  /**
   * The same but for what starts them, and without the steps that lead back to the state itself; returns how many steps there
   * are, those included.
   */
  expandToOthers(state: number): number {
    this.#successors.labels = undefined;
    return this.#collect(state);
  }

  #collect(state: number): number {
    this.#expanded = state;
    this.#successors.length = 0;
    if (!this.isExpanded(state)) return 0;
    return this.#search.collectSteps(this.#states.firstOf(state), this.#states.secondOf(state), this.#successors);
  }

  /** Whether a fair run may end in a state: no step is enabled in it that somebody has to take. The steps at hand may be others then. */
  mayEndIn(state: number): boolean {
    const search = this.#search;
    this.#learnLabels();
    const [row, column] = [this.#states.firstOf(state), this.#states.secondOf(state)];
    let answer = search.hasStepOf(row, column, this.#entityOf.data);
    if (answer < 0) {
      // The steps become known again, and with them perhaps labels.
      this.expand(state);
      this.#learnLabels();
      answer = search.hasStepOf(row, column, this.#entityOf.data);
    }
    return answer === 0;
  }

  /** How many steps can be asked about. */
  get steps(): number {
    return this.#successors.length;
  }

  /** The state at the end of a step; -1 for one that a search which was cut short does not know. */
  end(step: number): number {
    return this.#numbers.numberOf(this.#successors.rows[step]!, this.#successors.columns[step]!);
  }

  leadsBack(step: number): boolean {
    return this.#leadsTo(step, this.#states.firstOf(this.#expanded), this.#states.secondOf(this.#expanded));
  }

  /** The first step that leads to a state; -1 when none does. */
  stepTo(state: number): number {
    const first = this.#states.firstOf(state);
    const second = this.#states.secondOf(state);
    const { length } = this.#successors;
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
    return this.#successors.rows[step] === first && this.#successors.columns[step] === second;
  }

  #learnLabels(): void {
    const { labels } = this.#search;
    while (this.#entityOf.length < labels.length) this.#entityOf.push(this.entities.of(labels[this.#entityOf.length]!));
  }
}

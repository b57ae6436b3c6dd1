/**
 * The graph that a search has explored: states by number (`state-numbers.ts`), and the steps between them.
 *
 * Nothing has to be kept of its edges. The steps of a state are looked up when they are asked for, as the search did it; what is added are
 * the numbers. What told new states from known ones gives its memory for it.
 */
import type { FairEntities } from '../../tabulate/fairness.ts';
import { Ints } from '../../tabulate/ints.ts';
import type { Label } from '../local-steps.ts';
import { GrowingBytes, StoreFull } from '../memory.ts';
import type { Linked } from '../part.ts';
import type { Search } from '../search.ts';
import type { Piece } from '../state-list.ts';
import { Successors } from '../successors.ts';
import { Linker, type Links, linksFor } from './links.ts';
import { numberStates, type StateNumbers } from './state-numbers.ts';

/** How many states to note between two turns of the caller. */
const STATES_PER_TURN = 65_536;

export class Graph {
  readonly entities: FairEntities;
  /** The initial states, in the order in which they are declared. */
  initials: readonly number[] = [];
  readonly #search: Search;
  #numbers: StateNumbers | undefined;
  /** Of a search that was cut short: a bit for each state whose steps are known. */
  #expandedBits: Uint8Array | undefined;
  readonly #successors = new Successors();
  readonly #labels = new Ints(256);
  /** By label: its entity. */
  readonly #entityOf = new Ints(256);
  #expanded = -1;
  /** How many states it has looked up the steps of, for want of their lists. */
  lookedUp = 0;
  /** Where steps lead, as far as other threads have found out, and the first state that they have not been given. */
  #links: Links | undefined;
  #toLink = 0;
  /** Of the state at hand: how many steps can be asked about; where in `#words` their ends are, 0 when it is not linked. */
  #steps = 0;
  #list = 0;
  #places: Int32Array = new Int32Array(0);
  #words: Int32Array = new Int32Array(0);

  /** @param search one that has come to its end, or was cut short; it cannot go on after this */
  constructor(search: Search, entities: FairEntities) {
    this.#search = search;
    this.entities = entities;
    search.close();
  }

  /** To be called first. Yields now and then. @throws StoreFull */
  *prepare(): Generator<void, void> {
    const search = this.#search;
    this.#numbers = yield* numberStates(search, search.budget);
    this.initials = [...this.#firstOf(search.allStates(), search.initials)];
    if (!search.done) yield* this.#noteExpanded();
  }

  *#firstOf(pieces: Iterable<Piece>, count: number): Generator<number> {
    let left = count;
    for (const { row, columns } of pieces) {
      for (const column of columns) {
        if (left-- === 0) return;
        yield this.numberOf(row, column);
      }
    }
  }

  *#noteExpanded(): Generator<void, void> {
    const search = this.#search;
    const bits = new GrowingBytes((this.count >> 3) + 1, search.budget).data;
    const isExpanded = search.expanded();
    let place = 0;
    for (const { row, columns } of search.allStates()) {
      for (const column of columns) {
        const state = this.numberOf(row, column);
        if (isExpanded(place++)) bits[state >> 3]! |= 1 << (state & 7);
        if (place % STATES_PER_TURN === 0) yield;
      }
    }
    this.#expandedBits = bits;
  }

  /** Whether the search has looked at a state's steps; it has none here otherwise. */
  isExpanded(state: number): boolean {
    const bits = this.#expandedBits;
    return bits === undefined || (bits[state >> 3]! & (1 << (state & 7))) !== 0;
  }

  get count(): number {
    return this.#search.states;
  }

  /** The number of a state. */
  numberOf(row: number, column: number): number {
    return this.#numbers!.numberOf(row, column);
  }

  /** Whether a state is among these. */
  isIn(pieces: Iterable<Piece>, state: number): boolean {
    const [row, column] = [this.#numbers!.rowOf(state), this.#numbers!.columnOf(state)];
    for (const piece of pieces) if (piece.row === row && piece.columns.includes(column)) return true;
    return false;
  }

  load(state: number, into: Int32Array): void {
    this.#search.load(this.#numbers!.rowOf(state), this.#numbers!.columnOf(state), into);
  }

  /** Makes the steps of a state the ones that all others here tell of; returns how many there are. */
  expand(state: number): number {
    const successors = this.#successors;
    this.#labels.length = 0;
    successors.labels = this.#labels;
    this.#collect(state);
    return this.#steps;
  }

  /**
   * The same but for what starts them, and without the steps that lead back to the state itself.
   *
   * @returns whether there is a step at all, and whether one leads back: as many as `steps`, or more
   */
  expandToOthers(state: number): number {
    const place = state < this.#places.length ? this.#places[state]! : 0;
    if (place !== 0) {
      const head = this.#words[place]!;
      this.#expanded = state;
      this.#list = place + 1;
      this.#steps = head >>> 1;
      return this.#steps + (head & 1);
    }
    this.#successors.labels = undefined;
    return this.#collect(state);
  }

  #collect(state: number): number {
    const successors = this.#successors;
    this.lookedUp++;
    this.#expanded = state;
    this.#list = 0;
    this.#steps = 0;
    successors.length = 0;
    if (!this.isExpanded(state)) return 0;
    const steps = this.#search.collectSteps(this.#numbers!.rowOf(state), this.#numbers!.columnOf(state), successors);
    this.#steps = successors.length;
    return steps;
  }

  /** Whether a fair run may end in a state: no step is enabled in it that somebody has to take. The steps at hand may be others then. */
  mayEndIn(state: number): boolean {
    const search = this.#search;
    this.#learnLabels();
    const [row, column] = [this.#numbers!.rowOf(state), this.#numbers!.columnOf(state)];
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
    return this.#steps;
  }

  /** The state at the end of a step; -1 for one that a search which was cut short does not know. */
  end(step: number): number {
    if (this.#list !== 0) return this.#words[this.#list + step]!;
    return this.#numbers!.numberOf(this.#successors.rows[step]!, this.#successors.columns[step]!);
  }

  leadsBack(step: number): boolean {
    return this.#leadsTo(step, this.#numbers!.rowOf(this.#expanded), this.#numbers!.columnOf(this.#expanded));
  }

  /** The first step that leads to a state; -1 when none does. */
  stepTo(state: number): number {
    const steps = this.#steps;
    if (this.#list !== 0) {
      for (let step = 0; step < steps; step++) if (this.#words[this.#list + step] === state) return step;
      return -1;
    }
    const row = this.#numbers!.rowOf(state);
    const column = this.#numbers!.columnOf(state);
    for (let step = 0; step < steps; step++) if (this.#leadsTo(step, row, column)) return step;
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

  #leadsTo(step: number, row: number, column: number): boolean {
    return this.#successors.rows[step] === row && this.#successors.columns[step] === column;
  }

  #learnLabels(): void {
    const { labels } = this.#search;
    while (this.#entityOf.length < labels.length) this.#entityOf.push(this.entities.of(labels[this.#entityOf.length]!));
  }

  // --- other threads ---

  /**
   * The next states for other threads to link, at most so many; undefined when there are none, or no room. `adoptLinked` must follow.
   * Of a search that was cut short some steps may never become known: it has none.
   */
  openPart(max: number) {
    const search = this.#search;
    if (!search.done || !this.#numbers || this.#toLink === this.count) return undefined;
    const links = this.#links ?? this.#makeLinks();
    if (!links) return undefined;
    const from = this.#toLink;
    this.#toLink = Math.min(from + max, this.count);
    return { tables: search.stepTables, numbers: this.#numbers.shared, links, from, to: this.#toLink };
  }

  #makeLinks(): Links | undefined {
    const { budget, steps } = this.#search;
    try {
      this.#links = linksFor(this.count, steps, budget);
      return this.#links;
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      // It goes without, as where there are no other threads.
      this.#toLink = this.count;
      return undefined;
    }
  }

  /** Links what other threads have left, and has the lists of all from then on. */
  adoptLinked(results: readonly Linked[]): void {
    const links = this.#links!;
    const linker = new Linker(links, this.#numbers!);
    for (const state of results.flatMap(({ unknown }) => unknown)) {
      this.expandToOthers(state);
      linker.link(this.#search.stepTables, state, state + 1);
    }
    this.#places = links.places;
    this.#words = links.words;
  }
}

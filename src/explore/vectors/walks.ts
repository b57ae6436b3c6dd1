/**
 * Random walks: from an initial state, one enabled step after the other, each chosen with equal chance, for systems that are too
 * large to be searched.
 *
 * No state is remembered, so a walk needs no memory and goes as deep as it likes, and nothing is ever proved: what no walk met stays
 * open. All enabled steps of each state are run to choose from, so all their results are inspected, not only the chosen one's.
 *
 * The same seed makes the same walks, however the run is cut into slices.
 */
import { findStep, type Path } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import { Walker } from '../../tabulate/walker.ts';
import type { Facts } from '../explorer.ts';
import type { Fault } from '../findings.ts';
import type { Inspector } from '../inspector.ts';
import { Budget, StoreFull } from '../memory.ts';
import { randomBelow } from '../random.ts';
import { shortenToFault } from '../shorten.ts';
import { RunList } from './run-list.ts';
import type { VectorOrder, VectorParts } from './vector-search.ts';

export interface WalkOptions {
  readonly seed: number;
  /** How many walks to make. */
  readonly walks: number;
  /** Where a walk ends that meets no dead end. */
  readonly maxSteps: number;
}

/** States between two looks at the memory in use, which is not free to compute. */
const BYTES_INTERVAL = 1024;

export class Walks implements VectorOrder {
  /** States that the walks went through; one that is met again counts again. */
  states = 0;
  /** Steps of the longest walk. */
  depth = 0;
  /** Walks still to be made, the one under way included. */
  waiting: number;
  readonly bound = 'walks';
  /** It chooses as it meets them. */
  readonly met = this;

  readonly #tables: Tables;
  readonly #inspector: Inspector;
  readonly #bytesMax: number;
  readonly #maxSteps: number;
  readonly #random: (end: number) => number;
  /** One for each way to start. */
  #initials: readonly Int32Array[] = [];
  /** Where the walk began. */
  #initial!: Int32Array;
  /** Where the walk is, and how it came there: which of the enabled steps it took in each state. */
  readonly #state: Int32Array;
  readonly #schedule: number[] = [];
  /** The only run there is. */
  readonly #run: RunList | undefined;
  /** Steps of the state that have been run, the chosen one of them, and where it leads. */
  #enabled = 0;
  #choice = -1;
  readonly #chosen: Int32Array;
  #isOver = false;

  constructor(parts: VectorParts, { seed, walks, maxSteps }: WalkOptions) {
    const { tables, limits, inspector } = parts;
    this.waiting = walks;
    this.#tables = tables;
    this.#inspector = inspector;
    this.#bytesMax = limits.bytes;
    this.#maxSteps = maxSteps;
    this.#random = randomBelow(seed);
    this.#state = new Int32Array(tables.slotCount);
    this.#chosen = new Int32Array(tables.slotCount);
    // It takes the place of one run, which is not worth counting.
    this.#run = RunList.of({ ...parts, budget: new Budget() });
  }

  get at(): number {
    return this.#schedule.length;
  }

  facts(): Facts {
    return {};
  }

  begin(initials: readonly Int32Array[]): void {
    this.#initials = initials;
    for (const state of initials) {
      this.#initial = state;
      this.#inspector.inspect(state, 0);
      if (this.#inspector.finding) break;
    }
    this.states = 1;
    if (!this.#inspector.finding) this.#beginWalk();
  }

  #beginWalk(): void {
    const initials = this.#initials;
    this.#initial = initials[initials.length === 1 ? 0 : this.#random(initials.length)]!;
    this.#schedule.length = 0;
    this.#state.set(this.#initial);
    this.#run?.begin(this.#state, 0);
    this.#isOver = false;
  }

  take(into: Int32Array): boolean {
    if (this.#isOver) return false;
    into.set(this.#state);
    this.#enabled = 0;
    return true;
  }

  meet(walker: Walker): void {
    const { current, index } = walker;
    this.#inspector.inspect(current, this.at + 1);
    if (this.#inspector.finding) {
      this.#goOn(index);
      return;
    }
    // The n-th replaces the choice with chance 1/n, which in the end gives all the same chance.
    if (this.#random(++this.#enabled) > 0) return;
    this.#choice = index;
    this.#chosen.set(current);
  }

  violatedByRun(): string | undefined {
    return this.#run!.violatedAt(0);
  }

  follow(): void {
    if (this.#inspector.finding) return;
    if (this.#enabled === 0) {
      this.#isOver = true;
      return;
    }
    this.#state.set(this.#chosen);
    this.#goOn(this.#choice);
    this.#run?.goOn(this.#run, 0, this.#state, 0, this.at);
    this.#isOver = this.at >= this.#maxSteps;
    if (this.states % BYTES_INTERVAL === 0 && this.#tables.bytes > this.#bytesMax) throw new StoreFull();
  }

  #goOn(index: number): void {
    this.states++;
    this.#schedule.push(index);
    this.depth = Math.max(this.depth, this.at);
  }

  advance(): boolean {
    if (--this.waiting === 0) return false;
    this.states++;
    this.#beginWalk();
    return true;
  }

  pathOf(fault: Fault): Path {
    const states = [this.#initial];
    const walker = new Walker(this.#tables);
    for (const wanted of this.#schedule.slice(0, fault.state)) {
      states.push(findStep(walker, states.at(-1)!, ({ index }) => index === wanted)!.state);
    }
    return shortenToFault(this.#tables, states, fault);
  }
}

/**
 * Depth-first search that keeps of each state three bits in a bit array of fixed size (Holzmann, "An Improved Protocol
 * Reachability Analysis Technique", Software: Practice and Experience 1988), for spaces of which not even fingerprints fit.
 *
 * A state whose bits have all been set by others is missed, with all that only it leads to, so nothing is ever proved; what is
 * found is real. Several searches with other hash functions and in other orders miss other states: a swarm (Holzmann, Joshi
 * and Groce, "Swarm Verification Techniques", TSE 2011), here one after the other over the same array.
 *
 * The same seed makes the same searches, however the run is cut into slices.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { BitSet } from './bit-set.ts';
import { EndedRuns } from './ended-runs.ts';
import { type Finding, startIn } from './findings.ts';
import { Fingerprints } from './fingerprints.ts';
import { Budget, GrowingInts, StoreFull } from './memory.ts';
import { PackedVectors } from './packed-vectors.ts';
import { Checks, Witnesses } from './properties.ts';
import { randomBelow } from './random.ts';
import type { SearchLimits } from './search.ts';

export interface BitstateOptions extends SearchLimits {
  readonly seed: number;
  /** Bytes of the bit array. */
  readonly bits: number;
  /** How many searches to make, with the seeds from `seed` on. */
  readonly swarm: number;
}

/** How much of the space bit arrays let the searches see. */
export interface BitCoverage {
  /** How many searches were begun, the last one included, and how many there were to be. */
  readonly searches: number;
  readonly swarm: number;
  /** The part of the bits that are set; of several searches, the largest. */
  readonly fill: number;
  /**
   * The expected part of the states met that all finished searches took for known ones; those behind them are not counted.
   * Undefined when no search was finished.
   */
  readonly missedShare?: number;
}

export class BitstateSearch {
  readonly tables: Tables;
  readonly walker: Walker;
  /** States of the last path are numbered by their place on it. */
  finding: Finding | undefined;
  /** Such a search is never known to be complete. */
  readonly done = false;
  /** Over all searches. */
  states = 0;
  steps = 0;
  depth = 0;

  readonly #options: BitstateOptions;
  readonly #budget: Budget;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  #fingerprints!: Fingerprints;
  #random!: (end: number) => number;
  #known: BitSet | undefined;
  /** The states to be expanded, each with its depth, and those on the way to the last one that was. */
  readonly #stack: PackedVectors;
  readonly #depths: GrowingInts;
  readonly #path: PackedVectors;
  /** What the run on the path would violate if it ended, for each of its states. */
  readonly #ended: EndedRuns | undefined;
  readonly #runs: GrowingInts;
  readonly #state: Int32Array;
  readonly #successors: Int32Array[] = [];
  /** The state that a finding is about, when it is not on the path yet. */
  #last: Int32Array | undefined;
  #begun = 0;
  #fill = 0;
  #missedShare: number | undefined;

  constructor(tables: Tables, options: BitstateOptions) {
    this.tables = tables;
    this.#options = options;
    this.#budget = new Budget(options.bytes, options.resident);
    this.walker = new Walker(tables);
    this.#checks = new Checks(tables);
    this.#witnesses = new Witnesses(tables);
    this.#stack = new PackedVectors(tables.slotCount, this.#budget);
    this.#depths = new GrowingInts(1024, this.#budget);
    this.#path = new PackedVectors(tables.slotCount, this.#budget);
    this.#ended = EndedRuns.of(tables);
    this.#runs = new GrowingInts(this.#ended ? 1024 : 0, this.#budget);
    this.#state = new Int32Array(tables.slotCount);
  }

  get unwitnessed(): ReadonlySet<string> {
    return this.#witnesses.unwitnessed;
  }

  get waiting(): number {
    return this.#stack.length;
  }

  get bytes(): number {
    return this.#budget.bytes + this.tables.bytes;
  }

  get coverage(): BitCoverage {
    const { swarm } = this.#options;
    const fill = Math.max(this.#fill, this.#known?.fill ?? 0);
    const share = this.#missedShare === undefined ? {} : { missedShare: this.#missedShare };
    return { searches: this.#begun, swarm, fill, ...share };
  }

  /** Expands up to `expansions` states; returns true when the searches have ended, which always leaves a finding. */
  run(expansions: number): boolean {
    try {
      if (this.#begun === 0) this.#begin();
      for (let i = 0; i < expansions && !this.finding; i++) {
        if (this.#stack.length > 0) this.#expand();
        else this.#endSearch();
      }
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.stop('memory');
    }
    return this.finding !== undefined;
  }

  stop(bound: Bound): void {
    this.finding ??= { kind: 'bound', bound };
  }

  /** The states from the initial one to the one that the finding is about. */
  statesToFinding(): Int32Array[] {
    const states = Array.from({ length: this.#path.length }, (_, index) => {
      const state = new Int32Array(this.tables.slotCount);
      this.#path.load(index, state);
      return state;
    });
    return this.#last ? [...states, this.#last] : states;
  }

  #begin(): void {
    const walker = this.walker;
    const seed = this.#options.seed + this.#begun++;
    this.#fingerprints = new Fingerprints(this.tables.slotCount, seed);
    this.#random = randomBelow(seed);
    this.#known ??= new BitSet(this.#options.bits, this.#budget);
    this.#path.length = 0;
    for (const way of this.tables.system.starts.keys()) {
      this.finding ??= startIn(walker, way);
      if (this.finding) return;
      this.#witnesses.seeMessages(walker.watched);
      this.#state.set(walker.current);
      this.#fingerprints.begin(this.#state);
      if (!this.#known.add(this.#fingerprints.low, this.#fingerprints.high)) continue;
      this.states++;
      this.#inspect(this.#state, 0);
      this.#push(this.#state, 0);
    }
  }

  #endSearch(): void {
    const known = this.#known!;
    this.#fill = Math.max(this.#fill, known.fill);
    // Their hash functions have nothing to do with each other, so what one misses the next one misses as often as any state.
    this.#missedShare = (this.#missedShare ?? 1) * known.missedShare;
    if (this.#begun === this.#options.swarm) {
      this.finding = { kind: 'bound', bound: 'bits' };
      return;
    }
    known.clear();
    this.#begin();
  }

  #push(state: Int32Array, depth: number): void {
    this.#depths.reserve(this.#stack.length + 1);
    this.#depths.data[this.#stack.length] = depth;
    this.#stack.push(state);
    if (depth > this.depth) this.depth = depth;
  }

  #expand(): void {
    const walker = this.walker;
    const fingerprints = this.#fingerprints;
    const known = this.#known!;
    const state = this.#state;
    const { current, watched } = walker;
    walker.begin();
    this.#stack.load(--this.#stack.length, state);
    const depth = this.#depths.data[this.#stack.length]!;
    // The youngest waiting state was found from the last state on the path that is one step nearer.
    this.#path.length = depth;
    this.#path.push(state);
    current.set(state);
    fingerprints.begin(state);
    let steps = 0;
    let found = 0;
    let mayEnd = this.#ended !== undefined;
    try {
      while (walker.next()) {
        steps++;
        if (mayEnd && this.#ended!.isOwed(walker)) mayEnd = false;
        if (watched.length > 0) this.#witnesses.seeMessages(watched);
        fingerprints.after(walker);
        if (known.add(fingerprints.low, fingerprints.high)) this.#keep(found++, current);
      }
    } catch (error) {
      walker.abort();
      if (!(error instanceof ModelError)) throw error;
      this.finding = { kind: 'model-error', error, state: depth, inStep: true };
      return;
    }
    this.steps += steps;
    this.states += found;
    if (steps === 0) this.#inspectDeadEnd(depth);
    if (this.#ended && !this.finding) this.#inspectRun(this.#ended, depth, mayEnd);
    this.#shuffle(found);
    for (let i = 0; i < found && !this.finding; i++) {
      const successor = this.#successors[i]!;
      this.#inspect(successor, depth + 1);
      this.#push(successor, depth + 1);
    }
    if (this.states > this.#options.states) this.stop('states');
  }

  #keep(index: number, state: Int32Array): void {
    if (index === this.#successors.length) this.#successors.push(state.slice());
    else this.#successors[index]!.set(state);
  }

  /** Another order for another seed (Fisher and Yates). */
  #shuffle(length: number): void {
    const successors = this.#successors;
    for (let i = length - 1; i > 0; i--) {
      const other = this.#random(i + 1);
      [successors[i], successors[other]] = [successors[other]!, successors[i]!];
    }
  }

  /** Looks at a new state, the initial one or a successor of the path's last one, for violations and witnesses. */
  #inspect(state: Int32Array, depth: number): void {
    try {
      const property = this.#checks.violatedIn(state);
      this.#witnesses.seeState(state);
      if (property === undefined) return;
      this.finding = { kind: 'violation', property, state: depth, deadEnd: false };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.finding = { kind: 'model-error', error, state: depth, inStep: false };
    }
    this.#last = state.slice();
  }

  /** Goes on with what the run on the path would violate, and looks whether it does, where it may end. */
  #inspectRun(ended: EndedRuns, depth: number, mayEnd: boolean): void {
    const { words } = ended;
    this.#runs.reserve((depth + 1) * words);
    const { data } = this.#runs;
    try {
      if (depth === 0) ended.begin(this.#state, data, 0);
      else ended.goOn(data, (depth - 1) * words, this.#state, data, depth * words);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.finding = { kind: 'model-error', error, state: depth, inStep: false };
      return;
    }
    const property = mayEnd ? ended.violatedBy(data, depth * words) : undefined;
    if (property !== undefined)
      this.finding = { kind: 'violation', property, state: depth, deadEnd: false, ofRun: true };
  }

  #inspectDeadEnd(depth: number): void {
    try {
      const [property] = deadEndProperties(this.tables, this.#state);
      if (property !== undefined) this.finding = { kind: 'violation', property, state: depth, deadEnd: true };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.finding = { kind: 'model-error', error, state: depth, inStep: false };
    }
  }
}

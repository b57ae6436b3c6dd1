/**
 * Breadth-first search that keeps of each state only a fingerprint (Wolper and Leroy, "Reliable Hashing without Collision
 * Detection", CAV 1993; Stern and Dill, "Improved Probabilistic Verification by Hash Compaction", CHARME 1995), and of the
 * level being expanded and the next one the whole vectors.
 *
 * It does what `Search` does, in the same order of levels and with the same choice among several findings, but for states
 * that have the fingerprint of another one: such a state, and what only it leads to, is missed. What it finds is real; that
 * it found nothing else is only as sure as `missProbability` says.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { failingStep, findStep, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { EndedRuns } from './ended-runs.ts';
import { Candidate, DEAD_END, type Finding, IN_PROPERTY, IN_STEP, startIn, VIOLATION } from './findings.ts';
import { type Entry, FingerprintSet } from './fingerprint-set.ts';
import { FINGERPRINT_BITS, Fingerprints, missProbability } from './fingerprints.ts';
import { Budget, GrowingInts, StoreFull } from './memory.ts';
import { PackedVectors } from './packed-vectors.ts';
import { Checks, Witnesses } from './properties.ts';
import type { LevelStats, SearchLimits } from './search.ts';

const SEED = 1;

export class HashCompactSearch {
  readonly tables: Tables;
  readonly walker: Walker;
  steps = 0;
  /** The state of it is 0, but for an error at the start; `pathOf` knows which one that is. */
  finding: Finding | undefined;
  done = false;
  readonly levels: LevelStats[] = [];

  readonly #limits: SearchLimits;
  readonly #bits: number;
  readonly #budget: Budget;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  readonly #fingerprints: Fingerprints;
  readonly #known: FingerprintSet;
  #level: PackedVectors;
  #nextLevel: PackedVectors;
  /** By state of these levels: what the run that led to it would violate if it ended there. */
  readonly #ended: EndedRuns | undefined;
  #runs: GrowingInts;
  #nextRuns: GrowingInts;
  /** The first property of those that such runs violate; told when nothing else has been found. */
  #endedRun: { readonly property: string; readonly state: Int32Array; readonly depth: number } | undefined;
  #runError: { readonly error: ModelError; readonly state: Int32Array; readonly depth: number } | undefined;
  /** The level being expanded, and the next of its states. */
  #depth = 0;
  #at = 0;
  #initial: readonly Int32Array[] = [];
  readonly #state: Int32Array;
  /** The successors of a state that may be new, each with its fingerprint. */
  readonly #successors: { readonly state: Int32Array; low: number; high: number }[] = [];
  readonly #candidate = new Candidate();
  /** What the candidate is about. */
  #found: { readonly state: Int32Array; readonly depth: number } | undefined;

  /** @param bits of a fingerprint; fewer than 64 are for tests */
  constructor(tables: Tables, limits: SearchLimits, bits = FINGERPRINT_BITS) {
    this.tables = tables;
    this.#limits = limits;
    this.#bits = bits;
    this.#budget = new Budget(limits.bytes, limits.resident);
    this.walker = new Walker(tables);
    this.#checks = new Checks(tables);
    this.#witnesses = new Witnesses(tables);
    this.#fingerprints = new Fingerprints(tables.slotCount, SEED, bits);
    this.#known = new FingerprintSet(this.#budget);
    this.#level = new PackedVectors(tables.slotCount, this.#budget);
    this.#nextLevel = new PackedVectors(tables.slotCount, this.#budget);
    this.#ended = EndedRuns.of(tables);
    this.#runs = new GrowingInts(this.#ended ? 1024 : 0, this.#budget);
    this.#nextRuns = new GrowingInts(this.#ended ? 1024 : 0, this.#budget);
    this.#state = new Int32Array(tables.slotCount);
  }

  get unwitnessed(): ReadonlySet<string> {
    return this.#witnesses.unwitnessed;
  }

  get states(): number {
    return this.#known.count;
  }

  get depth(): number {
    return this.#nextLevel.length > 0 ? this.#depth + 1 : this.#depth;
  }

  get waiting(): number {
    return this.#level.length - this.#at + this.#nextLevel.length;
  }

  get bytes(): number {
    return this.#budget.bytes + this.tables.bytes;
  }

  /** The chance that a state was missed so far. */
  get missProbability(): number {
    return missProbability(this.states, this.#bits);
  }

  /** Expands up to `expansions` states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    try {
      if (this.states === 0) this.#begin();
      for (let i = 0; i < expansions && !this.finding && !this.done; i++) {
        if (this.#at < this.#level.length) this.#expand(this.#at++);
        else this.#endLevel();
      }
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.stop('memory');
    }
    return this.done || this.finding !== undefined;
  }

  /** Ends the search before its level is finished: what that has shown so far counts, else the bound. */
  stop(bound: Bound): void {
    this.#tell();
    this.#tellRun();
    this.finding ??= { kind: 'bound', bound };
  }

  #begin(): void {
    const walker = this.walker;
    const initial: Int32Array[] = [];
    for (const way of this.tables.system.starts.keys()) {
      this.finding = startIn(walker, way);
      if (this.finding) return;
      this.#witnesses.seeMessages(walker.watched);
      const state = walker.current.slice();
      this.#fingerprints.begin(state);
      const { low, high } = this.#fingerprints;
      if (!this.#known.add(low, high, low)) continue;
      initial.push(state);
    }
    this.#initial = initial;
    const words = this.#ended?.words ?? 0;
    this.#runs.reserve(initial.length * words);
    for (const [at, state] of initial.entries()) {
      this.#level.push(state);
      this.#noting(state, 0, () => this.#ended?.begin(state, this.#runs.data, at * words));
      this.#inspect(state, 0);
    }
    if (this.states > this.#limits.states) this.stop('states');
    // There is no level that would have to be finished first.
    this.#tell();
  }

  #expand(index: number): void {
    const walker = this.walker;
    const fingerprints = this.#fingerprints;
    const { current, watched } = walker;
    walker.begin();
    this.#level.load(index, this.#state);
    current.set(this.#state);
    fingerprints.begin(this.#state);
    const parent = fingerprints.low;
    let steps = 0;
    let found = 0;
    let mayEnd = this.#ended !== undefined;
    try {
      while (walker.next()) {
        steps++;
        if (mayEnd && this.#ended!.isOwed(walker)) mayEnd = false;
        if (watched.length > 0) this.#witnesses.seeMessages(watched);
        fingerprints.after(walker);
        const { low, high } = fingerprints;
        if (!this.#known.has(low, high)) this.#keep(found++, current, low, high);
      }
    } catch (error) {
      walker.abort();
      if (!(error instanceof ModelError)) throw error;
      // A state one of whose steps fails has no successors, wherever the failing one stands among them.
      this.#propose({ kind: 'model-error', error, state: 0, inStep: true }, IN_STEP, this.#state, this.#depth);
      return;
    }
    this.steps += steps;
    if (steps === 0) this.#inspectDeadEnd();
    if (mayEnd) this.#inspectRun(index);
    for (let i = 0; i < found && !this.finding; i++) {
      const { state, low, high } = this.#successors[i]!;
      if (!this.#known.add(low, high, parent)) continue;
      this.#nextLevel.push(state);
      this.#goOn(index, state);
      this.#inspect(state, this.#depth + 1);
      if (this.states > this.#limits.states) this.stop('states');
    }
  }

  #keep(index: number, state: Int32Array, low: number, high: number): void {
    const kept = this.#successors[index];
    if (!kept) {
      this.#successors.push({ state: state.slice(), low, high });
      return;
    }
    kept.state.set(state);
    kept.low = low;
    kept.high = high;
  }

  /** What the run to the youngest state of the next level would violate, as it comes from a state of this one. */
  #goOn(parent: number, state: Int32Array): void {
    const ended = this.#ended;
    if (!ended) return;
    const to = (this.#nextLevel.length - 1) * ended.words;
    this.#nextRuns.reserve(to + ended.words);
    const { data } = this.#nextRuns;
    const depth = this.#depth + 1;
    this.#noting(state, depth, () => ended.goOn(this.#runs.data, parent * ended.words, state, data, to));
  }

  /** As in an exact search, what cannot be said of progress matters only when nothing else has been found. */
  #noting(state: Int32Array, depth: number, note: () => void): void {
    try {
      note();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#runError ??= { error, state: state.slice(), depth };
    }
  }

  /** The run to a state of the level may end there. */
  #inspectRun(index: number): void {
    const { properties } = this.tables.system;
    const property = this.#ended!.violatedBy(this.#runs.data, index * this.#ended!.words);
    if (property === undefined) return;
    const rank = (name: string) => properties.findIndex((other) => other.name === name);
    if (this.#endedRun && rank(this.#endedRun.property) <= rank(property)) return;
    this.#endedRun = { property, state: this.#state.slice(), depth: this.#depth };
  }

  #tellRun(): void {
    const told = this.#endedRun ?? this.#runError;
    if (this.finding || !told) return;
    this.#found = told;
    this.finding =
      'error' in told
        ? { kind: 'model-error', error: told.error, state: 0, inStep: false }
        : { kind: 'violation', property: told.property, state: 0, deadEnd: false, ofRun: true };
  }

  /** Looks at a new state for violations and witnesses. */
  #inspect(state: Int32Array, depth: number): void {
    const checks = this.#checks;
    try {
      let violated = 0;
      while (violated < checks.length && !checks.isViolated(violated, state)) violated++;
      this.#witnesses.seeState(state);
      if (violated === checks.length) return;
      const property = checks.nameOf(violated);
      this.#propose({ kind: 'violation', property, state: 0, deadEnd: false }, VIOLATION + violated, state, depth);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#propose({ kind: 'model-error', error, state: 0, inStep: false }, IN_PROPERTY, state, depth);
    }
  }

  #inspectDeadEnd(): void {
    const state = this.#state;
    try {
      const [property] = deadEndProperties(this.tables, state);
      if (property === undefined) return;
      this.#propose({ kind: 'violation', property, state: 0, deadEnd: true }, DEAD_END, state, this.#depth);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#propose({ kind: 'model-error', error, state: 0, inStep: false }, DEAD_END, state, this.#depth);
    }
  }

  #propose(finding: Finding, rank: number, state: Int32Array, depth: number): void {
    if (this.#candidate.propose(finding, rank)) this.#found = { state: state.slice(), depth };
  }

  #tell(): void {
    this.finding ??= this.#candidate.finding;
  }

  #endLevel(): void {
    this.levels.push({ depth: this.#depth, states: this.states, values: this.tables.valueCounts() });
    this.#tell();
    if (this.finding) return;
    if (this.#nextLevel.length === 0) {
      this.done = true;
      this.#tellRun();
      return;
    }
    [this.#runs, this.#nextRuns] = [this.#nextRuns, this.#runs];
    [this.#level, this.#nextLevel] = [this.#nextLevel, this.#level];
    this.#nextLevel.length = 0;
    this.#at = 0;
    this.#depth++;
  }

  /**
   * The path to what the finding is about: backward by the parents' fingerprints, then forward from the initial states, each
   * time by the first step that leads to the next fingerprint. That is the step by which the search came to it, too.
   */
  pathOf(finding: Exclude<Finding, { kind: 'bound' }>): Path {
    const { state: target, depth } = this.#found!;
    const walker = new Walker(this.tables);
    interface Place {
      readonly initial: Int32Array;
      readonly state: Int32Array;
      readonly low: number;
      readonly steps: readonly PathStep[];
    }
    // Two fingerprints may have the same lower word, so there may be several ways; the right one ends in the very state.
    let places = this.#initial.map((initial): Place => {
      this.#fingerprints.begin(initial);
      return { initial, state: initial, low: this.#fingerprints.low, steps: [] };
    });
    for (const entries of this.#entriesTo(target, depth)) {
      places = places.flatMap((place) =>
        entries
          .filter(({ parent }) => parent === place.low)
          .flatMap(({ low, high }) => {
            const step = findStep(walker, place.state, ({ current }) => {
              this.#fingerprints.begin(current);
              return this.#fingerprints.low === low && this.#fingerprints.high === high;
            });
            return step ? [{ ...place, state: step.state, low, steps: [...place.steps, step] }] : [];
          }),
      );
    }
    const place = places.find(({ state }) => state.every((value, slot) => value === target[slot]));
    if (!place) throw new Error('the fingerprints do not lead to the state that was found');
    const failed = finding.kind === 'model-error' && finding.inStep ? failingStep(walker, place.state) : undefined;
    const steps = failed ? [...place.steps, failed] : place.steps;
    return { initial: place.initial, steps, failed: failed !== undefined };
  }

  /** The entries that may be on the way to a state, level by level, the first level after the initial state first. */
  #entriesTo(target: Int32Array, depth: number): Entry[][] {
    this.#fingerprints.begin(target);
    const { low, high } = this.#fingerprints;
    const levels: Entry[][] = [];
    let entries = this.#known.withLow(low).filter((entry) => entry.high === high);
    for (let level = depth; level > 0; level--) {
      levels.push(entries);
      entries = [...new Set(entries.map(({ parent }) => parent))].flatMap((parent) => this.#known.withLow(parent));
    }
    return levels.reverse();
  }
}

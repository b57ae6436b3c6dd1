/**
 * The search that keeps of each state 64 bits, and 32 of its parent (Wolper and Leroy, "Reliable Hashing without Collision Detection",
 * CAV 1993; Stern and Dill, "Improved Probabilistic Verification by Hash Compaction", CHARME 1995), and of two levels whole vectors.
 *
 * A state that has the fingerprint of another one is missed, with what only it leads to. What is found is real; that nothing else is
 * found is only as sure as the probability says. Otherwise it does what the search by rows does, level by level, with the same choice
 * among several findings.
 *
 * It works in the same two phases. Some states are *expanded* by look-ups (`expand-vectors.ts`), and what they lead to waits in
 * `found-steps.ts`, by lane: a lane is told by a few bits of the fingerprint. Then that is *absorbed*, lane by lane
 * (`absorb-vectors.ts`): what of it is new? A lane's set is small enough to stay near while it is looked into, and has one owner.
 *
 * A finding calls its state by the number of steps on the path to it. `steps` counts those of all states whose steps all went well,
 * self-loops and duplicates included.
 */
import { ModelError } from '../../system/errors.ts';
import type { Bound } from '../../system/verdict.ts';
import { Ints } from '../../tabulate/ints.ts';
import type { Path } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import { Walker } from '../../tabulate/walker.ts';
import type { EndedRuns } from '../ended-runs.ts';
import type { Explorer, Facts } from '../explorer.ts';
import type { Fault, Finding } from '../findings.ts';
import { FingerprintSet } from '../fingerprint-set.ts';
import { FINGERPRINT_BITS, Fingerprints, missProbability } from '../fingerprints.ts';
import type { Inspector } from '../inspector.ts';
import { type Budget, StoreFull } from '../memory.ts';
import type { LevelStats } from '../search.ts';
import type { PartSize, Shared } from '../threads.ts';
import { absorbVectors } from './absorb-vectors.ts';
import { VectorExpander } from './expand-vectors.ts';
import { FingerprintTrail } from './fingerprint-trail.ts';
import { FoundSteps, LANES, laneOf } from './found-steps.ts';
import { LevelList } from './level-list.ts';
import { RunList } from './run-list.ts';
import { TreeSteps } from './tree-steps.ts';
import { VectorJudge } from './vector-judge.ts';
import type { AbsorbedVectors, ExpandedVectors } from './vector-part.ts';
import type { VectorParts } from './vector-search.ts';
import { VectorSharing } from './vector-sharing.ts';

const SEED = 1;
/** What is found is absorbed when it takes so many words, also within a level. */
const FOUND_WORDS_MAX = 2 ** 21;
/** States that are expanded between two looks at that. */
const BATCH = 2 ** 10;
/** As long as there are fewer states, one set of all of them stays near enough. */
const LANES_AT_STATES = 2 ** 18;
/** States of a part for other threads, at most: what their steps lead to has to wait somewhere. */
const PART_MAX = 2 ** 17;

export class FingerprintSearch implements Explorer, Shared {
  readonly tables: Tables;
  readonly walker: Walker;
  /** How many states have been found. */
  states = 0;
  done = false;
  readonly levels: LevelStats[] = [];

  readonly #statesMax: number;
  readonly #budget: Budget;
  readonly #bits: number;
  readonly #inspector: Inspector;
  readonly #judge: VectorJudge;
  readonly #steps: TreeSteps;
  readonly #fingerprints: Fingerprints;
  readonly #found: FoundSteps;
  readonly #expander: VectorExpander;
  readonly #trail: FingerprintTrail;
  readonly sharing = new VectorSharing(this);
  /** What other threads find, by thread. */
  readonly #ofThreads: FoundSteps[] = [];
  /** By lane; there is one as long as there are few states. */
  #sets: readonly FingerprintSet[];
  #fresh: LevelList[];
  /** The level that is being expanded, and where: a list, and the place in it and in the level of the next state. */
  #level: LevelList[];
  #list = 0;
  #at = 0;
  #place = 0;
  /** Steps on the path to its states. */
  #depth = 0;
  #isBegun = false;
  /** Given when there are properties of progress: of both levels what runs to their states would violate. */
  readonly #ended: EndedRuns | undefined;
  #runs: RunList | undefined;
  #freshRuns: RunList | undefined;
  /** Scratch. */
  readonly #state: Int32Array;
  readonly #deadEnds = new Ints();
  readonly #suspects = new Ints();

  /** @param bits of a fingerprint; fewer than 64 are for tests, which want to see two states taken for one */
  constructor(parts: VectorParts, bits = FINGERPRINT_BITS) {
    const { tables, limits, budget, inspector, ended } = parts;
    const { slotCount } = tables;
    this.tables = tables;
    this.walker = new Walker(tables);
    this.#statesMax = limits.states;
    this.#budget = budget;
    this.#bits = bits;
    this.#inspector = inspector;
    inspector.waitForLevels();
    this.#judge = new VectorJudge(inspector);
    this.#fingerprints = new Fingerprints(slotCount, SEED, bits);
    this.#steps = new TreeSteps(this.walker, this.#fingerprints, (messages) =>
      inspector.witnesses.seeMessages(messages),
    );
    this.#found = new FoundSteps(budget);
    this.#expander = new VectorExpander(slotCount, this.#fingerprints, this.#found, this.#deadEnds);
    this.#trail = new FingerprintTrail(tables, this.#fingerprints, (low) => this.#setOf(low).withLow(low));
    this.#sets = [new FingerprintSet(budget)];
    this.#fresh = [this.#newList()];
    this.#level = [this.#newList()];
    this.#ended = ended;
    this.#runs = RunList.of(parts);
    this.#freshRuns = RunList.of(parts);
    this.#state = new Int32Array(slotCount);
  }

  #newList(): LevelList {
    return new LevelList(this.tables.slotCount, this.#budget);
  }

  #setOf(low: number): FingerprintSet {
    return this.#sets[laneOf(low, this.#sets.length)]!;
  }

  get finding(): Finding | undefined {
    return this.#inspector.finding;
  }

  get unwitnessed(): ReadonlySet<string> {
    return this.#inspector.witnesses.unwitnessed;
  }

  get steps(): number {
    return this.#expander.steps;
  }

  get depth(): number {
    return this.#fresh.some(({ length }) => length > 0) ? this.#depth + 1 : this.#depth;
  }

  get waiting(): number {
    return this.leftOfLevel + lengthOf(this.#fresh);
  }

  get bytes(): number {
    return this.#budget.bytes + this.#steps.bytes + this.#judge.bytes + this.tables.bytes;
  }

  get facts(): Facts {
    if (!this.done) return {};
    const states = this.#sets.reduce((sum, { count }) => sum + count, 0);
    return { missProbability: missProbability(states, this.#bits) };
  }

  run(expansions: number): boolean {
    this.#guarded(() => {
      if (!this.#isBegun) this.#begin();
      for (let left = expansions; left > 0 && !this.finding && !this.done; ) {
        const list = this.#level[this.#list];
        if (!list) {
          this.#absorb();
          if (!this.finding) this.#endLevel();
          left--;
        } else if (this.#at === list.length) {
          this.#list++;
          this.#at = 0;
        } else {
          // Which of its runs may end is asked of each state by itself.
          const count = this.#ended ? 1 : Math.min(left, BATCH, list.length - this.#at);
          this.#expandNext(list, count);
          left -= count;
          if (this.#found.size > FOUND_WORDS_MAX) this.#absorb();
        }
      }
    });
    return this.done || this.finding !== undefined;
  }

  #begin(): void {
    this.#isBegun = true;
    const initial = this.#inspector.start(this.walker);
    if (!initial) return;
    const [list] = this.#level as [LevelList];
    const fingerprints = this.#fingerprints;
    for (const state of initial) {
      const [wholeLow, wholeHigh] = fingerprints.wordsOf(state);
      const { low, high } = fingerprints;
      if (!this.#setOf(low).add(low, high, low)) continue;
      this.#trail.begin(state);
      this.#runs?.begin(state, list.length);
      list.push(state, wholeLow, wholeHigh);
      this.states++;
      this.#judge.inspect(state, 0);
    }
    this.#stopIfMany();
    // There is no level that would have to be finished first.
    this.#inspector.tell();
  }

  /** Expands the next states of a list. */
  #expandNext(list: LevelList, count: number): void {
    const from = this.#at;
    const start = this.#place - from;
    this.#at += count;
    this.#place += count;
    const isDone = this.#expand(list, start, from, this.#at);
    this.#inspectDeadEnds();
    if (this.#ended && isDone) this.#lookAtRun(list, from, start + from, this.#ended);
  }

  /** Expands states of a list that begins at a place of the level; false when a step of one fails. */
  #expand(list: LevelList, start: number, from: number, to: number): boolean {
    let isDone = true;
    for (let at = from; ; ) {
      at = this.#expander.expand(this.#steps.tables, list, start, at, to, this.#sets.length);
      if (at === to) return isDone;
      // A state with a step that fails leads nowhere.
      if (this.#learn(list, at)) continue;
      isDone = false;
      at++;
    }
  }

  /** Expands the state at a place of the level. */
  #expandAlone(place: number): void {
    const { list, at } = this.#find(place);
    this.#expand(list, place - at, at, at + 1);
  }

  /** Finds out what the expander lacks about a state; false when a step of it fails. */
  #learn(list: LevelList, at: number): boolean {
    list.load(at, this.#state);
    try {
      this.#steps.learn(this.#expander.missing, this.#state);
      return true;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#inspector.fail(error, this.#state, this.#depth);
      return false;
    }
  }

  #inspectDeadEnds(): void {
    const { data, length } = this.#deadEnds;
    for (let i = 0; i < length; i++) {
      const { list, at } = this.#find(data[i]!);
      list.load(at, this.#state);
      this.#inspector.inspectDeadEnd(this.#state, this.#depth);
    }
    this.#deadEnds.length = 0;
  }

  /** Where the state at a place of the level is. */
  #find(place: number): { readonly list: LevelList; readonly at: number } {
    let at = place;
    for (const list of this.#level) {
      if (at < list.length) return { list, at };
      at -= list.length;
    }
    throw new Error(`the level has no place ${place}`);
  }

  /** What a run violates that may end in the state that has just been expanded. */
  #lookAtRun(list: LevelList, at: number, place: number, ended: EndedRuns): void {
    const property = this.#runs!.violatedAt(place);
    if (property === undefined) return;
    const { labels, tables } = this.#steps;
    if (this.#expander.labelsIn(tables).some((label) => ended.isOwed(labels[label]!))) return;
    list.load(at, this.#state);
    this.#inspector.endRun(property, this.#state, this.#depth);
  }

  /** Stores what has been found. */
  #absorb(): void {
    const runs = this.#freshRuns;
    const absorbing = {
      found: [this.#found.read()],
      level: this.#level,
      steps: this.#steps.tables,
      questions: this.#judge.tables,
      fingerprints: this.#fingerprints,
      state: this.#state,
      // With progress there is one lane.
      ...(runs && {
        onNew: (place: number, parent: number) => runs.goOn(this.#runs!, parent, this.#state, place, this.#depth + 1),
      }),
    };
    const suspects = this.#suspects;
    try {
      for (const [lane, known] of this.#sets.entries()) {
        const fresh = this.#fresh[lane]!;
        const before = fresh.length;
        try {
          absorbVectors(absorbing, { known, fresh }, lane, before + this.#statesMax + 1 - this.states, suspects);
        } finally {
          this.states += fresh.length - before;
        }
        this.#inspectSuspects(fresh, suspects.data.subarray(0, suspects.length));
        suspects.length = 0;
        if (this.states > this.#statesMax) break;
      }
    } finally {
      this.#found.clear();
    }
    this.#stopIfMany();
  }

  /** Asks properties about new states, by their places. */
  #inspectSuspects(fresh: LevelList, places: Int32Array): void {
    for (const place of places) {
      fresh.load(place, this.#state);
      this.#judge.inspect(this.#state, this.#depth + 1);
    }
  }

  // --- other threads ---

  get leftOfLevel(): number {
    return lengthOf(this.#level) - this.#place;
  }

  /**
   * What is left of the level, or a part of it, for so many other threads; undefined when there is too little of it.
   * `adoptExpanded` and `adoptAbsorbed` must follow.
   */
  openPart({ min, max, chunk }: PartSize, threads: number) {
    if (!this.#isBegun || this.leftOfLevel < min || this.finding) return undefined;
    return this.#guarded(() => {
      this.#absorb();
      if (this.finding || !this.#deal()) return undefined;
      while (this.#ofThreads.length < threads) this.#ofThreads.push(new FoundSteps(this.#budget));
      return {
        slotCount: this.tables.slotCount,
        fingerprints: { seed: SEED, bits: this.#bits },
        level: this.#level.map((list) => list.share()),
        steps: this.#steps.tables,
        chunks: this.#takeChunks(Math.min(max, PART_MAX), chunk),
        lanes: LANES,
        found: this.#ofThreads.map((found) => found.share()),
      };
    });
  }

  #takeChunks(max: number, chunk: number): Int32Array {
    const chunks: number[] = [];
    for (let left = max; left > 0 && this.#list < this.#level.length; ) {
      const { length } = this.#level[this.#list]!;
      const count = Math.min(left, chunk, length - this.#at);
      if (count === 0) {
        this.#list++;
        this.#at = 0;
        continue;
      }
      chunks.push(this.#list, this.#at, this.#at + count, this.#place - this.#at);
      this.#at += count;
      this.#place += count;
      left -= count;
    }
    return Int32Array.from(chunks);
  }

  /** Takes over what other threads have expanded; what they need to absorb it. */
  adoptExpanded(results: readonly ExpandedVectors[]) {
    return this.#guarded(() => {
      for (const found of this.#ofThreads) found.adopt();
      for (const { steps, deadEnds } of results) {
        this.#expander.steps += steps;
        for (const place of deadEnds) this.#deadEnds.push(place);
      }
      this.#inspectDeadEnds();
      const values = Math.max(...this.tables.valueCounts());
      for (const fresh of this.#fresh) fresh.fit(values);
      return {
        lanes: this.#sets.map((known, lane) => ({ known: known.share(), fresh: this.#fresh[lane]!.share() })),
        found: this.#ofThreads.map((found) => found.share()),
        questions: this.#judge.tables,
        max: this.#statesMax + 1 - this.states,
        bytesMax: Math.floor((this.#budget.bytesMax - this.#budget.bytes) / LANES),
      };
    });
  }

  /** Takes over what other threads have absorbed, and does what they have left. */
  adoptAbsorbed(results: readonly AbsorbedVectors[], expanded: readonly ExpandedVectors[]): void {
    this.#guarded(() => {
      const lanes = results.flatMap((result) => result.lanes).sort((one, other) => one.lane - other.lane);
      for (const { lane, known, length } of lanes) {
        this.states += length - this.#fresh[lane]!.length;
        this.#sets[lane]!.adopt(known);
        this.#fresh[lane]!.adopt(length);
      }
      for (const { lane, suspects } of lanes) this.#inspectSuspects(this.#fresh[lane]!, suspects);
      for (const found of this.#ofThreads) found.clear();
      if (results.some(({ isFull }) => isFull)) throw new StoreFull();
      for (const { unknown } of expanded) for (const place of unknown) this.#expandAlone(place);
      this.#inspectDeadEnds();
      this.#absorb();
    });
  }

  #stopIfMany(): void {
    if (this.states > this.#statesMax) this.stop('states');
  }

  #endLevel(): void {
    this.levels.push({ depth: this.#depth, states: this.states, values: this.tables.valueCounts() });
    const goesOn = this.#fresh.some(({ length }) => length > 0);
    if (goesOn) this.#advance();
    this.#inspector.tell();
    if (goesOn || this.finding) return;
    this.done = true;
    this.#inspector.tellRun();
  }

  #advance(): void {
    [this.#runs, this.#freshRuns] = [this.#freshRuns, this.#runs];
    [this.#level, this.#fresh] = [this.#fresh, this.#level];
    for (const list of this.#fresh) list.clear();
    while (this.#fresh.length < this.#sets.length) this.#fresh.push(this.#newList());
    this.#list = this.#at = this.#place = 0;
    this.#depth++;
    if (this.states >= LANES_AT_STATES) this.#deal();
  }

  /** Gives each lane its fingerprints; false when there is no room for both at once, or lanes are not for this search. */
  #deal(): boolean {
    // Which run comes to a state first must not depend on lanes.
    if (this.#ended) return false;
    if (this.#sets.length === LANES) return true;
    const before = this.#sets;
    const sets: FingerprintSet[] = [];
    const fresh = [...this.#fresh];
    try {
      while (fresh.length < LANES) fresh.push(this.#newList());
      while (sets.length < LANES) sets.push(new FingerprintSet(this.#budget));
      for (const set of before) set.copyTo((low) => sets[laneOf(low, LANES)]!);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      for (const one of [...sets, ...fresh.slice(this.#fresh.length)]) one.release();
      return false;
    }
    for (const set of before) set.release();
    this.#sets = sets;
    this.#fresh = fresh;
    return true;
  }

  stop(bound: Bound): void {
    // What has been found counts, where there is room for it.
    const isTime = bound === 'seconds' || bound === 'interrupted';
    if (isTime && !this.done && !this.finding) this.#guarded(() => this.#absorb());
    this.#inspector.stop(bound);
  }

  pathOf(fault: Fault): Path {
    return this.#trail.pathOf(fault, this.#inspector.found!);
  }

  #guarded<Result>(run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.stop('memory');
      return undefined;
    }
  }
}

function lengthOf(lists: readonly LevelList[]): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}

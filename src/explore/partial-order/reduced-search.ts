/**
 * Breadth-first search that leaves out steps whose order nobody can notice (partial-order reduction by `stubborn-sets.ts`), and
 * does not store states on the way where there is nothing to choose (chains).
 *
 * Every state that it comes to, stored or not, is a reachable one, all its steps are run, and all properties are asked about it.
 * So what it finds is real; that there is nothing else is the theorem in `docs/engine.md`. It preserves the states without
 * steps, violations and witnesses, and which steps fail; not the lengths of paths, nor what goes on for ever.
 *
 * What steps may touch is known only as far as the search has come. When something that a decision relied on turns out to be
 * more, the search is made again with what it knows by then, until a *pass* brings nothing new.
 *
 * It has a loop of its own: what `vectors/vector-search.ts` does is to run all steps of a state one after the other and to keep what
 * they lead to. Here all starters are looked at before it is decided which of them to follow, by what is known of them and not by the
 * walker; a step may go on through states that are not stored; and all begins anew in each pass. What they share is what they judge
 * (`inspector.ts`).
 */
import { ModelError } from '../../system/errors.ts';
import type { Bound } from '../../system/verdict.ts';
import { Ints } from '../../tabulate/ints.ts';
import { errorIn, type Path } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import { Walker } from '../../tabulate/walker.ts';
import type { Action } from '../actions.ts';
import type { Explorer } from '../explorer.ts';
import type { Fault, Finding } from '../findings.ts';
import { Inspector } from '../inspector.ts';
import { Budget, StoreFull } from '../memory.ts';
import { Orbits } from '../orbits.ts';
import { Parts } from '../parts.ts';
import type { LevelStats, SearchLimits } from '../search.ts';
import { shorten } from '../shorten.ts';
import type { Symmetry } from '../symmetry.ts';
import { TupleSet } from '../tuple-set.ts';
import { Futures } from './futures.ts';
import { elementsOf, has, maskOf } from './masks.ts';
import { type Footprint, Resources } from './resources.ts';
import { type Situation, Situations } from './situations.ts';
import { StubbornSets } from './stubborn-sets.ts';

/** A chain ends after so many steps, so that one which never comes to an end cannot hold the search up. */
const CHAIN_STEPS_MAX = 64;

/** What a reduced search leaves out; at least one of both. */
export interface ReducedBy {
  readonly partialOrder: boolean;
  readonly chains: boolean;
  /** Of the same tables. */
  readonly symmetry?: Symmetry | undefined;
}

/** What is learnt of a value of a slot: what its steps may look at and change, or that a step changes it to another one. */
type Fact =
  | { readonly slot: number; readonly value: number; readonly later: Footprint }
  | { readonly slot: number; readonly value: number; readonly to: number };

export class ReducedSearch implements Explorer {
  readonly tables: Tables;
  readonly walker: Walker;
  done = false;
  /** Steps that were followed in this pass. */
  steps = 0;
  /** How often a state of this pass had fewer steps followed than it has. */
  reduced = 0;
  /** How often a state of this pass was not stored. */
  skipped = 0;
  passes = 0;
  /** Given up, with another pass, when a symmetry turns out not to go with it. */
  partialOrder: boolean;
  levels: LevelStats[] = [];

  readonly #limits: SearchLimits;
  readonly #by: ReducedBy;
  readonly #inspector: Inspector;
  readonly #orbits: Orbits | undefined;
  /** With symmetry: the facts whose images are known. */
  readonly #learnt = new Set<string>();
  readonly #situations: Situations;
  readonly #resources: Resources;
  readonly #futures: Futures;
  readonly #stubborn: StubbornSets;
  /** How many slots the properties had looked at when `#stubborn` was told, and whether it has decided anything since. */
  #readsSeen = -1;
  #reliesOnReads = false;
  #stale = false;

  readonly #budget: Budget;
  #initial: readonly Int32Array[] = [];
  /** How many of them there are in this pass: the states with the lowest numbers. */
  #initials = 0;
  #parts: Parts;
  /** Pairs of the numbers of parts; the number of a pair is the number of its state. */
  #states: TupleSet;
  readonly #parents = new Ints();
  readonly #depths = new Ints();
  /** By state: where the steps from its parent end in `#trail`. */
  readonly #trailEnds = new Ints();
  /** Steps: the place of the starter, plus the number of starters times the step's place among the starter's. */
  readonly #trail = new Ints();
  /** The state to expand next, and the first one of the level after it. */
  #at = 0;
  #levelEnd = 1;
  #deepest = 0;
  /** Scratch. */
  readonly #state: Int32Array;
  readonly #current: Int32Array;
  readonly #pair = new Int32Array(2);
  readonly #here: Situation[] = [];
  readonly #there: Situation[] = [];
  readonly #chain: number[] = [];

  constructor(tables: Tables, limits: SearchLimits, by: ReducedBy) {
    const { slotCount } = tables;
    const { symmetry } = by;
    this.tables = tables;
    this.#limits = limits;
    this.#by = by;
    this.partialOrder = by.partialOrder;
    this.walker = new Walker(tables);
    this.#inspector = new Inspector(tables, symmetry);
    this.#orbits = symmetry && new Orbits(symmetry);
    this.#resources = new Resources(tables);
    this.#futures = new Futures(slotCount, this.#resources);
    this.#situations = new Situations(
      this.walker,
      this.#resources,
      (watched) => this.#inspector.witnesses.seeMessages(watched),
      (starter, state, situation) => this.#learn(starter, state, situation),
    );
    this.#stubborn = new StubbornSets(this.#situations.starters, this.#futures);
    this.#state = new Int32Array(slotCount);
    this.#current = new Int32Array(slotCount);
    this.#budget = new Budget(limits.bytes, limits.resident);
    this.#parts = this.#newParts();
    this.#states = new TupleSet(2, this.#budget);
  }

  #newParts(): Parts {
    const slots = Array.from({ length: this.tables.slotCount }, (_, slot) => slot);
    const middle = Math.ceil(slots.length / 2);
    return new Parts([slots.slice(0, middle), slots.slice(middle)], this.#budget);
  }

  get finding(): Finding | undefined {
    return this.#inspector.finding;
  }

  get unwitnessed(): ReadonlySet<string> {
    return this.#inspector.witnesses.unwitnessed;
  }

  get states(): number {
    return this.#states.count;
  }

  /** Steps on the path to the farthest state, in the way it was found. */
  get depth(): number {
    return this.#deepest;
  }

  get waiting(): number {
    return this.states - this.#at;
  }

  get bytes(): number {
    const own = [this.#parents, this.#depths, this.#trailEnds, this.#trail].reduce((sum, { bytes }) => sum + bytes, 0);
    const known = this.#situations.bytes + this.#futures.bytes + (this.#orbits?.symmetry.bytes ?? 0);
    return this.#budget.bytes + own + known + this.tables.bytes;
  }

  /** Expands up to `expansions` states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    try {
      if (this.passes === 0) this.#begin();
      for (let i = 0; i < expansions && !this.finding && !this.done; i++) {
        if (this.#at === this.#levelEnd) this.#endLevel();
        if (this.#at < this.states) this.#expand(this.#at++);
        else this.#endPass();
      }
      // What is known of steps is little beside the states, so it is enough to look at it now and then.
      if (this.bytes > this.#limits.bytes) this.stop('memory');
    } catch (error) {
      if (error instanceof StoreFull) this.stop('memory');
      else if (this.#orbits && error instanceof ModelError) this.#inspector.refuse(error);
      else throw error;
    }
    return this.done || this.finding !== undefined;
  }

  stop(bound: Bound): void {
    this.#inspector.stop(bound);
  }

  #begin(): void {
    const initial = this.#inspector.start(this.walker);
    if (!initial) return;
    this.#orbits?.symmetry.requireInvariant(initial);
    this.#inspector.witnesses.seeImages();
    for (const state of initial) this.#orbits?.symmetry.canonicalise(state);
    this.#initial = initial;
    this.#beginPass();
  }

  #beginPass(): void {
    this.passes++;
    this.#states.release();
    this.#parts.release();
    this.#states = new TupleSet(2, this.#budget);
    this.#parts = this.#newParts();
    for (const ints of [this.#parents, this.#depths, this.#trailEnds, this.#trail]) ints.length = 0;
    this.steps = this.reduced = this.skipped = this.#deepest = this.#at = 0;
    this.#initials = 0;
    this.levels = [];
    this.#futures.forgetReliance();
    this.#stale = false;
    this.#reliesOnReads = false;
    this.#chain.length = 0;
    for (const state of this.#initial) {
      this.#current.set(state);
      if (this.#find() >= 0) continue;
      const isEnd = this.#inspect();
      this.#initials = this.#add(0) + 1;
      if (isEnd) break;
    }
    this.#levelEnd = this.#initials;
  }

  #endLevel(): void {
    this.levels.push({ depth: this.levels.length, states: this.states, values: this.tables.valueCounts() });
    this.#levelEnd = this.states;
  }

  #endPass(): void {
    this.#orbits?.symmetry.settle();
    // The last states may have shown what nobody has had to decide on since.
    this.#refreshReads();
    if (this.partialOrder && this.#orbits?.symmetry.reordersRefusals) {
      // What a refused step looks at is not symmetric then, so not all of it may be known.
      this.partialOrder = false;
      this.#stale = true;
    }
    if (this.#stale || this.#futures.grown) this.#beginPass();
    else this.done = true;
  }

  #expand(state: number): void {
    this.#load(state, this.#state);
    const here = this.#here;
    if (!this.#look(this.#state, here)) {
      this.#fail(state);
      return;
    }
    if (here.every(({ effects }) => effects.length === 0)) {
      this.#inspector.inspectDeadEnd(this.#state, state);
      return;
    }
    const members = this.#choose(this.#state, here)?.slice();
    // A state that has not been expanded yet: whatever is left out here comes later, at the latest where nothing is left out.
    let later = false;
    for (let i = 0; i < here.length && !this.finding; i++) {
      if (members && !has(members, i)) continue;
      if (this.#followAll(state, i) > state) later = true;
    }
    if (!members) return;
    if (later) {
      this.reduced++;
      return;
    }
    for (let i = 0; i < here.length && !this.finding; i++) if (!has(members, i)) this.#followAll(state, i);
  }

  /** All steps of a starter; returns the highest number of a state that they come to, -1 when there is none. */
  #followAll(state: number, starter: number): number {
    const { effects } = this.#here[starter]!;
    let highest = -1;
    for (let step = 0; step < effects.length && !this.finding; step++) {
      this.#current.set(this.#state);
      highest = Math.max(highest, this.#follow(state, starter, step, effects[step]!));
    }
    return highest;
  }

  /** A step from `#current`, and what follows where there is nothing to choose; returns the number of the state where it ends. */
  #follow(parent: number, starter: number, step: number, effect: Int32Array): number {
    const chain = this.#chain;
    chain.length = 0;
    this.#take(starter, step, effect);
    for (;;) {
      const known = this.#find();
      if (known >= 0) return known;
      if (this.#inspect()) return this.#add(parent);
      const only = this.#by.chains && chain.length < CHAIN_STEPS_MAX ? this.#onlyStep() : -1;
      if (only < 0) return this.#add(parent);
      this.skipped++;
      this.#take(only, 0, this.#there[only]!.effects[0]!);
    }
  }

  #take(starter: number, step: number, effect: Int32Array): void {
    this.steps++;
    this.#chain.push(starter, step);
    apply(effect, this.#current);
    this.#orbits?.symmetry.canonicalise(this.#current);
  }

  /** The starter whose only step is all that has to be followed from `#current`; -1 when there is something to choose. */
  #onlyStep(): number {
    const there = this.#there;
    // An error is told of a stored state.
    if (!this.#look(this.#current, there)) return -1;
    const members = this.#choose(this.#current, there);
    let only = -1;
    for (let i = 0; i < there.length; i++) {
      const { effects } = there[i]!;
      if (effects.length === 0 || (members && !has(members, i))) continue;
      if (effects.length > 1 || only >= 0 || effects[0]!.length === 0) return -1;
      only = i;
    }
    if (only >= 0 && members) this.reduced++;
    return only;
  }

  /** What all starters can do in a state; false when a step fails. */
  #look(state: Int32Array, into: Situation[]): boolean {
    const { starters } = this.#situations;
    try {
      for (let i = 0; i < starters.length; i++) into[i] = this.#situations.of(starters[i]!, state);
      return true;
    } catch (error) {
      if (!(error instanceof ModelError) || error.code === 'not-symmetric') throw error;
      return false;
    }
  }

  #choose(state: Int32Array, situations: readonly Situation[]): Int32Array | undefined {
    if (!this.partialOrder) return undefined;
    this.#refreshReads();
    const members = this.#stubborn.choose(state, situations);
    if (members) this.#reliesOnReads = true;
    return members;
  }

  /**
   * What a monitor says depends on its own slot alone. Nobody but the members can change that after one of them has, and the
   * state at hand is known to be fine: so only properties that look at several slots matter.
   */
  #refreshReads(): void {
    const { checks, witnesses } = this.#inspector;
    const open = witnesses.open.map(({ reads }) => reads);
    const reads = [...checks.readsOfPredicates, ...open].filter(({ size }) => size > 1);
    const seen = reads.reduce((sum, { size }) => sum + size, 0);
    if (seen === this.#readsSeen) return;
    this.#readsSeen = seen;
    if (this.#reliesOnReads) this.#stale = true;
    this.#stubborn.respect(reads.map((slots) => this.#resources.of(slots)));
  }

  #learn(starter: number, state: Int32Array, { later, effects }: Situation): void {
    this.#futures.learn(starter, state[starter]!, later);
    for (const effect of effects) {
      for (let at = 0; at < effect.length; at += 2)
        this.#futures.follow(effect[at]!, state[effect[at]!]!, effect[at + 1]!);
    }
    if (this.#by.symmetry) this.#learnImages(this.#by.symmetry, starter, state, later, effects);
  }

  /** What is known must be as symmetric as the system is: the search comes to one image of each situation only. */
  #learnImages(
    symmetry: Symmetry,
    starter: number,
    state: Int32Array,
    later: Footprint,
    effects: readonly Int32Array[],
  ): void {
    const { actions, slots } = symmetry;
    symmetry.settle();
    actions.meet(state, slots);
    const facts: Fact[] = [{ slot: starter, value: state[starter]!, later }];
    for (const effect of effects) {
      const after = state.slice();
      apply(effect, after);
      actions.meet(after, slots);
      for (let at = 0; at < effect.length; at += 2) {
        const slot = effect[at]!;
        facts.push({ slot, value: state[slot]!, to: after[slot]! });
      }
    }
    // The list grows while it is gone through: images of images are images.
    for (const fact of facts) {
      const key = keyOf(fact);
      if (this.#learnt.has(key)) continue;
      this.#learnt.add(key);
      if ('later' in fact) this.#futures.learn(fact.slot, fact.value, fact.later);
      else this.#futures.follow(fact.slot, fact.value, fact.to);
      for (const exchange of actions.exchanges) facts.push(this.#imageOf(fact, exchange));
    }
  }

  #imageOf(fact: Fact, exchange: Action): Fact {
    const slot = exchange.slots[fact.slot]!;
    const value = exchange.imageOf(fact.slot, fact.value);
    if ('to' in fact) return { slot, value, to: exchange.imageOf(fact.slot, fact.to) };
    const moved = (mask: Int32Array) => {
      const resources = elementsOf(mask).map((one) => this.#resources.under(one, (slot) => exchange.slots[slot]!));
      return maskOf(resources, mask.length);
    };
    return { slot, value, later: { reads: moved(fact.later.reads), writes: moved(fact.later.writes) } };
  }

  #load(state: number, into: Int32Array): void {
    this.#parts.load(0, this.#states.tuples.data[state * 2]!, into);
    this.#parts.load(1, this.#states.tuples.data[state * 2 + 1]!, into);
  }

  /** The number of `#current`, -1 when it is not stored; its parts are in `#pair` then. */
  #find(): number {
    this.#pair[0] = this.#parts.numberOf(0, this.#current);
    this.#pair[1] = this.#parts.numberOf(1, this.#current);
    return this.#states.find(this.#pair, 0);
  }

  /** Stores `#current`, which is in `#pair`; the steps that led to it from its parent are in `#chain`. */
  #add(parent: number): number {
    const state = this.#states.insert(this.#pair, 0);
    const { starters } = this.#situations;
    const chain = this.#chain;
    for (let at = 0; at < chain.length; at += 2) this.#trail.push(chain[at]! + starters.length * chain[at + 1]!);
    this.#trailEnds.push(this.#trail.length);
    this.#parents.push(parent);
    const depth = chain.length === 0 ? 0 : this.#depths.data[parent]! + chain.length / 2;
    this.#depths.push(depth);
    if (depth > this.#deepest) this.#deepest = depth;
    if (state >= this.#limits.states) this.stop('states');
    return state;
  }

  /** Looks at `#current`, which has not been stored, for violations and witnesses; true when it ends the search. */
  #inspect(): boolean {
    this.#inspector.inspect(this.#current, this.states);
    return this.finding !== undefined;
  }

  #fail(state: number): void {
    const error = errorIn(this.walker, this.#state);
    if (!error) throw new Error(`a step of state ${state} failed, and does not fail any more`);
    this.#inspector.fail(error, this.#state, state);
  }

  /** A path to what ended the search; not the shortest one, but without symmetry a shortened one. */
  pathOf(fault: Fault): Path {
    const states = this.#statesTo(fault.state);
    return this.#orbits ? this.#orbits.pathTo(states, fault) : shorten(this.tables, states, fault);
  }

  /** The states that the search went through on the way to a stored one, those included that it did not store. */
  #statesTo(state: number): Int32Array[] {
    const way: number[] = [];
    let first = state;
    for (; first >= this.#initials; first = this.#parents.data[first]!) way.unshift(first);
    const { starters } = this.#situations;
    const current = this.#current;
    this.#load(first, current);
    const states = [current.slice()];
    for (const at of way) {
      for (let i = this.#trailEnds.data[at - 1]!; i < this.#trailEnds.data[at]!; i++) {
        const code = this.#trail.data[i]!;
        const starter = starters[code % starters.length]!;
        apply(this.#situations.of(starter, current).effects[Math.floor(code / starters.length)]!, current);
        this.#orbits?.symmetry.canonicalise(current);
        states.push(current.slice());
      }
    }
    return states;
  }
}

function keyOf(fact: Fact): string {
  const what = 'to' in fact ? `to ${fact.to}` : `${fact.later.reads} ${fact.later.writes}`;
  return `${fact.slot} ${fact.value} ${what}`;
}

function apply(effect: Int32Array, state: Int32Array): void {
  for (let at = 0; at < effect.length; at += 2) state[effect[at]!] = effect[at + 1]!;
}

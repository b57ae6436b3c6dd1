/**
 * Exhaustive search over the tables: one loop, parameterised by its frontier, that runs until a property is violated,
 * the space is done or a bound is hit.
 *
 * Invariants: every stored state satisfies all `always` properties and no monitor violation, except the last one of a
 * violated search; `steps` counts every enabled step of every expanded state, self-loops and duplicates included; with a
 * breadth-first frontier, parents are states one level up, so every path is shortest.
 *
 * The search runs in slices (`run`), so that its caller can report progress, stop it and keep an eye on the clock; the
 * loop itself knows no time.
 */
import { ModelError } from '../system/errors.ts';
import type { MessagePattern } from '../system/property.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { failingStep, findStep, type Path, type PathStep } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { breadthFirst, type Frontier } from './frontier.ts';
import { Store, StoreFull } from './store.ts';

export interface SearchLimits {
  /** Stop when more states than this are found. */
  readonly states: number;
  /** Bytes of states, parents and tables. */
  readonly bytes: number;
}

/** What ended the search early. */
export type Finding =
  | { readonly kind: 'violation'; readonly property: string; readonly state: number; readonly deadEnd: boolean }
  /** `inStep`: a step of `state` fails; otherwise a property cannot be evaluated in it. */
  | { readonly kind: 'model-error'; readonly error: ModelError; readonly state: number; readonly inStep: boolean }
  | { readonly kind: 'bound'; readonly bound: 'states' | 'memory' };

/** What is known at the end of a level: the distinct values of each slot so far. */
export interface LevelStats {
  readonly depth: number;
  readonly states: number;
  readonly values: readonly number[];
}

interface Check {
  readonly property: string;
  /** True when the property is violated in the walker's current state. */
  readonly violated: (state: Int32Array) => boolean;
  readonly reads: ReadonlySet<number>;
}

interface Witness {
  readonly property: string;
  readonly predicate: Predicate;
}

export class Search {
  readonly tables: Tables;
  readonly walker: Walker;
  readonly store: Store;
  steps = 0;
  finding: Finding | undefined;
  done = false;
  readonly levels: LevelStats[] = [];

  readonly #limits: SearchLimits;
  readonly #frontier: Frontier;
  readonly #checks: Check[] = [];
  /** Per slot, the checks that read it; kept up to date while predicates discover what they read. */
  #readers: number[][] = [];
  #readsSeen = -1;
  #witnesses: Witness[] = [];
  #awaited: { property: string; pattern: MessagePattern; messages: number[] }[] = [];
  readonly #unwitnessed = new Set<string>();
  /** The state whose properties are being evaluated; -1 while steps are run. */
  #inspecting = -1;
  readonly #stamps: number[];
  #stamp = 0;
  /** The packed form of the state being expanded, and of its current successor. */
  #packedBase = new Int32Array(1);
  #packed = new Int32Array(1);
  /** The level being expanded, and the first state of the one after it. */
  #level = 0;
  #levelEnd = 1;

  constructor(tables: Tables, limits: SearchLimits, frontier: (store: Store) => Frontier = breadthFirst) {
    this.tables = tables;
    this.#limits = limits;
    this.#prepareProperties();
    this.#stamps = this.#checks.map(() => 0);
    this.walker = new Walker(tables);
    this.store = new Store(tables.slotCount, limits.bytes);
    this.#frontier = frontier(this.store);
  }

  /** Properties that nothing has witnessed yet. */
  get unwitnessed(): ReadonlySet<string> {
    return this.#unwitnessed;
  }

  /** Steps on the shortest path to the farthest state found so far. */
  get depth(): number {
    return this.store.count > this.#levelEnd ? this.#level + 1 : this.#level;
  }

  /** States waiting to be expanded. */
  get waiting(): number {
    return this.#frontier.size;
  }

  get bytes(): number {
    return this.store.bytes + this.tables.bytes;
  }

  /** Expands up to `expansions` states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    const { walker } = this;
    try {
      if (this.store.count === 0) this.#begin();
      for (let i = 0; i < expansions && !this.finding && !this.done; i++) {
        const state = this.#frontier.next();
        if (state < 0) {
          this.#endLevel(this.store.count);
          this.done = true;
        } else {
          if (state === this.#levelEnd) this.#endLevel(state);
          this.#expand(state);
        }
      }
    } catch (error) {
      walker.abort();
      if (error instanceof ModelError) this.finding = this.#failure(error);
      else if (error instanceof StoreFull) this.finding = { kind: 'bound', bound: 'memory' };
      else throw error;
    }
    return this.done || this.finding !== undefined;
  }

  #expanding = -1;

  #begin(): void {
    const { walker, store } = this;
    walker.start();
    this.#witnessMessages();
    this.#fit(walker.current);
    store.layout.pack(walker.current, this.#packed);
    store.insert(this.#packed, -1);
    this.#frontier.push(0);
    this.#levelEnd = 1;
    for (let slot = 0; slot < this.tables.slotCount; slot++) walker.touched[slot] = slot;
    this.#inspect(0, this.tables.slotCount);
  }

  #expand(state: number): void {
    const { walker, store } = this;
    this.#expanding = state;
    store.load(state, walker.current);
    walker.begin();
    this.#resetPacked();
    let enabled = 0;
    while (walker.next()) {
      enabled++;
      if (walker.watched.length > 0) this.#witnessMessages();
      const successor = this.#insertCurrent(state);
      if (successor < 0) continue;
      this.#frontier.push(successor);
      if (this.#inspect(successor, walker.touchedCount)) break;
      if (store.count > this.#limits.states) {
        this.finding = { kind: 'bound', bound: 'states' };
        break;
      }
    }
    this.steps += enabled;
    if (enabled === 0) this.#inspectDeadEnd(state);
  }

  /** Stores the walker's current state; its number when it is new, -1 otherwise. */
  #insertCurrent(parent: number): number {
    const { walker, store } = this;
    const { touched, touchedCount, current, previous } = walker;
    const { word, shift, limit } = store.layout;
    const packed = this.#packed;
    let outgrown = false;
    for (let i = 0; i < touchedCount; i++) {
      const slot = touched[i]!;
      const value = current[slot]!;
      if (value > limit[slot]!) outgrown = true;
      // The old and the new value cancel and set exactly the bits that differ.
      packed[word[slot]!]! ^= (value ^ previous[slot]!) << shift[slot]!;
    }
    if (outgrown) {
      this.#fit(current);
      this.#resetPacked();
      store.layout.pack(current, this.#packed);
      const inserted = store.insert(this.#packed, parent);
      this.#packed.set(this.#packedBase);
      return inserted;
    }
    const inserted = store.insert(packed, parent);
    for (let i = 0; i < touchedCount; i++) {
      const at = word[touched[i]!]!;
      packed[at] = this.#packedBase[at]!;
    }
    return inserted;
  }

  /** Widens the layout if a state does not fit. */
  #fit(state: Int32Array): void {
    const { limit } = this.store.layout;
    if (state.every((value, slot) => value <= limit[slot]!)) return;
    this.store.widen(this.tables.valueCounts());
    const { words } = this.store.layout;
    if (this.#packed.length < words) {
      this.#packed = new Int32Array(words);
      this.#packedBase = new Int32Array(words);
    }
  }

  /** Makes the stored form of the state being expanded the base of its successors. */
  #resetPacked(): void {
    const { words } = this.store.layout;
    const base = Math.max(0, this.#expanding) * words;
    for (let word = 0; word < words; word++) {
      this.#packedBase[word] = this.store.states[base + word]!;
      this.#packed[word] = this.#packedBase[word]!;
    }
  }

  /** Checks a new state, of which `touchedCount` slots differ from its parent; true when a property is violated. */
  #inspect(state: number, touchedCount: number): boolean {
    const { walker } = this;
    const stamp = ++this.#stamp;
    let first = this.#checks.length;
    const initial = state === 0;
    this.#inspecting = state;
    for (let i = 0; i < touchedCount; i++) {
      const readers = this.#readers[walker.touched[i]!]!;
      for (let j = 0; j < readers.length; j++) {
        const check = readers[j]!;
        if (this.#stamps[check] === stamp) continue;
        this.#stamps[check] = stamp;
        if (check < first && this.#checks[check]!.violated(walker.current)) first = check;
      }
    }
    if (initial) first = this.#inspectAll(first);
    if (this.#witnesses.length > 0) this.#witnessState();
    this.#refreshReaders();
    this.#inspecting = -1;
    if (first === this.#checks.length) return false;
    this.finding = { kind: 'violation', property: this.#checks[first]!.property, state, deadEnd: false };
    return true;
  }

  /** The initial state has no parent to inherit from, and no predicate has read anything yet. */
  #inspectAll(first: number): number {
    for (let check = first - 1; check >= 0; check--) {
      if (this.#checks[check]!.violated(this.walker.current)) first = check;
    }
    return first;
  }

  #inspectDeadEnd(state: number): void {
    this.#inspecting = state;
    const [property] = deadEndProperties(this.tables, this.walker.current);
    this.#inspecting = -1;
    if (property !== undefined) this.finding = { kind: 'violation', property, state, deadEnd: true };
  }

  #failure(error: ModelError): Finding {
    const inStep = this.#inspecting < 0;
    return { kind: 'model-error', error, state: inStep ? this.#expanding : this.#inspecting, inStep };
  }

  #witnessState(): void {
    const { walker } = this;
    const left = this.#witnesses.filter(({ property, predicate }) => {
      if (!predicate.evaluate(walker.current)) return true;
      this.#unwitnessed.delete(property);
      return false;
    });
    if (left.length < this.#witnesses.length) this.#witnesses = left;
  }

  #witnessMessages(): void {
    const { messageWatch } = this.tables;
    for (const message of this.walker.watched) {
      for (const awaited of this.#awaited) {
        if (!awaited.messages.includes(message)) continue;
        this.#unwitnessed.delete(awaited.property);
        for (const matching of awaited.messages) messageWatch.data[matching]!--;
        this.#awaited = this.#awaited.filter((other) => other !== awaited);
      }
    }
  }

  #prepareProperties(): void {
    const { tables } = this;
    let monitorSlot = tables.actorCount;
    for (const property of tables.system.properties) {
      switch (property.kind) {
        case 'always': {
          const predicate = new Predicate(property.name, tables, property.holds);
          this.#checks.push({
            property: property.name,
            violated: (state) => !predicate.evaluate(state),
            reads: predicate.reads,
          });
          break;
        }
        case 'monitor': {
          const slot = monitorSlot++;
          const { locals } = tables.actors[slot]!;
          const violated = (state: Int32Array) => locals[state[slot]!]!.snapshot.hasTag('violation');
          this.#checks.push({ property: property.name, violated, reads: new Set([slot]) });
          break;
        }
        case 'reachable': {
          const predicate = new Predicate(property.name, tables, property.witness);
          this.#witnesses.push({ property: property.name, predicate });
          this.#unwitnessed.add(property.name);
          break;
        }
        case 'happens':
          this.#awaited.push({ property: property.name, pattern: property.message, messages: [] });
          this.#unwitnessed.add(property.name);
          break;
        default:
          property satisfies never;
      }
    }
    tables.onMessage = (message) => this.#watch(message);
    for (let message = 0; message < tables.messages.length; message++) this.#watch(message);
    this.#refreshReaders();
  }

  /** Marks a new message for the `happens` properties that it would witness. */
  #watch(message: number): void {
    const { to, event } = this.tables.messages[message]!;
    if (to >= this.tables.actorCount) return;
    for (const { property, pattern, messages } of this.#awaited) {
      if (pattern.type !== event.type) continue;
      if (pattern.to !== undefined && pattern.to !== this.tables.actors[to]!.name) continue;
      if (pattern.where && !guardedWhere(property, () => pattern.where!(event))) continue;
      messages.push(message);
      this.tables.messageWatch.data[message]!++;
    }
  }

  #refreshReaders(): void {
    const seen = this.#checks.reduce((sum, check) => sum + check.reads.size, 0);
    if (seen === this.#readsSeen) return;
    this.#readsSeen = seen;
    this.#readers = Array.from({ length: this.tables.slotCount }, (_, slot) =>
      this.#checks.flatMap((check, index) => (check.reads.has(slot) ? [index] : [])),
    );
  }

  #endLevel(end: number): void {
    const { tables } = this;
    this.levels.push({
      depth: this.#level,
      states: this.store.count,
      values: tables.valueCounts(),
    });
    if (end < this.store.count) {
      this.#level++;
      this.#levelEnd = this.store.count;
    }
  }

  /** The path to a stored state; with a failing step at its end when `failing`. */
  pathTo(state: number, failing = false): Path {
    const { store, tables } = this;
    const walker = new Walker(tables);
    const chain: Int32Array[] = [];
    for (let at = state; at >= 0; at = store.parents[at]!) {
      const vector = new Int32Array(tables.slotCount);
      store.load(at, vector);
      chain.unshift(vector);
    }
    const steps: PathStep[] = chain.slice(1).map((target, index) => {
      const step = findStep(walker, chain[index]!, ({ current }) =>
        target.every((value, slot) => current[slot] === value),
      );
      if (!step) throw new Error(`no step leads from state ${index} of the path to the next one`);
      return step;
    });
    const failed = failing ? failingStep(walker, chain.at(-1)!) : undefined;
    return { initial: chain[0]!, steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };
  }
}

function guardedWhere(property: string, run: () => boolean): boolean {
  try {
    return run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ModelError('exception', `property "${property}" threw: ${text}`, 'a predicate must not throw', {
      cause: error,
    });
  }
}

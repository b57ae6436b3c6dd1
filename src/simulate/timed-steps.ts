/**
 * What may happen next, by what starts it: an actor with choices or timers, or a channel. For each *starter* and its value a decision tree
 * over the slots that its steps look at gives the list of the steps that are enabled; XState and the walker are only asked for what
 * has not been seen yet. (`explore/local-steps.ts` does the same for a search.)
 *
 * A list is `[n, 0, n x step]` in the array of the trees; a step is five words:
 *
 * | word | |
 * |---|---|
 * | timed step | what is timed: see `Clocks` |
 * | machine steps | transitions of machines in it, monitors included |
 * | delta | where `[n, n x (slot, value)]` stands: what it changes |
 * | extras | where `[n, n x effect, m, m x operation]` stands: what it arms and sends, and what is measured of it; 0: nothing |
 * | things | 0: each actor has steps of its own |
 */

import { DecisionTrees } from '../tabulate/decision-trees.ts';
import type { Ints } from '../tabulate/ints.ts';
import { lastAttempt } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { type StepRecord, Walker } from '../tabulate/walker.ts';
import { Clocks } from './clocks.ts';
import { compacted } from './compaction.ts';
import type { Costs } from './costs.ts';
import { digestOf } from './follow.ts';
import { type GaugedThings, slotsOf } from './gauged.ts';
import { type Watch, watchesOf } from './judge.ts';
import type { Measures } from './measures.ts';
import { Readers } from './readers.ts';
import { restlessIn } from './run.ts';
import type { Starters } from './starters.ts';
import { type Arm, StepCosts } from './step-costs.ts';
import { ARM, DELTA, EFFECT_WORDS, EXTRAS, LEAVE, OPERATION_WORDS, SEND } from './step-words.ts';
import { Changes, type Steps } from './steps.ts';
import type { Delay, LinkedChannel, Transit } from './transits.ts';

/** Words of the array from which on it is worth while to write it anew. */
const LOOSE_FROM = 2 ** 18;

/** The initial state, and what starting it arms and sends, as effects. */
interface Start {
  readonly state: Int32Array;
  readonly effects: Int32Array;
}

export class TimedSteps implements Steps {
  readonly canBeWalked = true;
  readonly bytes = 0;
  readonly tables: Tables;
  readonly clocks = new Clocks();
  readonly changes = new Changes();
  readonly starterCount: number;
  readonly judgedCount: number;
  readonly gauged: GaugedThings;
  readonly channels: readonly LinkedChannel[];
  readonly drawers: readonly (readonly [number, number])[];
  readonly #trees = new DecisionTrees();
  readonly #readers: Readers;
  readonly #measures: Measures;
  readonly #stepCosts: StepCosts;
  readonly #walker: Walker;
  /** By starter: the cell of its tree, which looks at its own value first. */
  readonly #cells: Int32Array;
  /** Where the delta of a step that changes nothing stands. */
  readonly #nothing: number;
  #state = new Int32Array(0);
  #looseFrom = LOOSE_FROM;
  /** By way. */
  readonly #starts = new Map<number, Start>();

  constructor(tables: Tables, costs: Costs, measures: Measures) {
    const { slotCount, channels, actors, actorCount, system } = tables;
    this.tables = tables;
    this.starterCount = slotCount;
    this.judgedCount = slotCount;
    this.gauged = slotsOf(tables);
    this.channels = channels.map(({ name, slot, channel }) => ({ name, slot, isFifo: channel.order === 'fifo' }));
    this.drawers = actors
      .slice(0, actorCount)
      .flatMap(({ name, slot }) =>
        costs.drawsOf(name, system.actors[name]!.choices).map((draw) => [slot, draw] as const),
      );
    this.#measures = measures;
    this.#walker = new Walker(tables);
    this.#stepCosts = new StepCosts(tables, costs, this.#walker);
    this.#readers = new Readers(slotCount);
    this.#cells = Int32Array.from({ length: slotCount }, () => this.#trees.cell());
    this.#nothing = this.#trees.pool.push(0);
  }

  get pool(): Ints {
    return this.#trees.pool;
  }

  get delays(): readonly Delay[] {
    return this.#stepCosts.delays;
  }

  get transits(): readonly Transit[] {
    return this.#stepCosts.transits;
  }

  start(way: number): Int32Array {
    const known = this.#starts.get(way) ?? this.#start(way);
    this.#starts.set(way, known);
    this.#state = known.state.slice();
    return known.effects;
  }

  #start(way: number): Start {
    const { state, arms, records } = this.#stepCosts.start(way);
    return { state, effects: Int32Array.from([...arms.flatMap(armed), ...this.#effectsOf(records)]) };
  }

  startsAtOnce(slot: number): boolean {
    const { actors, actorCount } = this.tables;
    return slot >= actors.length || (slot < actorCount && actors[slot]!.choices.length > 0);
  }

  columnOf(slot: number): number {
    return slot;
  }

  valueOf(slot: number): number {
    return this.#state[slot]!;
  }

  numberOf(starter: number): number {
    return starter;
  }

  listOf(starter: number): number {
    const list = this.#trees.leafBySlots(this.#cells[starter]!, this.#state);
    return list >= 0 ? list : this.#grow(starter);
  }

  /** All that were ever looked at are watched. */
  watch(): void {}

  begin(starter: number, step: number): number {
    return this.clocks.begin(starter, this.pool.data[step]!, 0, step);
  }

  instanceOf(): number {
    return 0;
  }

  alert(slot: number, _column: number, starters: Starters): void {
    this.#readers.alert(slot, starters);
  }

  carryOut(_starter: number, _list: number, step: number): void {
    const { data } = this.pool;
    const { changes } = this;
    const state = this.#state;
    const delta = data[step + DELTA]!;
    const count = data[delta]!;
    changes.reserve(count);
    changes.count = count;
    for (let at = 0, word = delta + 1; at < count; at++, word += 2) {
      const slot = data[word]!;
      const value = data[word + 1]!;
      changes.slots[at] = slot;
      changes.columns[at] = slot;
      changes.before[at] = state[slot]!;
      changes.after[at] = value;
      state[slot] = value;
    }
    const extras = data[step + EXTRAS]!;
    changes.effects = data;
    changes.operations = data;
    changes.effectCount = 0;
    changes.operationCount = 0;
    if (extras === 0) return;
    const effects = data[extras]!;
    const operations = extras + 1 + effects * EFFECT_WORDS;
    changes.effectCount = effects;
    changes.effectsAt = extras + 1;
    changes.operationCount = data[operations]!;
    changes.operationsAt = operations + 1;
  }

  /** The array of the trees has grown so much that its parts lie far from each other. */
  get isLoose(): boolean {
    return this.pool.length > this.#looseFrom;
  }

  compact(): void {
    const { pool } = this;
    const { data, length } = compacted(pool, this.#cells, this.#nothing);
    pool.data = data;
    pool.length = length;
    this.#looseFrom = 2 * length;
  }

  valueAtStart(column: number): number {
    return this.#state[column]!;
  }

  digest(): number {
    return digestOf(this.tables, this.#state);
  }

  watches(): Watch[] {
    return watchesOf(this.tables, () => this.#state);
  }

  restless(): string | undefined {
    return restlessIn(this.tables, this.#state);
  }

  #grow(starter: number): number {
    const walker = this.#walker;
    const state = this.#state;
    const steps: number[][] = [];
    walker.reads = [];
    walker.sights = [];
    try {
      walker.begin([starter]);
      walker.current.set(state);
      for (;;) {
        walker.record = [];
        if (!walker.next()) break;
        steps.push(this.#step(starter, lastAttempt(walker.record)));
      }
      const reads = [...new Set([starter, ...walker.reads])];
      for (const slot of reads) if (slot !== starter) this.#readers.add(slot, starter);
      const { pool } = this;
      const list = pool.push(steps.length);
      pool.push(0);
      for (const word of steps.flat()) pool.push(word);
      const values = reads.map((slot) => state[slot]!);
      if (!this.#trees.grow(this.#cells[starter]!, reads, values, list)) {
        throw new Error('a step looked at other slots than before in the same situation');
      }
      return list;
    } catch (error) {
      walker.abort();
      throw error;
    } finally {
      walker.reads = undefined;
      walker.sights = undefined;
      walker.record = undefined;
    }
  }

  /** The words of the step that the walker has just run. */
  #step(starter: number, records: readonly StepRecord[]): number[] {
    const taken = records.filter(({ kind }) => kind === 'taken').length;
    const operations = this.#measures.operationsOf(records);
    const left = this.#stepCosts.left();
    const effects = [...(left ? [LEAVE, left.slot, left.message, 0] : []), ...this.#effectsOf(records)];
    const { pool } = this;
    const timed = this.clocks.timedOf({ starter, ...this.#stepCosts.timed(this.#state) });
    const delta = this.#delta();
    let extras = 0;
    if (effects.length + operations.length > 0) {
      extras = pool.push(effects.length / EFFECT_WORDS);
      for (const word of effects) pool.push(word);
      pool.push(operations.length / OPERATION_WORDS);
      for (const word of operations) pool.push(word);
    }
    return [timed, taken + this.#walker.sights!.length, delta, extras, 0];
  }

  #delta(): number {
    const { current, previous, touched, touchedCount } = this.#walker;
    const slots = [...touched.subarray(0, touchedCount)].filter((slot) => current[slot] !== previous[slot]);
    if (slots.length === 0) return this.#nothing;
    slots.sort((a, b) => a - b);
    const { pool } = this;
    const delta = pool.push(slots.length);
    for (const slot of slots) {
      pool.push(slot);
      pool.push(current[slot]!);
    }
    return delta;
  }

  #effectsOf(records: readonly StepRecord[]): number[] {
    return records.flatMap((record) => {
      const { kind, message, slot } = record;
      if (kind === 'taken') return this.#stepCosts.armsOf(record).flatMap(armed);
      if (kind !== 'queued') return [];
      const transit = this.#stepCosts.transitOf(record);
      return transit === undefined ? [] : [SEND, slot, transit, message];
    });
  }
}

function armed({ message, delay, slot }: Arm): number[] {
  return [ARM, message, delay, slot];
}

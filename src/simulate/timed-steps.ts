/**
 * What may happen next, by what starts it: an actor with choices or timers, or a channel. For each *starter* and its value a decision tree
 * over the slots that its steps look at gives the list of the steps that are enabled; XState and the walker are only asked for what
 * has not been seen yet. (`explore/local-steps.ts` does the same for a search.)
 *
 * A list is `[n, n x step]` in the array of the trees; a step is four words:
 *
 * | word | |
 * |---|---|
 * | clock | what is timed: see `Clocks` |
 * | machine steps | transitions of machines in it, monitors included |
 * | delta | where `[n, n x (slot, value)]` stands: what it changes |
 * | extras | where `[n, n x effect, m, m x operation]` stands: what it arms and sends, and what is measured of it; 0: nothing |
 */

import type { Distribution } from '../system/durations.ts';
import { bad } from '../system/shapes.ts';
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import { lastAttempt } from '../tabulate/path.ts';
import { DELIVER, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, type StepRecord, Walker } from '../tabulate/walker.ts';
import { Clocks, IS_TIMER, IS_WEIGHTED } from './clocks.ts';
import { compacted } from './compaction.ts';
import { type Costs, NEVER, NONE } from './costs.ts';
import type { Measures } from './measures.ts';
import { Readers } from './readers.ts';
import { ARM, EFFECT_WORDS, LEAVE, OPERATION_WORDS, SEND } from './step-words.ts';

/** Words of the array from which on it is worth while to write it anew. */
const LOOSE_FROM = 2 ** 18;

export interface Transit {
  /** As the channel holds it. */
  readonly message: number;
  readonly channel: string;
  readonly latency: Distribution;
  readonly stream: number;
  /** For how long it holds up those behind it. */
  readonly occupies: number;
}

/** The initial state, and what starting it arms and sends, as effects. */
interface Start {
  readonly state: Int32Array;
  readonly effects: readonly number[];
}

export class TimedSteps {
  readonly tables: Tables;
  readonly clocks = new Clocks();
  readonly trees = new DecisionTrees();
  readonly delays: (readonly [Distribution, number])[] = [];
  readonly transits: Transit[] = [];
  readonly readers: Readers;
  readonly #costs: Costs;
  readonly #measures: Measures;
  readonly #walker: Walker;
  /** By starter: the cell of its tree, which looks at its own value first. */
  readonly #cells: Int32Array;
  /** Where the delta of a step that changes nothing stands. */
  readonly #nothing: number;
  #looseFrom = LOOSE_FROM;
  /** By way. */
  readonly #starts = new Map<number, Start>();

  constructor(tables: Tables, costs: Costs, measures: Measures) {
    this.tables = tables;
    this.#costs = costs;
    this.#measures = measures;
    this.#walker = new Walker(tables);
    this.readers = new Readers(tables.slotCount);
    this.#cells = Int32Array.from({ length: tables.slotCount }, () => this.trees.cell());
    this.#nothing = this.trees.pool.push(0);
  }

  start(way: number): Start {
    const known = this.#starts.get(way) ?? this.#start(way);
    this.#starts.set(way, known);
    return known;
  }

  #start(way: number): Start {
    const walker = this.#walker;
    walker.begin();
    walker.record = [];
    walker.start(way);
    const records = walker.record;
    walker.record = undefined;
    const armed = this.tables.actors
      .slice(0, this.tables.actorCount)
      .flatMap(({ slot }) => this.#arms(slot, this.tables.initial(slot, way)));
    return { state: walker.current.slice(), effects: [...armed, ...this.#effectsOf(records)] };
  }

  /** Where the list of the enabled steps of a starter stands in a state. @throws ModelError when one of them fails */
  listOf(starter: number, state: Int32Array): number {
    const list = this.trees.leafBySlots(this.#cells[starter]!, state);
    return list >= 0 ? list : this.#grow(starter, state);
  }

  /** The array of the trees has grown so much that its parts lie far from each other. */
  get isLoose(): boolean {
    return this.trees.pool.length > this.#looseFrom;
  }

  /** Writes it anew: all lists have other places then. */
  compact(): void {
    const { pool } = this.trees;
    const { data, length } = compacted(pool, this.#cells, this.#nothing);
    pool.data = data;
    pool.length = length;
    this.#looseFrom = 2 * length;
  }

  #grow(starter: number, state: Int32Array): number {
    const walker = this.#walker;
    const steps: number[][] = [];
    walker.reads = [];
    walker.sights = [];
    try {
      walker.begin([starter]);
      walker.current.set(state);
      for (;;) {
        walker.record = [];
        if (!walker.next()) break;
        steps.push(this.#step(starter, state, lastAttempt(walker.record)));
      }
      const reads = [...new Set([starter, ...walker.reads])];
      for (const slot of reads) if (slot !== starter) this.readers.add(slot, starter);
      const { pool } = this.trees;
      const list = pool.push(steps.length);
      for (const word of steps.flat()) pool.push(word);
      const values = reads.map((slot) => state[slot]!);
      if (!this.trees.grow(this.#cells[starter]!, reads, values, list)) {
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
  #step(starter: number, state: Int32Array, records: readonly StepRecord[]): number[] {
    const walker = this.#walker;
    const taken = records.filter(({ kind }) => kind === 'taken').length;
    const operations = this.#measures.operationsOf(records);
    const effects = [...this.#leaves(), ...this.#effectsOf(records)];
    const { pool } = this.trees;
    const clock = this.#clock(starter, state);
    const delta = this.#delta();
    let extras = 0;
    if (effects.length + operations.length > 0) {
      extras = pool.push(effects.length / EFFECT_WORDS);
      for (const word of effects) pool.push(word);
      pool.push(operations.length / OPERATION_WORDS);
      for (const word of operations) pool.push(word);
    }
    return [clock, taken + walker.sights!.length, delta, extras];
  }

  #clock(starter: number, state: Int32Array): number {
    const { tables } = this;
    const { kind, message, channelSlot, place } = this.#walker;
    const { to, event, timer } = tables.messages[message]!;
    if (kind === LOSE) {
      return this.clocks.of({
        starter,
        kind,
        message,
        place,
        cost: NEVER,
        performer: -1,
        held: message,
        trait: 0,
      });
    }
    const channel = tables.channelAt(channelSlot);
    const { name, locals } = tables.actors[to]!;
    const isChoice = kind === START && timer === undefined;
    const cost = this.#costs.costOf(name, event, locals[state[to]!]!, isChoice);
    return this.clocks.of({
      starter,
      kind,
      message,
      place: 0,
      // That a message stays is no event of its own, but what becomes of a delivery.
      cost: kind === START || kind === DELIVER ? cost : NEVER,
      performer: to,
      held: channel ? tables.heldAs(channel, message) : -1,
      trait: timer ? IS_TIMER : isChoice && this.#costs.costs[cost]!.weight !== NONE ? IS_WEIGHTED : 0,
    });
  }

  #delta(): number {
    const { current, previous, touched, touchedCount } = this.#walker;
    const slots = [...touched.subarray(0, touchedCount)].filter((slot) => current[slot] !== previous[slot]);
    if (slots.length === 0) return this.#nothing;
    slots.sort((a, b) => a - b);
    const { pool } = this.trees;
    const delta = pool.push(slots.length);
    for (const slot of slots) {
      pool.push(slot);
      pool.push(current[slot]!);
    }
    return delta;
  }

  /** The message that leaves a channel by the walker's step, where the channel is timed. */
  #leaves(): number[] {
    const { kind, message, channelSlot } = this.#walker;
    const channel = this.tables.channelAt(channelSlot);
    if (!channel || !this.#costs.links.has(channel.name) || (kind !== DELIVER && kind !== LOSE)) return [];
    return [LEAVE, channelSlot, this.tables.heldAs(channel, message)];
  }

  #effectsOf(records: readonly StepRecord[]): number[] {
    const { tables } = this;
    return records.flatMap(({ kind, message, slot, before, after }) => {
      if (kind === 'taken') {
        const { stepper, locals } = tables.actors[slot]!;
        if (locals[after]!.timers.length === 0) return [];
        const { event, timer } = tables.messages[message]!;
        // The tables do not keep which timers a step arms: asked once for each step, that costs nothing.
        const reaction = timer ? stepper.fire(locals[before]!, timer) : stepper.react(locals[before]!, event);
        return this.#arms(slot, reaction!);
      }
      if (kind !== 'queued') return [];
      const { name } = tables.channelAt(slot)!;
      const link = this.#costs.links.get(name);
      if (!link) return [];
      const transit = this.#costs.transitOf(name, tables.messages[message]!.event);
      const at = this.transits.push({ ...transit, message, channel: name, stream: link.latencyStream }) - 1;
      return [SEND, slot, at];
    });
  }

  #arms(slot: number, { next, armed }: ReturnType<Tables['initial']>): number[] {
    const { name } = this.tables.actors[slot]!;
    return armed.flatMap(({ delay, ...timer }) => {
      if (!Number.isFinite(delay)) {
        throw bad(`actor "${name}" arms the timer ${timer.id} for ${delay} ms, expected a time`, 'give it a delay');
      }
      const at = this.delays.push(this.#costs.delayOf(name, timer.event, next, delay)) - 1;
      return [ARM, this.tables.messageOf(slot, timer.event, timer), at];
    });
  }
}

/**
 * Where the loop of a simulation has its steps from: what each starter may do next, and what comes of it. There are two sources:
 * `TimedSteps`, in which each actor has steps of its own, and `LiftedSteps`, in which alike actors share theirs.
 *
 * Starters and whatever else has a state have a *slot*. Those who may start steps come first, in the order of steps.
 */
import type { Ints } from '../tabulate/ints.ts';
import type { Clocks } from './clocks.ts';
import type { GaugedThings } from './gauged.ts';
import type { Watch } from './judge.ts';
import type { Starters } from './starters.ts';
import type { Delay, LinkedChannel, Transit } from './transits.ts';

/** What a step does to the state: one entry for each slot that it sets. */
export class Changes {
  count = 0;
  slots = new Int32Array(64);
  /** As gauges know the slot, and what it was and is. */
  columns = new Int32Array(64);
  before = new Int32Array(64);
  after = new Int32Array(64);
  /** Where the effects stand, and how many; and so the operations of the measures. */
  effects: Int32Array = new Int32Array(0);
  effectsAt = 0;
  effectCount = 0;
  operations: Int32Array | Float64Array = new Int32Array(0);
  operationsAt = 0;
  operationCount = 0;

  /** Makes room for so many slots. */
  reserve(count: number): void {
    if (count <= this.slots.length) return;
    const length = Math.max(count, 2 * this.slots.length);
    this.slots = new Int32Array(length);
    this.columns = new Int32Array(length);
    this.before = new Int32Array(length);
    this.after = new Int32Array(length);
  }
}

export interface Steps {
  /** What may run. */
  readonly clocks: Clocks;
  /** The array in which the lists stand. */
  readonly pool: Ints;
  readonly changes: Changes;
  readonly delays: readonly Delay[];
  readonly transits: readonly Transit[];
  /** So many of the first slots may start steps; and so many may be looked at by the judge. */
  readonly starterCount: number;
  readonly judgedCount: number;
  readonly gauged: GaugedThings;
  /** Whether a walker can take the steps of a run once more, by their places in the lists. */
  readonly canBeWalked: boolean;
  /** Of the state, where it grows with the number of things; else 0. */
  readonly bytes: number;
  /** The channels, of which some take time. */
  readonly channels: readonly LinkedChannel[];

  /** Puts the initial state in the place of what there is. @returns what starting arms and sends, as effects */
  start(way: number): Int32Array;
  /** Who draws what: pairs of a starter and one of the draws of the timing. */
  readonly drawers: readonly (readonly [number, number])[];
  /** Whether a starter may start steps before one of its timers is armed. */
  startsAtOnce(starter: number): boolean;
  /** Of an actor: where gauges have it, and what number its local state has there. */
  columnOf(slot: number): number;
  valueOf(slot: number): number;
  /** Its slot in a system that has all actors one by one. */
  numberOf(starter: number): number;
  /** Where the list of the enabled steps of a starter stands, as things are. @throws ModelError when one of them fails */
  listOf(starter: number): number;
  /** The starter whose list was asked for last looks at what was looked at for that, and at nothing else. */
  watch(starter: number): void;
  /** A clock for a step of the list that was asked for last. */
  begin(starter: number, step: number): number;
  /** Which instance of what is timed a step of that list is; 0 where there is but one. */
  instanceOf(things: number): number;
  /** Has those look again who look at a slot. @param column that it has */
  alert(slot: number, column: number, starters: Starters): void;
  /** Carries out a step of a starter's list: writes the state, and says in `changes` what else there is to do. */
  carryOut(starter: number, list: number, step: number): void;
  /** The array has grown so much that its parts lie far from each other; `compact` gives all lists other places. */
  readonly isLoose: boolean;
  compact(): void;
  /** What a gauged column is at the start. */
  valueAtStart(column: number): number;
  /** Of the state, as `follow` gives it. */
  digest(): number;
  /** What is watched for violations. */
  watches(): Watch[];
  /** Who is not at rest, in words; undefined when all are. */
  restless(): string | undefined;
}

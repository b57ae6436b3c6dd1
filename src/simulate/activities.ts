/**
 * What is pending: for each enabled step a clock that runs, or waits for something. After the state has changed, `lookAround` drops the
 * activities of steps that are not enabled any more and begins those of new ones.
 */
import { mix } from '../tabulate/digest.ts';
import type { Tables } from '../tabulate/tables.ts';
import {
  CLOCK_BITS,
  COST,
  ENTRY,
  HELD,
  IDLE,
  IS_TIMER,
  IS_WEIGHTED,
  MESSAGE,
  NEXT,
  PERFORMER,
  PHASE,
  PREVIOUS,
  QUEUED,
  RUNNING,
  SEEN,
  STARTER,
  STARTING,
  TRAIT,
  WAITING,
} from './clocks.ts';
import { type Costs, NEVER, NONE } from './costs.ts';
import { EventHeap } from './event-heap.ts';
import { Lines } from './lines.ts';
import { Pools } from './pools.ts';
import { Streams } from './random.ts';
import { CAN_START, DRAWN_AMONG, FIRST, FORCED, LIST, STARTER_BITS, Starters, TO_LOOK } from './starters.ts';
import type { StepTimes } from './step-times.ts';
import { CLOCK, STEP_WORDS } from './step-words.ts';
import type { TimedSteps } from './timed-steps.ts';

export class Activities {
  now = 0;
  /** When set, hears when activities are enabled, begin and end. */
  times: StepTimes | undefined;
  streams = new Streams(0);
  readonly heap = new EventHeap();
  readonly pools: Pools;
  readonly lines: Lines;
  readonly #tables: Tables;
  readonly #costs: Costs;
  readonly #steps: TimedSteps;
  #state: Int32Array = new Int32Array(0);
  /** Enablings and looks so far. */
  #order = 0;
  #looks = 0;
  readonly #starters: Starters;
  /** By actor: until when it is busy with what has happened at its start. */
  readonly #busyUntil: Float64Array;
  /** By message: when a timer is due. */
  #due = new Float64Array(64);
  /** By clock, where it may wait for a resource: when it was enabled. */
  #orders = new Float64Array(64);
  /** A unit that its actor may go on with: the resource and the actor. */
  #kept = NONE;
  #keptBy = NONE;

  constructor(tables: Tables, costs: Costs, steps: TimedSteps) {
    this.#tables = tables;
    this.#costs = costs;
    this.#steps = steps;
    this.pools = new Pools(costs.resources, steps.clocks);
    this.lines = new Lines(tables, costs.links);
    this.#starters = new Starters(tables.slotCount);
    this.#busyUntil = new Float64Array(tables.slotCount);
  }

  /** Nothing is pending yet. @param state the one that is looked at from now on, as it changes */
  start(state: Int32Array, seed: number): void {
    this.streams = new Streams(seed);
    this.heap.clear();
    this.#steps.clocks.reset();
    this.lines.start();
    this.pools.start();
    this.#state = state;
    [this.now, this.#order, this.#looks, this.#kept] = [0, 0, 0, NONE];
    this.#busyUntil.fill(0);
    this.#starters.start(this.#tables);
  }

  /** How many steps of the starters before one are enabled. */
  enabledBefore(starter: number): number {
    const { data } = this.#steps.trees.pool;
    let before = 0;
    for (let slot = 0; slot < starter; slot++) {
      const list = this.listOf(slot);
      if (list !== NONE) before += data[list]!;
    }
    return before;
  }

  /** Where the list of the enabled steps of a starter stands; -1 when it has never had any. */
  listOf(starter: number): number {
    return this.#starters.words[(starter << STARTER_BITS) + LIST]!;
  }

  // --- what a step brings about ---

  /** A slot has another value: all whose steps look at it are to be looked at. */
  changed(slot: number): void {
    const { pool, at } = this.#steps.readers;
    const { data } = pool;
    const list = at[slot]!;
    if (this.#starters.canStart(slot)) this.#starters.lookAt(slot);
    for (let left = data[list]!, word = list + 2; left > 0; left--, word++) this.#starters.lookAt(data[word]!);
  }

  /** Takes an activity whose step happens from those of its starter, which is to be looked at: the step may be enabled again. */
  taken(clock: number): void {
    const starter = this.#steps.clocks.words[clock + STARTER]!;
    this.#unlink(clock);
    this.#starters.lookAt(starter, TO_LOOK | FORCED);
  }

  /** The step of a clock has happened at its start: what else is due to it. */
  goOn(clock: number): void {
    const { clocks } = this.#steps;
    const cost = this.#costs.costs[clocks.words[clock + COST]!]!;
    const until = this.now + this.streams.draw(cost.takes, cost.stream);
    this.#busyUntil[clocks.words[clock + PERFORMER]!] = until;
    this.times?.ends(until);
    if (cost.resource !== NONE) this.heap.add(clocks.tailOf(clock), until, ++this.#order);
  }

  /** The unit that a step has held until its end: given back, or kept for what its actor does next. */
  release(resource: number, performer: number): void {
    if (this.#costs.resources[resource]!.keeps) {
      this.#kept = resource;
      this.#keptBy = performer;
    } else this.giveBack(resource);
  }

  giveBack(resource: number): void {
    const next = this.pools.giveBack(resource, this.now);
    if (next !== NONE) this.#wake(next);
  }

  /** A timer starts anew, also one that is armed already. */
  arm(message: number, delay: number): void {
    const [distribution, stream] = this.#steps.delays[delay]!;
    if (message >= this.#due.length) this.#due = grown(this.#due, message + 1);
    this.#due[message] = this.now + this.streams.draw(distribution, stream);
    const slot = this.#tables.messageTo.data[message]!;
    this.#starters.lookAt(slot, TO_LOOK | FORCED | CAN_START);
    const { words } = this.#steps.clocks;
    for (
      let clock = this.#starters.words[(slot << STARTER_BITS) + FIRST]!;
      clock !== NONE;
      clock = words[clock + NEXT]!
    ) {
      if (words[clock + MESSAGE] !== message) continue;
      this.#drop(clock);
      return;
    }
  }

  // --- what is enabled ---

  /** After a step: looks at all starters that it may mean something to. */
  lookAround(): void {
    const { starters, count } = this.#starters.toLook();
    for (let at = 0; at < count; at++) {
      const starter = starters[at]!;
      this.#look(starter, this.#starters.take(starter));
    }
    this.#starters.done();
    if (this.#kept !== NONE) {
      const resource = this.#kept;
      this.#kept = NONE;
      this.giveBack(resource);
    }
    if (this.#steps.isLoose) this.#tidy();
  }

  /** The lists of steps are moved together; the activities stay what they are. */
  #tidy(): void {
    this.#steps.compact();
    const { data } = this.#steps.trees.pool;
    const { words } = this.#steps.clocks;
    for (let at = 0; at < this.#starters.words.length; at += 2 ** STARTER_BITS) {
      if (this.#starters.words[at + LIST] === NONE) continue;
      const list = this.#steps.listOf(at >> STARTER_BITS, this.#state);
      this.#starters.words[at + LIST] = list;
      for (let left = data[list]!, step = list + 1; left > 0; left--, step += STEP_WORDS) {
        words[data[step + CLOCK]! + ENTRY] = step;
      }
    }
  }

  /** Which steps of a starter are enabled now: others are dropped, and what is new gets its time. */
  #look(starter: number, isForced: boolean): void {
    const at = starter << STARTER_BITS;
    const list = this.#steps.listOf(starter, this.#state);
    if (list === this.#starters.words[at + LIST] && !isForced) return;
    this.#starters.words[at + LIST] = list;
    const { data } = this.#steps.trees.pool;
    const { words } = this.#steps.clocks;
    const count = data[list]!;
    const first = this.#starters.words[at + FIRST]!;
    if (count === 1) {
      // By far most often there is one step, as before, or one that was not there before.
      const clock = data[list + 1 + CLOCK]!;
      words[clock + ENTRY] = list + 1;
      if (words[clock + TRAIT] !== IS_WEIGHTED) {
        if (first === NONE) {
          if (words[clock + COST] !== NEVER) this.#enable(clock);
          return;
        }
        if (first === clock && words[clock + NEXT] === NONE) return;
      }
    }
    this.#compare(starter, list + 1, list + 1 + count * STEP_WORDS);
  }

  #compare(starter: number, from: number, end: number): void {
    const { data } = this.#steps.trees.pool;
    const { words } = this.#steps.clocks;
    // A number of 32 bits that comes round again after as many looks has been seen nowhere for long.
    this.#looks = (this.#looks + 1) | 0;
    const look = this.#looks;
    let hasWeights = false;
    for (let at = from; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      words[clock + SEEN] = look;
      words[clock + ENTRY] = at;
    }
    for (let clock = this.#starters.words[(starter << STARTER_BITS) + FIRST]!; clock !== NONE; ) {
      const next = words[clock + NEXT]!;
      if (words[clock + SEEN] !== look) this.#drop(clock);
      clock = next;
    }
    for (let at = from; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      if (words[clock + COST] === NEVER) continue;
      if (words[clock + TRAIT] === IS_WEIGHTED) hasWeights = true;
      else if (words[clock + PHASE] === IDLE) this.#enable(clock);
    }
    if (hasWeights) this.#choose(starter, from, end);
  }

  /** Of the steps that have weights one is drawn, and kept as long as it is among the same ones. */
  #choose(starter: number, from: number, end: number): void {
    const { data } = this.#steps.trees.pool;
    const { words } = this.#steps.clocks;
    const weightOf = (clock: number) =>
      words[clock + TRAIT] === IS_WEIGHTED ? this.#costs.costs[words[clock + COST]!]!.weight : 0;
    let [total, among, chosen] = [0, 1, NONE];
    for (let at = from; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      if (words[clock + TRAIT] !== IS_WEIGHTED) continue;
      total += weightOf(clock);
      among = mix(among, clock);
      if (words[clock + PHASE] !== IDLE) chosen = clock;
    }
    const drawnAmong = (starter << STARTER_BITS) + DRAWN_AMONG;
    if (chosen !== NONE) {
      if (this.#starters.words[drawnAmong] === among) return;
      this.#drop(chosen);
    }
    this.#starters.words[drawnAmong] = among;
    if (total === 0) return;
    let left = this.streams.uniform(this.#costs.choiceStream) * total;
    for (let at = from; at < end && left >= 0; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      const weight = weightOf(clock);
      if (weight > 0) chosen = clock;
      left -= weight;
    }
    this.#enable(chosen);
  }

  // --- the life of an activity ---

  /** A step has become possible: it gets its time, or its place in a queue. */
  #enable(clock: number): void {
    const { words } = this.#steps.clocks;
    const starter = words[clock + STARTER]!;
    const at = (starter << STARTER_BITS) + FIRST;
    const first = this.#starters.words[at]!;
    words[clock + PREVIOUS] = NONE;
    words[clock + NEXT] = first;
    if (first !== NONE) words[first + PREVIOUS] = clock;
    this.#starters.words[at] = clock;
    let ready = this.#busyUntil[words[clock + PERFORMER]!]!;
    if (ready < this.now) ready = this.now;
    if (words[clock + TRAIT] === IS_TIMER) ready = Math.max(ready, this.#due[words[clock + MESSAGE]!]!);
    else if (words[clock + HELD]! >= 0) ready = Math.max(ready, this.lines.readyAt(starter, words[clock + HELD]!));
    const { resource } = this.#costs.costs[words[clock + COST]!]!;
    const order = ++this.#order;
    this.times?.enabled(clock, this.now);
    if (resource === NONE) {
      this.#run(clock, ready, order);
      return;
    }
    const place = clock >> CLOCK_BITS;
    if (place >= this.#orders.length) this.#orders = grown(this.#orders, place + 1);
    this.#orders[place] = order;
    if (ready > this.now) {
      words[clock + PHASE] = WAITING;
      this.heap.add(clock, ready, order);
    } else this.request(clock);
  }

  /** Asks for a unit, at once. */
  request(clock: number): void {
    const { words } = this.#steps.clocks;
    const { resource } = this.#costs.costs[words[clock + COST]!]!;
    if (resource === this.#kept && words[clock + PERFORMER] === this.#keptBy) {
      this.#kept = NONE;
      this.#run(clock, this.now, this.#orders[clock >> CLOCK_BITS]!);
    } else if (this.pools.take(resource, this.now)) this.#wake(clock);
    else {
      words[clock + PHASE] = QUEUED;
      this.pools.enqueue(resource, clock, this.now);
    }
  }

  /** It has got a unit. */
  #wake(clock: number): void {
    const { resource } = this.#costs.costs[this.#steps.clocks.words[clock + COST]!]!;
    const { wakeUp, stream } = this.#costs.resources[resource]!;
    this.#run(clock, this.now + this.streams.draw(wakeUp, stream), this.#orders[clock >> CLOCK_BITS]!);
  }

  /** It works from some time on. */
  #run(clock: number, from: number, order: number): void {
    const { words } = this.#steps.clocks;
    const { takes, stream, atStart } = this.#costs.costs[words[clock + COST]!]!;
    words[clock + PHASE] = atStart ? STARTING : RUNNING;
    this.times?.begins(clock, from);
    this.heap.add(clock, atStart ? from : from + this.streams.draw(takes, stream), order);
  }

  /** A step is not possible any more: what was drawn for it is forgotten, and its unit is free. */
  #drop(clock: number): void {
    const { words } = this.#steps.clocks;
    const phase = words[clock + PHASE]!;
    const { resource } = this.#costs.costs[words[clock + COST]!]!;
    this.#unlink(clock);
    if (phase === QUEUED) {
      this.pools.leave(resource, clock, this.now);
      return;
    }
    this.heap.remove(clock);
    if (resource !== NONE && phase !== WAITING) this.giveBack(resource);
  }

  #unlink(clock: number): void {
    const { words } = this.#steps.clocks;
    const previous = words[clock + PREVIOUS]!;
    const next = words[clock + NEXT]!;
    if (previous === NONE) this.#starters.words[(words[clock + STARTER]! << STARTER_BITS) + FIRST] = next;
    else words[previous + NEXT] = next;
    if (next !== NONE) words[next + PREVIOUS] = previous;
    words[clock + PHASE] = IDLE;
  }
}

function grown(numbers: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(length, 2 * numbers.length));
  larger.set(numbers);
  return larger;
}

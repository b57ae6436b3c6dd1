/**
 * What is pending: for each enabled step a clock that runs, or waits for something. After the state has changed, `lookAround` drops the
 * activities of steps that are not enabled any more and begins those of new ones.
 */
import { mix } from '../tabulate/digest.ts';
import {
  CLOCK_BITS,
  COST,
  DRAW,
  ENTRY,
  HELD,
  INSTANCE,
  IS_DRAWN,
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
  THING,
  TIMED,
  TRAIT,
  WAITING,
} from './clocks.ts';
import { type Costs, NEVER, NONE } from './costs.ts';
import type { Draws } from './draws.ts';
import { EventHeap } from './event-heap.ts';
import { Lines } from './lines.ts';
import { Pools } from './pools.ts';
import { Streams } from './random.ts';
import { CAN_START, DRAWN_AMONG, FIRST, FORCED, LIST, STARTER_BITS, Starters, TO_LOOK } from './starters.ts';
import type { StepTimes } from './step-times.ts';
import { HAS_THINGS, LIST_WORDS, STEP_WORDS, THINGS, TIMED_STEP } from './step-words.ts';
import type { Steps } from './steps.ts';

export class Activities {
  now = 0;
  /** When set, hears when activities are enabled, begin and end. */
  times: StepTimes | undefined;
  streams = new Streams(0);
  readonly heap = new EventHeap();
  readonly pools: Pools;
  readonly lines: Lines;
  readonly draws: Draws;
  readonly #costs: Costs;
  readonly #steps: Steps;
  /** Enablings and looks so far. */
  #order = 0;
  #looks = 0;
  readonly #starters: Starters;
  /** By actor: until when it is busy with what has happened at its start. */
  readonly #busyUntil: Float64Array;
  /** The same of those that start nothing, where they are. */
  readonly #busyOthers = new Map<number, number>();
  /** Somebody has been busy. */
  #isAnyBusy = false;
  /** By message: when a timer is due. */
  #due = new Float64Array(64);
  /** By clock, where it may wait for a resource: when it was enabled. */
  #orders = new Float64Array(64);
  /** A unit that its actor may go on with: the resource and the actor. */
  #kept = NONE;
  #keptBy = NONE;

  /** By place in a list that is compared: its clock, -1 where it has none. */
  #found = new Int32Array(64);

  constructor(costs: Costs, draws: Draws, steps: Steps) {
    this.#costs = costs;
    this.#steps = steps;
    this.pools = new Pools(costs.resources, steps.clocks);
    this.lines = new Lines(steps.channels, costs.links);
    this.draws = draws;
    this.#starters = new Starters(steps.starterCount);
    this.#busyUntil = new Float64Array(steps.starterCount);
  }

  /** Nothing is pending yet, and everybody is to be looked at. */
  start(seed: number): void {
    const { clocks, starterCount } = this.#steps;
    this.streams = new Streams(seed);
    this.heap.clear();
    clocks.reset();
    this.lines.start();
    this.pools.start();
    [this.now, this.#order, this.#looks, this.#kept] = [0, 0, 0, NONE];
    this.#busyUntil.fill(0);
    this.#busyOthers.clear();
    this.#isAnyBusy = false;
    this.draws.start(this.#steps.drawers, this.streams);
    this.#starters.start((starter) => this.#steps.startsAtOnce(starter));
    for (let starter = 0; starter < starterCount; starter++) {
      if (this.#starters.canStart(starter)) this.#starters.lookAt(starter);
    }
  }

  /** How many steps of the starters before one are enabled. */
  enabledBefore(starter: number): number {
    const { data } = this.#steps.pool;
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
  changed(slot: number, column: number): void {
    if (this.#starters.canStart(slot)) this.#starters.lookAt(slot);
    this.#steps.alert(slot, column, this.#starters);
  }

  /** Takes an activity whose step happens from those of its starter, which is to be looked at: the step may be enabled again. */
  taken(clock: number): void {
    const { words, timed } = this.#steps.clocks;
    const starter = words[clock + STARTER]!;
    if ((words[clock + TRAIT]! & IS_DRAWN) !== 0) {
      this.draws.next(starter, timed.data[words[clock + TIMED]! + DRAW]!, this.streams);
    }
    this.#unlink(clock);
    this.#starters.lookAt(starter, TO_LOOK | FORCED);
  }

  /** The step of a clock has happened at its start: what else is due to it. */
  goOn(clock: number): void {
    const { clocks } = this.#steps;
    const cost = this.#costs.costs[clocks.words[clock + COST]!]!;
    const until = this.now + this.streams.draw(cost.takes, cost.stream);
    const performer = clocks.words[clock + PERFORMER]!;
    this.#isAnyBusy = true;
    if (performer < this.#busyUntil.length) this.#busyUntil[performer] = until;
    else this.#busyOthers.set(performer, until);
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

  /** A timer starts anew, also one that is armed already. @param message as the effect has it @param slot of its actor */
  arm(message: number, delay: number, slot: number): void {
    const [distribution, stream] = this.#steps.delays[delay]!;
    if (message >= this.#due.length) this.#due = grown(this.#due, message + 1);
    this.#due[message] = this.now + this.streams.draw(distribution, stream);
    this.#starters.lookAt(slot, TO_LOOK | FORCED | CAN_START);
    const { words } = this.#steps.clocks;
    for (
      let clock = this.#starters.words[(slot << STARTER_BITS) + FIRST]!;
      clock !== NONE;
      clock = words[clock + NEXT]!
    ) {
      if (words[clock + TRAIT] !== IS_TIMER || words[clock + MESSAGE] !== message) continue;
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
    for (let at = 0; at < this.#starters.words.length; at += 2 ** STARTER_BITS) {
      if (this.#starters.words[at + LIST] === NONE) continue;
      const list = this.#steps.listOf(at >> STARTER_BITS);
      this.#starters.words[at + LIST] = list;
      this.#match(at >> STARTER_BITS, list);
    }
  }

  /** Which steps of a starter are enabled now: others are dropped, and what is new gets its time. */
  #look(starter: number, isForced: boolean): void {
    const at = starter << STARTER_BITS;
    const list = this.#steps.listOf(starter);
    const { data } = this.#steps.pool;
    const starters = this.#starters.words;
    const flags = data[list + 1]!;
    const isSame = list === starters[at + LIST];
    // The same list may be about other things.
    if (!isSame || flags !== 0) this.#steps.watch(starter);
    if (isSame && !isForced && (flags & HAS_THINGS) === 0) return;
    starters[at + LIST] = list;
    if (data[list] === 1) {
      // By far most often there is one step, as before, or one that was not there before.
      const { words, timed } = this.#steps.clocks;
      const step = list + LIST_WORDS;
      const kind = data[step + TIMED_STEP]!;
      if (timed.data[kind + TRAIT]! <= IS_TIMER) {
        const first = starters[at + FIRST]!;
        if (first === NONE) {
          if (timed.data[kind + COST] !== NEVER) this.#enable(starter, step);
          return;
        }
        if (words[first + NEXT] === NONE && this.#isOf(first, step)) {
          words[first + ENTRY] = step;
          return;
        }
      }
    }
    this.#compare(starter, list);
  }

  /** Whether a clock is of a step. */
  #isOf(clock: number, step: number): boolean {
    const { words } = this.#steps.clocks;
    const { data } = this.#steps.pool;
    if (words[clock + TIMED] !== data[step + TIMED_STEP]) return false;
    const things = data[step + THINGS]!;
    return words[clock + INSTANCE] === (things === 0 ? 0 : this.#steps.instanceOf(things));
  }

  /** Finds the clocks of the steps of a list. @returns the number that they have been marked with */
  #match(starter: number, list: number): number {
    const { words } = this.#steps.clocks;
    const count = this.#steps.pool.data[list]!;
    if (count > this.#found.length) this.#found = new Int32Array(2 * count);
    // A number of 32 bits that comes round again after as many looks has been seen nowhere for long.
    this.#looks = (this.#looks + 1) | 0;
    const first = this.#starters.words[(starter << STARTER_BITS) + FIRST]!;
    // What was enabled last is the first of them, so that the next one is mostly the one that is looked for.
    let next = first;
    for (let place = count - 1; place >= 0; place--) {
      const step = list + LIST_WORDS + place * STEP_WORDS;
      const from = next;
      let clock = next;
      while (clock !== NONE && !this.#isOf(clock, step)) {
        clock = words[clock + NEXT]!;
        if (clock === NONE) clock = first;
        if (clock === from) clock = NONE;
      }
      this.#found[place] = clock;
      if (clock === NONE) continue;
      words[clock + SEEN] = this.#looks;
      words[clock + ENTRY] = step;
      next = words[clock + NEXT] === NONE ? first : words[clock + NEXT]!;
    }
    return this.#looks;
  }

  #compare(starter: number, list: number): void {
    const look = this.#match(starter, list);
    const { data } = this.#steps.pool;
    const { words, timed } = this.#steps.clocks;
    const count = data[list]!;
    for (let clock = this.#starters.words[(starter << STARTER_BITS) + FIRST]!; clock !== NONE; ) {
      const next = words[clock + NEXT]!;
      if (words[clock + SEEN] !== look) this.#drop(clock);
      clock = next;
    }
    let hasWeights = false;
    for (let place = 0; place < count; place++) {
      const step = list + LIST_WORDS + place * STEP_WORDS;
      const kind = data[step + TIMED_STEP]!;
      const trait = timed.data[kind + TRAIT]!;
      if ((trait & IS_WEIGHTED) !== 0) hasWeights = true;
      else if (this.#found[place] === NONE && timed.data[kind + COST] !== NEVER && this.#isNext(starter, kind)) {
        this.#enable(starter, step);
      }
    }
    if (hasWeights) this.#choose(starter, list);
  }

  /** Whether a choice is the one that has been drawn, where that matters. */
  #isNext(starter: number, kind: number): boolean {
    const { data } = this.#steps.clocks.timed;
    if ((data[kind + TRAIT]! & IS_DRAWN) === 0 || data[kind + THING] === NONE) return true;
    return data[kind + THING] === this.draws.current(starter, data[kind + DRAW]!);
  }

  /** Of the steps that have weights one is drawn, and kept as long as it is among the same ones. */
  #choose(starter: number, list: number): void {
    const { data } = this.#steps.pool;
    const { timed } = this.#steps.clocks;
    const count = data[list]!;
    const weightOf = (step: number) => {
      const kind = data[step + TIMED_STEP]!;
      const isWeighted = (timed.data[kind + TRAIT]! & IS_WEIGHTED) !== 0 && this.#isNext(starter, kind);
      return isWeighted ? this.#costs.costs[timed.data[kind + COST]!]!.weight : NONE;
    };
    let [total, among, chosen] = [0, 1, NONE];
    for (let place = 0; place < count; place++) {
      const step = list + LIST_WORDS + place * STEP_WORDS;
      const weight = weightOf(step);
      if (weight === NONE) continue;
      total += weight;
      const things = data[step + THINGS]!;
      among = mix(mix(among, data[step + TIMED_STEP]!), things === 0 ? 0 : this.#steps.instanceOf(things));
      if (this.#found[place] !== NONE) chosen = this.#found[place]!;
    }
    const drawnAmong = (starter << STARTER_BITS) + DRAWN_AMONG;
    if (chosen !== NONE) {
      if (this.#starters.words[drawnAmong] === among) return;
      this.#drop(chosen);
    }
    this.#starters.words[drawnAmong] = among;
    if (total === 0) return;
    let left = this.streams.uniform(this.#costs.choiceStream) * total;
    let drawn = NONE;
    for (let place = 0; place < count && left >= 0; place++) {
      const step = list + LIST_WORDS + place * STEP_WORDS;
      const weight = weightOf(step);
      if (weight <= 0) continue;
      drawn = step;
      left -= weight;
    }
    this.#enable(starter, drawn);
  }

  // --- the life of an activity ---

  /** A step has become possible: it gets its time, or its place in a queue. */
  #enable(starter: number, step: number): void {
    const clock = this.#steps.begin(starter, step);
    const { words } = this.#steps.clocks;
    const at = (starter << STARTER_BITS) + FIRST;
    const first = this.#starters.words[at]!;
    words[clock + PREVIOUS] = NONE;
    words[clock + NEXT] = first;
    if (first !== NONE) words[first + PREVIOUS] = clock;
    this.#starters.words[at] = clock;
    let ready = this.now;
    if (this.#isAnyBusy) ready = Math.max(ready, this.#busyUntilOf(words[clock + PERFORMER]!));
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

  #busyUntilOf(performer: number): number {
    return performer < this.#busyUntil.length ? this.#busyUntil[performer]! : (this.#busyOthers.get(performer) ?? 0);
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
    if (phase === QUEUED) this.pools.leave(resource, clock, this.now);
    else this.heap.remove(clock);
    this.#steps.clocks.free(clock);
    if (resource !== NONE && phase !== QUEUED && phase !== WAITING) this.giveBack(resource);
  }

  #unlink(clock: number): void {
    const { words } = this.#steps.clocks;
    const previous = words[clock + PREVIOUS]!;
    const next = words[clock + NEXT]!;
    if (previous === NONE) this.#starters.words[(words[clock + STARTER]! << STARTER_BITS) + FIRST] = next;
    else words[previous + NEXT] = next;
    if (next !== NONE) words[next + PREVIOUS] = previous;
  }
}

function grown(numbers: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(length, 2 * numbers.length));
  larger.set(numbers);
  return larger;
}

/**
 * An activity from when it asks for a unit of its resource until the unit is given back: it waits, wakes up and works. What a step leaves
 * its actor is decided here as well: a unit to go on with, or to keep (`holdings.ts`).
 */
import { CLOCK_BITS, COST, IS_KEPT, PERFORMER, PHASE, QUEUED, RUNNING, STARTING, UNIT, WAITING } from './clocks.ts';
import { type Costs, NONE } from './costs.ts';
import { EventHeap } from './event-heap.ts';
import { Holdings } from './holdings.ts';
import { Pools } from './pools.ts';
import { Streams } from './random.ts';
import type { StepTimes } from './step-times.ts';
import type { Steps } from './steps.ts';

export class Work {
  now = 0;
  /** When set, hears when activities are enabled, begin and end. */
  times: StepTimes | undefined;
  streams = new Streams(0);
  readonly heap = new EventHeap();
  readonly pools: Pools;
  readonly #costs: Costs;
  readonly #steps: Steps;
  readonly #holdings: Holdings;
  /** Enablings so far. */
  #order = 0;
  /** By clock, where it may wait for a resource: when it was enabled. */
  #orders = new Float64Array(64);
  /** By actor: until when it is busy with what has happened at its start. */
  readonly #busyUntil: Float64Array;
  /** The same of those that start nothing, where they are. */
  readonly #busyOthers = new Map<number, number>();
  /** Somebody has been busy. */
  #isAnyBusy = false;
  /** A unit that its actor may go on with at once: the resource and the actor. */
  #atHand = NONE;
  #atHandOf = NONE;

  constructor(costs: Costs, steps: Steps) {
    this.#costs = costs;
    this.#steps = steps;
    this.pools = new Pools(costs.resources, steps.clocks);
    this.#holdings = new Holdings(costs.resources, steps);
    this.#busyUntil = new Float64Array(steps.starterCount);
  }

  /** Nobody works, and nothing is pending. */
  start(seed: number): void {
    this.streams = new Streams(seed);
    this.heap.clear();
    this.pools.start();
    this.#holdings.start();
    [this.now, this.#order, this.#atHand] = [0, 0, NONE];
    this.#busyUntil.fill(0);
    this.#busyOthers.clear();
    this.#isAnyBusy = false;
  }

  // --- the life of an activity ---

  /** A step has become possible: it gets its time, or its place in a queue. @param from when it could begin if its actor were not busy */
  begin(clock: number, from: number): void {
    const { words } = this.#steps.clocks;
    const ready = this.#isAnyBusy ? Math.max(from, this.#busyUntilOf(words[clock + PERFORMER]!)) : from;
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
    const performer = words[clock + PERFORMER]!;
    if (resource === this.#atHand && performer === this.#atHandOf) {
      this.#atHand = NONE;
      this.#run(clock, this.now, this.#orders[clock >> CLOCK_BITS]!);
    } else if (this.#holdings.join(resource, performer)) this.#runOnKept(clock);
    else if (this.pools.take(resource, this.now)) this.#wake(clock);
    else {
      words[clock + PHASE] = QUEUED;
      this.pools.enqueue(resource, clock, this.now);
      this.#holdings.countWaiting(resource, performer, 1);
    }
  }

  /** It has got a unit. */
  #wake(clock: number): void {
    const { resource } = this.#costs.costs[this.#steps.clocks.words[clock + COST]!]!;
    const { wakeUp, stream } = this.#costs.resources[resource]!;
    this.#run(clock, this.now + this.streams.draw(wakeUp, stream), this.#orders[clock >> CLOCK_BITS]!);
  }

  #runOnKept(clock: number): void {
    this.#steps.clocks.words[clock + UNIT] = IS_KEPT;
    this.#run(clock, this.now, this.#orders[clock >> CLOCK_BITS]!);
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
  drop(clock: number): void {
    const { words } = this.#steps.clocks;
    const phase = words[clock + PHASE]!;
    const { resource } = this.#costs.costs[words[clock + COST]!]!;
    if (phase === QUEUED) this.#leaveQueue(resource, clock);
    else {
      this.heap.remove(clock);
      if (resource !== NONE && phase !== WAITING) this.#free(clock, resource);
    }
    this.#steps.clocks.free(clock);
  }

  /** The step of a clock has happened at its start: what else is due to it. @returns the clock of that, where it holds a unit */
  goOn(clock: number): number {
    const { clocks } = this.#steps;
    const cost = this.#costs.costs[clocks.words[clock + COST]!]!;
    const until = this.now + this.streams.draw(cost.takes, cost.stream);
    const performer = clocks.words[clock + PERFORMER]!;
    this.#isAnyBusy = true;
    if (performer < this.#busyUntil.length) this.#busyUntil[performer] = until;
    else this.#busyOthers.set(performer, until);
    this.times?.ends(until);
    if (cost.resource === NONE) return NONE;
    const tail = clocks.tailOf(clock);
    this.heap.add(tail, until, ++this.#order);
    return tail;
  }

  /** What was due to a step that has happened at its start is done. */
  end(tail: number): void {
    const { clocks } = this.#steps;
    this.#free(tail, this.#costs.costs[clocks.words[tail + COST]!]!.resource);
    clocks.free(tail);
  }

  // --- what becomes of units after a step ---

  /**
   * A step with a unit has happened, and the state is the one after it.
   *
   * @param unit whether it is one that the performer has kept, or its own
   * @param tail the clock that goes on with it; `NONE` where nothing does
   */
  happened(resource: number, performer: number, unit: number, tail: number): void {
    const holdings = this.#holdings;
    if (unit === IS_KEPT) holdings.renew(resource, performer);
    const isNowKept = unit !== IS_KEPT && holdings.keep(resource, performer, tail !== NONE);
    this.#serveOwn(resource, performer);
    if (tail !== NONE) {
      if (isNowKept) this.#steps.clocks.words[tail + UNIT] = IS_KEPT;
    } else if (unit === IS_KEPT) {
      if (holdings.leave(resource, performer)) this.giveBack(resource);
    } else if (!isNowKept) {
      if (!this.#costs.resources[resource]!.keepsAtOnce) this.giveBack(resource);
      else [this.#atHand, this.#atHandOf] = [resource, performer];
    }
  }

  /** An actor has another local state, with which it may have to give back what it keeps. */
  moved(actor: number, column: number): void {
    if (this.#holdings.mayKeep[column] !== 0) this.#holdings.moved(actor);
  }

  /** All that a step has changed is known. */
  settle(): void {
    const { toReview } = this.#holdings;
    if (toReview.length === 0) return;
    for (const actor of toReview) {
      for (const resource of this.#holdings.resources) {
        if (this.#holdings.review(resource, actor)) this.giveBack(resource);
      }
    }
    toReview.length = 0;
  }

  /** Everybody has asked who could: a unit that nobody has gone on with is given back. */
  putDown(): void {
    if (this.#atHand === NONE) return;
    const resource = this.#atHand;
    this.#atHand = NONE;
    this.giveBack(resource);
  }

  giveBack(resource: number): void {
    const next = this.pools.giveBack(resource, this.now);
    if (next === NONE) return;
    this.#holdings.countWaiting(resource, this.#steps.clocks.words[next + PERFORMER]!, -1);
    this.#wake(next);
  }

  /** An activity does not work with its unit any more. */
  #free(clock: number, resource: number): void {
    const { words } = this.#steps.clocks;
    const isFree = words[clock + UNIT] !== IS_KEPT || this.#holdings.leave(resource, words[clock + PERFORMER]!);
    if (isFree) this.giveBack(resource);
  }

  #leaveQueue(resource: number, clock: number): void {
    this.pools.leave(resource, clock, this.now);
    this.#holdings.countWaiting(resource, this.#steps.clocks.words[clock + PERFORMER]!, -1);
  }

  /** An actor that keeps a unit from now on has no need to wait for one. */
  #serveOwn(resource: number, performer: number): void {
    const holdings = this.#holdings;
    while (holdings.hasWaiting(resource, performer) && holdings.join(resource, performer)) {
      const clock = this.pools.firstOf(resource, performer);
      this.#leaveQueue(resource, clock);
      this.#runOnKept(clock);
    }
  }
}

/** A copy with room for at least so many. */
export function grown(numbers: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(length, 2 * numbers.length));
  larger.set(numbers);
  return larger;
}

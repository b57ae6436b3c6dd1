/**
 * The loop: what happens first of all that is pending, what of that is changed by it, and so on. A generalised semi-Markov process whose
 * states are those of the untimed system, and whose events are its enabled steps; `docs/timing.md` has the rules, in the same words.
 *
 * The invariant: between two steps, each clock is running, or waits for something, exactly when its step is enabled (and has not lost a
 * draw by weight). So what happens is always an enabled step, and a run is a schedule of the untimed system.
 */
import type { System } from '../system/system.ts';
import { mix } from '../tabulate/digest.ts';
import { DUPLICATE, LOSE, Tables } from '../tabulate/tables.ts';
import { IDLE, QUEUED, RUNNING, STARTING, TAIL, WAITING } from './clocks.ts';
import { Costs, NEVER, NONE } from './costs.ts';
import { EventHeap } from './event-heap.ts';
import { Lines } from './lines.ts';
import { type MeasureDefinition, Measures } from './measures.ts';
import { Pools } from './pools.ts';
import { Streams } from './random.ts';
import { checkOptions, type Run, type RunOptions, standsStill, timeStandsStill } from './run.ts';
import {
  ARM,
  CLOCK,
  DELTA,
  EFFECT_WORDS,
  EXTRAS,
  LEAVE,
  MACHINE_STEPS,
  STEP_WORDS,
  TimedSteps,
} from './timed-steps.ts';
import type { Timing } from './timing.ts';

/** Steps at one moment before it counts as a time that stands still. */
const STEPS_AT_ONCE = 1_000_000;

export class Simulation {
  readonly tables: Tables;
  readonly #costs: Costs;
  readonly #measures: Measures;
  readonly #steps: TimedSteps;
  readonly #pools: Pools;
  readonly #lines: Lines;
  readonly #heap = new EventHeap();
  #streams = new Streams(0);
  #now = 0;
  /** Enablings and looks so far. */
  #order = 0;
  #looks = 0;
  #state: Int32Array = new Int32Array(0);
  /** By starter: its list, the first of its clocks that is not idle, and what its draw by weight was among. */
  readonly #lists: Int32Array;
  readonly #first: Int32Array;
  readonly #drawnFrom: Int32Array;
  /** By actor: until when it is busy with what has happened at its start. */
  readonly #busyUntil: Float64Array;
  /** By message: when a timer is due. */
  #due = new Float64Array(64);
  /** The starters to look at after a step, and which of them even though their list is the same. */
  readonly #toLook: number[] = [];
  readonly #isToLook: Uint8Array;
  readonly #isForced: Uint8Array;
  /** A unit that its actor may go on with: the resource and the actor. */
  #kept = NONE;
  #keptBy = NONE;
  /** Of monitors: by local state, 1 when it has the tag `violation`, 2 when not. */
  readonly #judged = new Map<number, Uint8Array>();
  #violated: { property: string; time: number; step: number } | undefined;
  #stepCount = 0;
  #machineSteps = 0;
  #digest = 0;
  #schedule: number[] | undefined;

  /** @throws ModelError `bad-definition` for what is wrong with the timing or the measures */
  constructor(system: System, timing: Timing, measures: MeasureDefinition = {}) {
    this.tables = new Tables(system);
    this.#costs = new Costs(system, timing);
    this.#measures = new Measures(this.tables, measures);
    this.#steps = new TimedSteps(this.tables, this.#costs, this.#measures);
    this.#pools = new Pools(this.#costs.resources, this.#steps.clocks);
    this.#lines = new Lines(this.tables, this.#costs.links);
    const { slotCount } = this.tables;
    this.#lists = new Int32Array(slotCount);
    this.#first = new Int32Array(slotCount);
    this.#drawnFrom = new Int32Array(slotCount);
    this.#busyUntil = new Float64Array(slotCount);
    this.#isToLook = new Uint8Array(slotCount);
    this.#isForced = new Uint8Array(slotCount);
  }

  /**
   * One seed is one run, bit for bit, whatever was run before.
   *
   * @throws ModelError `stands-still` when nothing can happen any more although somebody is not at rest, or no time goes by; what the
   *   tables throw for a step that fails
   * @throws UsageError for options that make no sense
   */
  run(options: RunOptions): Run {
    const { seed, time, warmUp, steps, way } = checkOptions(options, this.tables.system);
    this.#start(seed, way);
    this.#schedule = options.schedule ? [] : undefined;
    let isWarm = false;
    const warm = () => {
      this.#measures.restart(warmUp);
      this.#pools.restart(warmUp);
      isWarm = true;
    };
    const heap = this.#heap;
    let sinceStep = this.#stepCount;
    while (heap.size > 0 && this.#stepCount < steps) {
      const at = heap.firstTime;
      if (at > time) break;
      if (!isWarm && at > warmUp) warm();
      if (at > this.#now) sinceStep = this.#stepCount;
      else if (this.#stepCount - sinceStep > STEPS_AT_ONCE) throw timeStandsStill(at, STEPS_AT_ONCE);
      this.#now = at;
      this.#handle(heap.first);
    }
    const isOver = heap.size > 0 && this.#stepCount < steps;
    if (heap.size === 0 && this.#now < time) this.#requireRest();
    const end = isOver ? time : this.#now;
    if (!isWarm && end >= warmUp) warm();
    return {
      seed,
      time: end,
      warmUp,
      ended: isOver ? 'time' : heap.size > 0 ? 'steps' : 'at rest',
      steps: this.#stepCount,
      machineSteps: this.#machineSteps,
      pending: heap.size,
      ...this.#measures.read(end),
      resources: this.#pools.read(end),
      ...(this.#violated && { violated: this.#violated }),
      unused: this.#costs.unused,
      digest: this.#digest >>> 0,
      ...(this.#schedule && { schedule: `${way === 0 ? '' : `${way}@`}${this.#schedule.join('/')}` }),
    };
  }

  #start(seed: number, way: number): void {
    const { state, effects } = this.#steps.start(way);
    this.#streams = new Streams(seed);
    this.#heap.clear();
    this.#steps.clocks.reset();
    this.#lines.start();
    this.#pools.start();
    this.#state = state.slice();
    this.#measures.start(state);
    [this.#now, this.#order, this.#looks, this.#stepCount, this.#machineSteps, this.#digest] = [0, 0, 0, 0, 0, 0];
    this.#violated = undefined;
    this.#lists.fill(NONE);
    this.#first.fill(NONE);
    this.#drawnFrom.fill(0);
    this.#busyUntil.fill(0);
    this.#kept = NONE;
    for (let slot = 0; slot < state.length; slot++) this.#changed(slot);
    this.#apply(effects, 0, effects.length / EFFECT_WORDS);
    this.#lookAround();
  }

  /** What is first in the heap: its time has come. */
  #handle(clock: number): void {
    const clocks = this.#steps.clocks;
    this.#heap.remove(clock);
    switch (clocks.phase[clock]) {
      case WAITING:
        this.#request(clock);
        return;
      case TAIL: {
        const { resource } = this.#costs.costs[clocks.cost[clock]!]!;
        clocks.free(clock);
        this.#giveBack(resource);
        return;
      }
      default:
        this.#fire(clock);
    }
  }

  /** A step happens. */
  #fire(clock: number): void {
    const clocks = this.#steps.clocks;
    const cost = this.#costs.costs[clocks.cost[clock]!]!;
    const starter = clocks.starter[clock]!;
    const performer = clocks.performer[clock]!;
    const at = clocks.held[clock]! >= 0 ? this.#fateOf(clock) : clocks.entry[clock]!;
    const { resource, atStart } = cost;
    this.#unlink(clock);
    this.#note(starter, at);
    if (atStart) {
      const takes = this.#streams.draw(cost.takes, cost.stream);
      this.#busyUntil[performer] = this.#now + takes;
      if (resource !== NONE) this.#heap.add(clocks.tailOf(clock), this.#now + takes, ++this.#order);
    }
    this.#isForced[starter] = 1;
    this.#lookAt(starter);
    this.#change(at);
    if (resource !== NONE && !atStart) {
      if (this.#costs.resources[resource]!.keeps) {
        this.#kept = resource;
        this.#keptBy = performer;
      } else this.#giveBack(resource);
    }
    this.#lookAround();
    if (this.#kept !== NONE) {
      this.#kept = NONE;
      this.#giveBack(resource);
    }
  }

  /** Whether a delivery is one, or the message is lost, or stays: decided when it is due. */
  #fateOf(clock: number): number {
    const clocks = this.#steps.clocks;
    const starter = clocks.starter[clock]!;
    const at = clocks.entry[clock]!;
    const link = this.#lines.linkOf(starter);
    if (!link) return at;
    const { loses = 0, duplicates = 0 } = link.timing;
    if (loses === 0 && duplicates === 0) return at;
    const drawn = this.#streams.uniform(link.fateStream);
    const kind = drawn < loses ? LOSE : drawn < loses + (1 - loses) * duplicates ? DUPLICATE : NONE;
    if (kind === NONE) return at;
    const data = this.#steps.trees.pool.data;
    const list = this.#lists[starter]!;
    for (let left = data[list]!, other = list + 1; left > 0; left--, other += STEP_WORDS) {
      const candidate = data[other + CLOCK]!;
      if (clocks.kind[candidate] !== kind || clocks.held[candidate] !== clocks.held[clock]) continue;
      if (kind === LOSE || clocks.message[candidate] === clocks.message[clock]) return other;
    }
    return at;
  }

  #note(starter: number, at: number): void {
    const data = this.#steps.trees.pool.data;
    const place = (at - this.#lists[starter]! - 1) / STEP_WORDS;
    this.#stepCount++;
    this.#machineSteps += data[at + MACHINE_STEPS]!;
    timeBits[0] = this.#now;
    this.#digest = mix(mix(mix(mix(this.#digest, starter), place), words[0]!), words[1]!);
    if (!this.#schedule) return;
    let index = place;
    for (let slot = 0; slot < starter; slot++) {
      const list = this.#lists[slot]!;
      if (list !== NONE) index += data[list]!;
    }
    this.#schedule.push(index);
  }

  /** Carries out a step: the state, what is armed and sent, what is measured. */
  #change(at: number): void {
    const data = this.#steps.trees.pool.data;
    const state = this.#state;
    const isGauged = this.#measures.isGauged;
    const delta = data[at + DELTA]!;
    for (let left = data[delta]!, word = delta + 1; left > 0; left--, word += 2) {
      const slot = data[word]!;
      const value = data[word + 1]!;
      if (isGauged[slot] !== 0) this.#measures.move(slot, state[slot]!, value, this.#now);
      state[slot] = value;
      this.#changed(slot);
    }
    const extras = data[at + EXTRAS]!;
    if (extras === 0) return;
    const effects = data[extras]!;
    this.#apply(data, extras + 1, effects);
    const operations = extras + 1 + effects * EFFECT_WORDS;
    this.#measures.apply(data, operations + 1, data[operations]!, this.#now);
  }

  #apply(effects: ArrayLike<number>, at: number, count: number): void {
    for (let left = count, word = at; left > 0; left--, word += EFFECT_WORDS) {
      const [kind, one, two] = [effects[word]!, effects[word + 1]!, effects[word + 2]!];
      if (kind === ARM) this.#arm(one, two);
      else if (kind === LEAVE) this.#lines.leave(one, two);
      else this.#lines.send(one, this.#steps.transits[two]!, this.#streams, this.#now);
    }
  }

  /** A timer starts anew, also one that is armed already. */
  #arm(message: number, delay: number): void {
    const [distribution, stream] = this.#steps.delays[delay]!;
    if (message >= this.#due.length) {
      const grown = new Float64Array(2 * message);
      grown.set(this.#due);
      this.#due = grown;
    }
    this.#due[message] = this.#now + this.#streams.draw(distribution, stream);
    const slot = this.tables.messageTo.data[message]!;
    this.#isForced[slot] = 1;
    this.#lookAt(slot);
    const clocks = this.#steps.clocks;
    for (let clock = this.#first[slot]!; clock !== NONE; clock = clocks.next[clock]!) {
      if (clocks.message[clock] !== message) continue;
      this.#drop(clock);
      return;
    }
  }

  #changed(slot: number): void {
    const { actorCount, actors } = this.tables;
    if (slot < actorCount || slot >= actors.length) this.#lookAt(slot);
    else this.#judge(slot);
    const readers = this.#steps.readers[slot]!;
    for (let at = 0; at < readers.length; at++) this.#lookAt(readers[at]!);
  }

  #lookAt(starter: number): void {
    if (this.#isToLook[starter] !== 0) return;
    this.#isToLook[starter] = 1;
    this.#toLook.push(starter);
  }

  /** In the order of their slots, whatever order they were found in: that is the order of what is enabled at one moment. */
  #lookAround(): void {
    const toLook = this.#toLook;
    if (toLook.length > SHORT) toLook.sort((a, b) => a - b);
    else sortShort(toLook);
    for (let at = 0; at < toLook.length; at++) {
      const starter = toLook[at]!;
      const isForced = this.#isForced[starter] !== 0;
      this.#isToLook[starter] = 0;
      this.#isForced[starter] = 0;
      this.#look(starter, isForced);
    }
    toLook.length = 0;
  }

  /** Which steps of a starter are enabled now: others are dropped, and what is new gets its time. */
  #look(starter: number, isForced: boolean): void {
    const list = this.#steps.listOf(starter, this.#state);
    if (list === this.#lists[starter] && !isForced) return;
    this.#lists[starter] = list;
    const data = this.#steps.trees.pool.data;
    const clocks = this.#steps.clocks;
    const end = list + 1 + data[list]! * STEP_WORDS;
    const look = ++this.#looks;
    let hasWeights = false;
    for (let at = list + 1; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      clocks.seen[clock] = look;
      clocks.entry[clock] = at;
    }
    for (let clock = this.#first[starter]!; clock !== NONE; ) {
      const next = clocks.next[clock]!;
      if (clocks.seen[clock] !== look) this.#drop(clock);
      clock = next;
    }
    for (let at = list + 1; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      const cost = clocks.cost[clock]!;
      if (cost === NEVER) continue;
      if (this.#costs.costs[cost]!.weight !== NONE) hasWeights = true;
      else if (clocks.phase[clock] === IDLE) this.#enable(clock);
    }
    if (hasWeights) this.#choose(starter, list + 1, end);
  }

  /** Of the steps that have weights one is drawn, and kept as long as it is among the same ones. */
  #choose(starter: number, from: number, end: number): void {
    const data = this.#steps.trees.pool.data;
    const clocks = this.#steps.clocks;
    let [total, among, chosen] = [0, 1, NONE];
    for (let at = from; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      const { weight } = this.#costs.costs[clocks.cost[clock]!]!;
      if (weight === NONE) continue;
      total += weight;
      among = mix(among, clock);
      if (clocks.phase[clock] !== IDLE) chosen = clock;
    }
    if (chosen !== NONE) {
      if (this.#drawnFrom[starter] === among) return;
      this.#drop(chosen);
    }
    this.#drawnFrom[starter] = among;
    if (total === 0) return;
    let left = this.#streams.uniform(this.#costs.choiceStream) * total;
    for (let at = from; at < end; at += STEP_WORDS) {
      const clock = data[at + CLOCK]!;
      const { weight } = this.#costs.costs[clocks.cost[clock]!]!;
      if (weight === NONE || weight === 0) continue;
      chosen = clock;
      left -= weight;
      if (left < 0) break;
    }
    this.#enable(chosen);
  }

  /** A step has become possible: it gets its time, or its place in a queue. */
  #enable(clock: number): void {
    const clocks = this.#steps.clocks;
    const starter = clocks.starter[clock]!;
    const first = this.#first[starter]!;
    clocks.order[clock] = ++this.#order;
    clocks.previous[clock] = NONE;
    clocks.next[clock] = first;
    if (first !== NONE) clocks.previous[first] = clock;
    this.#first[starter] = clock;
    let ready = Math.max(this.#now, this.#busyUntil[clocks.performer[clock]!]!);
    const held = clocks.held[clock]!;
    if (clocks.isTimer[clock] !== 0) ready = Math.max(ready, this.#due[clocks.message[clock]!]!);
    else if (held >= 0) ready = Math.max(ready, this.#lines.readyAt(starter, held));
    const cost = this.#costs.costs[clocks.cost[clock]!]!;
    if (cost.resource === NONE) this.#run(clock, ready);
    else if (ready > this.#now) {
      clocks.phase[clock] = WAITING;
      this.#heap.add(clock, ready, clocks.order[clock]!);
    } else this.#request(clock);
  }

  /** Asks for a unit, at once. */
  #request(clock: number): void {
    const clocks = this.#steps.clocks;
    const { resource } = this.#costs.costs[clocks.cost[clock]!]!;
    if (resource === this.#kept && clocks.performer[clock] === this.#keptBy) {
      this.#kept = NONE;
      this.#run(clock, this.#now);
    } else if (this.#pools.take(resource, this.#now)) this.#wake(clock);
    else {
      clocks.phase[clock] = QUEUED;
      this.#pools.enqueue(resource, clock, this.#now);
    }
  }

  /** It has got a unit. */
  #wake(clock: number): void {
    const { resource } = this.#costs.costs[this.#steps.clocks.cost[clock]!]!;
    const { wakeUp, stream } = this.#costs.resources[resource]!;
    this.#run(clock, this.#now + this.#streams.draw(wakeUp, stream));
  }

  /** It works from some time on. */
  #run(clock: number, from: number): void {
    const clocks = this.#steps.clocks;
    const { takes, stream, atStart } = this.#costs.costs[clocks.cost[clock]!]!;
    clocks.phase[clock] = atStart ? STARTING : RUNNING;
    const until = atStart ? from : from + this.#streams.draw(takes, stream);
    this.#heap.add(clock, until, clocks.order[clock]!);
  }

  /** A step is not possible any more: what was drawn for it is forgotten, and its unit is free. */
  #drop(clock: number): void {
    const clocks = this.#steps.clocks;
    const phase = clocks.phase[clock]!;
    const { resource } = this.#costs.costs[clocks.cost[clock]!]!;
    this.#unlink(clock);
    if (phase === QUEUED) {
      this.#pools.leave(resource, clock, this.#now);
      return;
    }
    this.#heap.remove(clock);
    if (resource !== NONE && phase !== WAITING) this.#giveBack(resource);
  }

  #giveBack(resource: number): void {
    const next = this.#pools.giveBack(resource, this.#now);
    if (next !== NONE) this.#wake(next);
  }

  #unlink(clock: number): void {
    const clocks = this.#steps.clocks;
    const [previous, next] = [clocks.previous[clock]!, clocks.next[clock]!];
    if (previous === NONE) this.#first[clocks.starter[clock]!] = next;
    else clocks.next[previous] = next;
    if (next !== NONE) clocks.previous[next] = previous;
    clocks.phase[clock] = IDLE;
  }

  /** Monitors run along: the first that shows a violation is told. */
  #judge(slot: number): void {
    if (this.#violated) return;
    const value = this.#state[slot]!;
    const { name, locals } = this.tables.actors[slot]!;
    let judged = this.#judged.get(slot);
    if (!judged || value >= judged.length) {
      const grown = new Uint8Array(2 * value + 8);
      grown.set(judged ?? []);
      judged = grown;
      this.#judged.set(slot, judged);
    }
    if (judged[value] === 0) judged[value] = locals[value]!.snapshot.hasTag('violation') ? 1 : 2;
    if (judged[value] === 1) this.#violated = { property: name, time: this.#now, step: this.#stepCount };
  }

  /** @throws ModelError when nothing is pending, and somebody is not at rest */
  #requireRest(): void {
    const { tables } = this;
    const state = this.#state;
    const actor = tables.actors.slice(0, tables.actorCount).find(({ slot }) => !tables.atRest(slot, state[slot]!));
    const channel = tables.channels.find(({ slot }) => state[slot] !== 0);
    if (actor || channel) throw standsStill(this.#now, tables, state, actor, channel);
  }
}

const SHORT = 32;

/** By insertion: most steps have a handful of starters to look at. */
function sortShort(numbers: number[]): void {
  for (let at = 1; at < numbers.length; at++) {
    const number = numbers[at]!;
    let place = at;
    while (place > 0 && numbers[place - 1]! > number) {
      numbers[place] = numbers[place - 1]!;
      place--;
    }
    numbers[place] = number;
  }
}

const timeBits = new Float64Array(1);
const words = new Int32Array(timeBits.buffer);

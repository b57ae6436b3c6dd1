/**
 * The loop: what happens first of all that is pending, what of that is changed by it, and so on. A generalised semi-Markov process whose
 * states are those of the untimed system, and whose events are its enabled steps; `docs/timing.md` has the rules, in the same words.
 *
 * The invariant: between two steps, a clock is running, or waits for something, exactly when its step is enabled and has not lost a
 * draw by weight (`activities.ts`). So what happens is always an enabled step, and a run is a schedule of the untimed system.
 */
import { UsageError } from '../system/errors.ts';
import { bad, described } from '../system/shapes.ts';
import type { System } from '../system/system.ts';
import type { MeasureDefinition, Timing } from '../system/timing.ts';
import { mix } from '../tabulate/digest.ts';
import { Ints } from '../tabulate/ints.ts';
import { DUPLICATE, LOSE, Tables } from '../tabulate/tables.ts';
import { Activities } from './activities.ts';
import { isNamedBy } from './check-timing.ts';
import {
  COST,
  DRAW,
  ENTRY,
  HELD,
  IS_DRAWN,
  KIND,
  MESSAGE,
  PERFORMER,
  PHASE,
  STARTER,
  TAIL,
  TRAIT,
  UNIT,
  WAITING,
} from './clocks.ts';
import { Costs, NONE } from './costs.ts';
import { Draws } from './draws.ts';
import { type GaugedThings, slotsOf } from './gauged.ts';
import { Judge } from './judge.ts';
import { LiftedSteps } from './lifted-steps.ts';
import { Measures, onlySome } from './measures.ts';
import { checkOptions, type Run, type RunOptions, standsStill, timeStandsStill } from './run.ts';
import { StepTimes } from './step-times.ts';
import { ARM, EFFECT_WORDS, LEAVE, LIST_WORDS, MACHINE_STEPS, STEP_WORDS, TIMED_STEP } from './step-words.ts';
import type { Steps } from './steps.ts';
import { TimedSteps } from './timed-steps.ts';

/** Steps between two looks at the signal and at who wants to hear of progress: some milliseconds. */
const SLICE = 2 ** 14;
/** Steps at one moment before it counts as a time that stands still. */
const STEPS_AT_ONCE = 100_000;

/**
 * A system with its times, whose tables serve any number of runs.
 *
 * @example
 * ```ts
 * import { Simulation } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const simulation = new Simulation(lights, timing);
 * simulation.run({ seed: 1, time: 1000 }).digest === simulation.run({ seed: 1, time: 1000 }).digest; // => true
 * ```
 */
export class Simulation {
  /** With a population: those of the system as it is declared. */
  readonly tables: Tables;
  readonly #costs: Costs;
  readonly #measures: Measures;
  readonly #steps: Steps;
  readonly #activities: Activities;
  readonly #judge: Judge;
  #stepCount = 0;
  #machineSteps = 0;
  #digest = 0;
  #schedule: number[] | undefined;
  #log: Ints | undefined;

  /**
   * @param population simulates a system that has a population with so many things instead of those that it is declared with
   * @throws ModelError `bad-definition` for what is wrong with the timing or the measures; `not-liftable` where things of the population are
   *   not what they are declared to be
   */
  constructor(system: System, timing: Timing, measures: MeasureDefinition = {}, population?: number) {
    if (population !== undefined && !(Number.isInteger(population) && population >= 0)) {
      throw bad(`population is ${described(population)}, expected a whole number from 0`);
    }
    const things = population ?? system.population.length;
    const costs = new Costs(system, timing, things);
    const draws = new Draws(costs.draws);
    this.#costs = costs;
    if (population === undefined) {
      this.tables = new Tables(system);
      this.#measures = new Measures(this.tables, slotsOf(this.tables), measures);
      this.#steps = new TimedSteps(this.tables, costs, this.#measures);
    } else {
      const steps = new LiftedSteps(system, population, costs, draws, () => this.#measures);
      requireWholeFamilies(timing, steps.gauged);
      this.tables = steps.template.tables;
      this.#measures = new Measures(this.tables, steps.gauged, measures);
      this.#steps = steps;
    }
    this.#activities = new Activities(costs, draws, this.#steps);
    this.#judge = new Judge(this.#steps.watches(), this.#steps.judgedCount);
  }

  /** Of what the state of a population stands in: what grows with the number of its things. 0 without one. */
  get populationBytes(): number {
    return this.#steps.bytes;
  }

  /**
   * One seed is one run, bit for bit, whatever was run before.
   *
   * @throws ModelError `stands-still` when nothing can happen any more although somebody is not at rest, or no time goes by; what the
   *   tables throw for a step that fails
   * @throws UsageError for options that make no sense
   * @throws the reason of `signal`, once it is aborted
   */
  run(options: RunOptions): Run {
    const slices = this.#slices(options);
    for (let next = slices.next(); ; next = slices.next()) if (next.done) return next.value;
  }

  /** The same, with turns of the event loop, in which timers fire and a signal is aborted. */
  async runInTurns(options: RunOptions): Promise<Run> {
    const slices = this.#slices(options);
    for (let next = slices.next(); ; next = slices.next()) {
      if (next.done) return next.value;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  *#slices(options: RunOptions): Generator<undefined, Run> {
    const { seed, time, warmUp, steps, way } = checkOptions(options, this.tables.system);
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    const isDrawn = this.#costs.draws.length > 0;
    if (!this.#steps.canBeWalked && (options.log || options.timeline || (options.schedule && isDrawn))) {
      throw new UsageError(
        `a run of a population keeps no ${options.log ? 'log' : options.timeline ? 'timeline' : 'schedule, where things are drawn'}`,
        'simulate the system with few things, without `population`',
      );
    }
    // What is enabled from the beginning counts.
    const { work } = this.#activities;
    work.times = options.timeline ? new StepTimes() : undefined;
    this.#start(seed, way);
    this.#schedule = options.schedule ? [] : undefined;
    this.#log = options.log || options.timeline ? new Ints() : undefined;
    const { heap } = work;
    let isWarm = false;
    const warm = () => {
      this.#measures.restart(warmUp);
      work.pools.restart(warmUp);
      isWarm = true;
    };
    const going = { time, steps, stepsBefore: 0 };
    while (this.#advance(going, isWarm ? Number.POSITIVE_INFINITY : warmUp)) {
      if (!isWarm && heap.firstTime >= warmUp) warm();
      onProgress?.({ seed, time: work.now, steps: this.#stepCount });
      yield;
      signal?.throwIfAborted();
    }
    const isDone = heap.size === 0 && this.#stepCount < steps;
    const waits = isDone ? this.#steps.restless() : undefined;
    if (waits !== undefined) throw standsStill(work.now, waits, work.pools.waitedFor());
    const ended = isDone ? 'at rest' : this.#stepCount < steps ? 'time' : 'steps';
    const end = ended === 'time' ? time : work.now;
    if (!isWarm && end >= warmUp) warm();
    return {
      seed,
      time: end,
      warmUp: isWarm ? warmUp : 0,
      ended,
      steps: this.#stepCount,
      machineSteps: this.#machineSteps,
      pending: heap.size,
      ...this.#measures.read(end),
      resources: work.pools.read(end),
      ...(this.#judge.violated && { violated: this.#judge.violated }),
      unused: this.#costs.unused,
      digest: this.#digest >>> 0,
      ...(this.#schedule && { schedule: `${way === 0 ? '' : `${way}@`}${this.#schedule.join('/')}` }),
      ...(this.#log && {
        log: { steps: this.#log.data.slice(0, this.#log.length), end: this.#steps.digest() },
      }),
      ...(work.times && { timeline: work.times.taken() }),
    };
  }

  /** Runs a slice of what is pending before a time; false when that was the end of the run. */
  #advance(going: { readonly time: number; readonly steps: number; stepsBefore: number }, before: number): boolean {
    const { time, steps } = going;
    const { work } = this.#activities;
    const { heap } = work;
    const end = Math.min(steps, this.#stepCount + SLICE);
    while (heap.size > 0 && this.#stepCount < end) {
      const at = heap.firstTime;
      if (at > time) return false;
      if (at >= before) return true;
      if (at > work.now) going.stepsBefore = this.#stepCount;
      else if (this.#stepCount - going.stepsBefore > STEPS_AT_ONCE) throw timeStandsStill(at, STEPS_AT_ONCE);
      work.now = at;
      this.#handle(heap.takeFirst());
    }
    return heap.size > 0 && this.#stepCount < steps;
  }

  #start(seed: number, way: number): void {
    const effects = this.#steps.start(way);
    [this.#stepCount, this.#machineSteps, this.#digest] = [0, 0, 0];
    this.#activities.start(seed);
    this.#measures.start((column) => this.#steps.valueAtStart(column));
    this.#judge.start();
    this.#apply(effects, 0, effects.length / EFFECT_WORDS);
    this.#activities.lookAround();
  }

  /** What is pending with the earliest time: it has come. */
  #handle(clock: number): void {
    const { clocks } = this.#steps;
    const phase = clocks.words[clock + PHASE];
    if (phase === WAITING) this.#activities.work.request(clock);
    else if (phase === TAIL) this.#activities.work.end(clock);
    else this.#fire(clock);
  }

  /** A step happens. */
  #fire(clock: number): void {
    const { clocks } = this.#steps;
    const { words } = clocks;
    const activities = this.#activities;
    const { work } = activities;
    const { resource, atStart } = this.#costs.costs[words[clock + COST]!]!;
    const starter = words[clock + STARTER]!;
    const performer = words[clock + PERFORMER]!;
    const unit = words[clock + UNIT]!;
    const list = activities.listOf(starter);
    const at = words[clock + HELD]! >= 0 ? this.#fateOf(clock, list) : words[clock + ENTRY]!;
    this.#note(starter, list, at);
    this.#steps.carryOut(starter, list, at);
    activities.taken(clock);
    work.times?.happens(clock, work.now);
    const tail = atStart ? work.goOn(clock) : NONE;
    clocks.free(clock);
    this.#change();
    if (resource !== NONE) work.happened(resource, performer, unit, tail);
    work.settle();
    activities.lookAround();
  }

  /** Whether a delivery is one, or the message is lost, or stays: decided when it is due. */
  #fateOf(clock: number, list: number): number {
    const { words, timed } = this.#steps.clocks;
    const { lines, work } = this.#activities;
    const at = words[clock + ENTRY]!;
    const link = lines.linkOf(words[clock + STARTER]!);
    if (!link) return at;
    const { loses = 0, duplicates = 0 } = link.timing;
    if (loses === 0 && duplicates === 0) return at;
    const drawn = work.streams.uniform(link.fateStream);
    const kind = drawn < loses ? LOSE : drawn < loses + (1 - loses) * duplicates ? DUPLICATE : NONE;
    if (kind === NONE) return at;
    const { data } = this.#steps.pool;
    for (let left = data[list]!, other = list + LIST_WORDS; left > 0; left--, other += STEP_WORDS) {
      const candidate = data[other + TIMED_STEP]!;
      if (timed.data[candidate + KIND] !== kind || timed.data[candidate + HELD] !== words[clock + HELD]) continue;
      if (kind === LOSE || timed.data[candidate + MESSAGE] === words[clock + MESSAGE]) return other;
    }
    return at;
  }

  #note(starter: number, list: number, at: number): void {
    const { data } = this.#steps.pool;
    const activities = this.#activities;
    const place = (at - list - LIST_WORDS) / STEP_WORDS;
    this.#stepCount++;
    this.#machineSteps += data[at + MACHINE_STEPS]!;
    time[0] = activities.work.now;
    const said = this.#costs.draws.length === 0 ? place : this.#drawnOrPlace(starter, list, at);
    const digest = mix(mix(this.#digest, this.#steps.numberOf(starter)), said);
    this.#digest = mix(mix(digest, timeWords[0]!), timeWords[1]!);
    this.#log?.push(starter);
    this.#log?.push(place);
    this.#schedule?.push(activities.enabledBefore(starter) + place);
  }

  /** What the digest has of a step: its place among those that are not drawn, or -1 less the thing that it was drawn for. */
  #drawnOrPlace(starter: number, list: number, at: number): number {
    const { data } = this.#steps.pool;
    const { data: timed } = this.#steps.clocks.timed;
    const isDrawn = (step: number) => (timed[data[step + TIMED_STEP]! + TRAIT]! & IS_DRAWN) !== 0;
    if (isDrawn(at)) return -1 - this.#activities.draws.current(starter, timed[data[at + TIMED_STEP]! + DRAW]!);
    let place = 0;
    for (let step = list + LIST_WORDS; step < at; step += STEP_WORDS) if (!isDrawn(step)) place++;
    return place;
  }

  /** What a step has changed, and what it arms and sends; and what is measured of it. */
  #change(): void {
    const { changes } = this.#steps;
    const { now } = this.#activities.work;
    const { isGauged } = this.#measures;
    for (let at = 0; at < changes.count; at++) {
      const column = changes.columns[at]!;
      const slot = changes.slots[at]!;
      if (isGauged[column] !== 0) this.#measures.move(column, changes.before[at]!, changes.after[at]!, now);
      this.#activities.changed(slot, column);
      this.#judge.touch(slot);
    }
    this.#judge.settle(now, this.#stepCount);
    this.#apply(changes.effects, changes.effectsAt, changes.effectCount);
    this.#measures.apply(changes.operations, changes.operationsAt, changes.operationCount, now);
  }

  #apply(effects: Int32Array, at: number, count: number): void {
    const activities = this.#activities;
    const { lines } = activities;
    const { streams, now } = activities.work;
    for (let left = count, word = at; left > 0; left--, word += EFFECT_WORDS) {
      const kind = effects[word]!;
      const one = effects[word + 1]!;
      const two = effects[word + 2]!;
      const three = effects[word + 3]!;
      if (kind === ARM) activities.arm(one, two, three);
      else if (kind === LEAVE) lines.leave(one, two);
      else lines.send(one, three, this.#steps.transits[two]!, streams, now);
    }
  }
}

/** Alike actors are timed alike. */
function requireWholeFamilies({ actors = {}, resources = {} }: Timing, gauged: GaugedThings): void {
  const keepers = Object.values(resources).map(({ keeps }) => (typeof keeps === 'object' ? keeps : {}));
  for (const pattern of [actors, ...keepers].flatMap((byActor) => Object.keys(byActor))) {
    for (const { names } of gauged.actors) {
      const named = names.filter((name) => isNamedBy(pattern, name)).length;
      if (named > 0 && named < names.length) throw onlySome('timing', pattern);
    }
  }
}

/** The bits of a time. */
const time = new Float64Array(1);
const timeWords = new Int32Array(time.buffer);

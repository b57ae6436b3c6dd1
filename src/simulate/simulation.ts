/**
 * The loop: what happens first of all that is pending, what of that is changed by it, and so on. A generalised semi-Markov process whose
 * states are those of the untimed system, and whose events are its enabled steps; `docs/timing.md` has the rules, in the same words.
 *
 * The invariant: between two steps, a clock is running, or waits for something, exactly when its step is enabled and has not lost a
 * draw by weight (`activities.ts`). So what happens is always an enabled step, and a run is a schedule of the untimed system.
 */
import type { System } from '../system/system.ts';
import type { MeasureDefinition, Timing } from '../system/timing.ts';
import { mix } from '../tabulate/digest.ts';
import { Ints } from '../tabulate/ints.ts';
import { DUPLICATE, LOSE, Tables } from '../tabulate/tables.ts';
import { Activities } from './activities.ts';
import { COST, ENTRY, HELD, KIND, MESSAGE, PERFORMER, PHASE, STARTER, TAIL, WAITING } from './clocks.ts';
import { Costs, NONE } from './costs.ts';
import { digestOf } from './follow.ts';
import { Judge } from './judge.ts';
import { Measures } from './measures.ts';
import { checkOptions, type Run, type RunOptions, requireRest, timeStandsStill } from './run.ts';
import { StepTimes } from './step-times.ts';
import { ARM, CLOCK, DELTA, EFFECT_WORDS, EXTRAS, LEAVE, MACHINE_STEPS, STEP_WORDS } from './step-words.ts';
import { TimedSteps } from './timed-steps.ts';

/** Steps at one moment before it counts as a time that stands still. */
const STEPS_AT_ONCE = 1_000_000;

export class Simulation {
  readonly tables: Tables;
  readonly #costs: Costs;
  readonly #measures: Measures;
  readonly #steps: TimedSteps;
  readonly #activities: Activities;
  readonly #judge: Judge;
  #state: Int32Array = new Int32Array(0);
  #stepCount = 0;
  #machineSteps = 0;
  #digest = 0;
  #schedule: number[] | undefined;
  #log: Ints | undefined;

  /** @throws ModelError `bad-definition` for what is wrong with the timing or the measures */
  constructor(system: System, timing: Timing, measures: MeasureDefinition = {}) {
    this.tables = new Tables(system);
    this.#costs = new Costs(system, timing);
    this.#measures = new Measures(this.tables, measures);
    this.#steps = new TimedSteps(this.tables, this.#costs, this.#measures);
    this.#activities = new Activities(this.tables, this.#costs, this.#steps);
    this.#judge = new Judge(this.tables);
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
    // What is enabled from the beginning counts.
    this.#activities.times = options.timeline ? new StepTimes() : undefined;
    this.#start(seed, way);
    this.#schedule = options.schedule ? [] : undefined;
    this.#log = options.log || options.timeline ? new Ints() : undefined;
    const activities = this.#activities;

    const { heap } = activities;
    let isWarm = false;
    const warm = () => {
      this.#measures.restart(warmUp);
      activities.pools.restart(warmUp);
      isWarm = true;
    };
    let stepsBefore = 0;
    while (heap.size > 0 && this.#stepCount < steps) {
      const at = heap.firstTime;
      if (at > time) break;
      if (!isWarm && at >= warmUp) warm();
      if (at > activities.now) stepsBefore = this.#stepCount;
      else if (this.#stepCount - stepsBefore > STEPS_AT_ONCE) throw timeStandsStill(at, STEPS_AT_ONCE);
      activities.now = at;
      this.#handle(heap.takeFirst());
    }
    const isDone = heap.size === 0 && this.#stepCount < steps;
    if (isDone) requireRest(this.tables, this.#state, activities.now);
    const ended = isDone ? 'at rest' : this.#stepCount < steps ? 'time' : 'steps';
    const end = ended === 'time' ? time : activities.now;
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
      resources: activities.pools.read(end),
      ...(this.#judge.violated && { violated: this.#judge.violated }),
      unused: this.#costs.unused,
      digest: this.#digest >>> 0,
      ...(this.#schedule && { schedule: `${way === 0 ? '' : `${way}@`}${this.#schedule.join('/')}` }),
      ...(this.#log && {
        log: { steps: this.#log.data.slice(0, this.#log.length), end: digestOf(this.tables, this.#state) },
      }),
      ...(activities.times && { timeline: activities.times.taken() }),
    };
  }

  #start(seed: number, way: number): void {
    const { state, effects } = this.#steps.start(way);
    this.#state = state.slice();
    [this.#stepCount, this.#machineSteps, this.#digest] = [0, 0, 0];
    this.#activities.start(this.#state, seed);
    this.#measures.start(state);
    this.#judge.start(state);
    for (let slot = 0; slot < state.length; slot++) this.#activities.changed(slot);
    this.#apply(effects, 0, effects.length / EFFECT_WORDS);
    this.#activities.lookAround();
  }

  /** What is pending with the earliest time: it has come. */
  #handle(clock: number): void {
    const { clocks } = this.#steps;
    const phase = clocks.words[clock + PHASE];
    if (phase === WAITING) this.#activities.request(clock);
    else if (phase === TAIL) {
      const { resource } = this.#costs.costs[clocks.words[clock + COST]!]!;
      clocks.free(clock);
      this.#activities.giveBack(resource);
    } else this.#fire(clock);
  }

  /** A step happens. */
  #fire(clock: number): void {
    const { words } = this.#steps.clocks;
    const activities = this.#activities;
    const { resource, atStart } = this.#costs.costs[words[clock + COST]!]!;
    const starter = words[clock + STARTER]!;
    const at = words[clock + HELD]! >= 0 ? this.#fateOf(clock) : words[clock + ENTRY]!;
    activities.taken(clock);
    activities.times?.happens(clock, activities.now);
    this.#note(starter, at);
    if (atStart) activities.goOn(clock);
    this.#change(at);
    if (resource !== NONE && !atStart) activities.release(resource, words[clock + PERFORMER]!);
    activities.lookAround();
  }

  /** Whether a delivery is one, or the message is lost, or stays: decided when it is due. */
  #fateOf(clock: number): number {
    const { words } = this.#steps.clocks;
    const { lines, streams } = this.#activities;
    const starter = words[clock + STARTER]!;
    const at = words[clock + ENTRY]!;
    const link = lines.linkOf(starter);
    if (!link) return at;
    const { loses = 0, duplicates = 0 } = link.timing;
    if (loses === 0 && duplicates === 0) return at;
    const drawn = streams.uniform(link.fateStream);
    const kind = drawn < loses ? LOSE : drawn < loses + (1 - loses) * duplicates ? DUPLICATE : NONE;
    if (kind === NONE) return at;
    const { data } = this.#steps.trees.pool;
    const list = this.#activities.listOf(starter);
    for (let left = data[list]!, other = list + 1; left > 0; left--, other += STEP_WORDS) {
      const candidate = data[other + CLOCK]!;
      if (words[candidate + KIND] !== kind || words[candidate + HELD] !== words[clock + HELD]) continue;
      if (kind === LOSE || words[candidate + MESSAGE] === words[clock + MESSAGE]) return other;
    }
    return at;
  }

  #note(starter: number, at: number): void {
    const { data } = this.#steps.trees.pool;
    const activities = this.#activities;
    const place = (at - activities.listOf(starter) - 1) / STEP_WORDS;
    this.#stepCount++;
    this.#machineSteps += data[at + MACHINE_STEPS]!;
    time[0] = activities.now;
    this.#digest = mix(mix(mix(mix(this.#digest, starter), place), timeWords[0]!), timeWords[1]!);
    this.#log?.push(starter);
    this.#log?.push(place);
    this.#schedule?.push(activities.enabledBefore(starter) + place);
  }

  /** Carries out a step: the state, what is armed and sent, what is measured. */
  #change(at: number): void {
    const { data } = this.#steps.trees.pool;
    const state = this.#state;
    const { now } = this.#activities;
    const { isGauged } = this.#measures;
    const delta = data[at + DELTA]!;
    for (let left = data[delta]!, word = delta + 1; left > 0; left--, word += 2) {
      const slot = data[word]!;
      const value = data[word + 1]!;
      if (isGauged[slot] !== 0) this.#measures.move(slot, state[slot]!, value, now);
      state[slot] = value;
      this.#activities.changed(slot);
      this.#judge.touch(slot);
    }
    this.#judge.settle(state, now, this.#stepCount);
    const extras = data[at + EXTRAS]!;
    if (extras === 0) return;
    const effects = data[extras]!;
    this.#apply(data, extras + 1, effects);
    const operations = extras + 1 + effects * EFFECT_WORDS;
    this.#measures.apply(data, operations + 1, data[operations]!, now);
  }

  #apply(effects: ArrayLike<number>, at: number, count: number): void {
    const activities = this.#activities;
    const { lines, streams, now } = activities;
    for (let left = count, word = at; left > 0; left--, word += EFFECT_WORDS) {
      const kind = effects[word]!;
      const one = effects[word + 1]!;
      const two = effects[word + 2]!;
      if (kind === ARM) activities.arm(one, two);
      else if (kind === LEAVE) lines.leave(one, two);
      else lines.send(one, this.#steps.transits[two]!, streams, now);
    }
  }
}

/** The bits of a time. */
const time = new Float64Array(1);
const timeWords = new Int32Array(time.buffer);

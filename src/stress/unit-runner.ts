/**
 * What a thread of a stress run does: it goes from unit to unit, lets the actors that are its own take steps, and ends the episodes
 * of those units that have had theirs. Which step comes next is drawn from the seed alone.
 */
import { mixed, Random } from '../tabulate/random.ts';
import { Episodes } from './episodes.ts';
import { episodeOf, PHASE, RUNNING, SEQUENCE, stateOf } from './layout.ts';
import { CLOSED, CONFLICT, DISABLED, DONE, FOUND, NONE } from './outcomes.ts';
import {
  ACTIVITY,
  FIRST_VISITED,
  FOUND_IN,
  type Mix,
  NAPPING,
  SAMPLE_VALUES,
  STEPS_DONE,
  STOP,
  stopThreads,
  TALLY_CONFLICTS,
  TALLY_DISABLED,
  TALLY_IDLE,
  TALLY_MACHINE_STEPS,
  TALLY_STEPS,
  type ThreadJob,
} from './run-shape.ts';
import { Runtime, type StepObserver } from './runtime.ts';
import { type Filler, UNWATCHED } from './shared-tables.ts';
import { Starters } from './starters.ts';
import { NOTE_WORDS } from './transaction.ts';

/** Steps in one unit before the thread goes on to another. */
const VISIT_STEPS = 192;
/** Tries without a step after which a unit has nothing for this thread at the moment. */
const TRIES_PER_STARTER = 2;
/** With placement `mixed`, each thread runs one side only of so many units. */
const SPLIT_EVERY = 8;
/** Of all starters, this share is starved. */
const STARVED = 0.4;
/** Sampled predicates are looked at after so many steps. */
const SAMPLE_EVERY = 128;
/** After so many episodes without a step there will be none. */
const BARREN_MAX = 256;
/** Of one unit. */
const STARTERS_MAX = 1024;
/** An idle thread looks again after so long, ms. */
const IDLE_WAIT = 2;
const CHANGE_POINTS = 8;

export class UnitRunner {
  readonly #job: ThreadJob;
  readonly #runtime: Runtime;
  readonly #random: Random;
  readonly #starters: Starters;
  readonly #episodes: Episodes;
  readonly #pressure: ReadonlySet<number>;
  /** By the unit's number modulo that of threads: neighbours are of one kind, devices first, so each thread has one side of a unit. */
  readonly #mine: readonly (readonly number[])[];
  /** By how many starters there are: the steps by which one gets round to all of them. */
  readonly #strides: readonly (readonly number[])[];
  readonly #order = new Int32Array(STARTERS_MAX);
  readonly #ranks = new Float64Array(STARTERS_MAX);
  /** By unit and starter. */
  readonly #notes: Int32Array;
  #idleVisits = 0;
  #stepsToSample = 0;
  #disabled = 0;

  constructor(job: ThreadJob, filler: Filler, observer?: StepObserver) {
    this.#job = job;
    this.#random = new Random(job.seed, job.thread);
    this.#runtime = new Runtime({ ...job, filler, random: this.#random, observer });
    this.#starters = new Starters(job.layout.kinds, this.#runtime, this.#random);
    this.#episodes = new Episodes(job, this.#runtime, this.#starters, this.#random, observer);
    this.#pressure = new Set(job.pressure);
    const { kinds } = this.#starters;
    const count = kinds.length;
    const { thread, threads } = job;
    this.#mine = Array.from({ length: threads }, (_, unit) =>
      kinds.filter((__, at) => (Math.floor((at * threads) / count) + unit) % threads === thread),
    );
    this.#strides = Array.from({ length: count + 1 }, (_, size) =>
      Array.from({ length: size }, (__, at) => at + 1).filter((stride) => gcd(stride, size) === 1),
    );
    this.#notes = new Int32Array(job.units * count * NOTE_WORDS);
  }

  /** Runs until it is told to stop, or has made its steps. */
  run(): void {
    while (this.turn());
  }

  /** Goes to one unit; false when it has been told to stop, or has made its steps. */
  turn(): boolean {
    const { control, units, steps } = this.#job;
    const left = steps - Atomics.load(control, STEPS_DONE);
    if (Atomics.load(control, STOP) !== 0 || left <= 0) return false;
    if (this.#episodes.barren > BARREN_MAX) {
      // A system that can do nothing will not do its steps either.
      this.stop();
      return false;
    }
    const before = this.#runtime.steps;
    this.visit(this.#random.below(units), Math.min(VISIT_STEPS, left));
    if (steps < Number.POSITIVE_INFINITY) Atomics.add(control, STEPS_DONE, this.#runtime.steps - before);
    this.#tell();
    if (this.#idleVisits > 4 * units) {
      // Nothing to do anywhere: it sleeps until another thread has done something.
      this.#job.tally[TALLY_IDLE]!++;
      Atomics.add(control, NAPPING, 1);
      Atomics.wait(control, ACTIVITY, Atomics.load(control, ACTIVITY), IDLE_WAIT);
      Atomics.sub(control, NAPPING, 1);
      this.#idleVisits = 0;
    }
    return true;
  }

  /** Has all threads stop. */
  stop(): void {
    stopThreads(this.#job.control);
  }

  #tell(): void {
    const { tally } = this.#job;
    tally[TALLY_STEPS] = this.#runtime.steps;
    tally[TALLY_MACHINE_STEPS] = this.#runtime.machineSteps;
    tally[TALLY_CONFLICTS] = this.#runtime.conflicts;
    tally[TALLY_DISABLED] = this.#disabled;
  }

  /** Lets the actors of a unit that are this thread's take some steps. */
  visit(unit: number, stepsMax: number): void {
    const { control, thread } = this.#job;
    Atomics.store(control, FIRST_VISITED + thread, unit + 1);
    this.#visit(unit, stepsMax);
    Atomics.store(control, FIRST_VISITED + thread, 0);
  }

  #visit(unit: number, stepsMax: number): void {
    const runtime = this.#runtime;
    runtime.unit.enter(unit);
    const phase = runtime.unit.header(PHASE);
    if (stateOf(phase) !== RUNNING) {
      this.#idleVisits++;
      return;
    }
    const left = this.#job.episode - this.#job.drainMax - runtime.unit.header(SEQUENCE);
    if (left <= 0) {
      this.#end(unit, phase);
      return;
    }
    // The log has no room for more; what threads do at the same time is found room for at the end.
    const most = Math.min(stepsMax, left);
    const before = runtime.steps;
    const mix = this.#mixOf(unit, phase);
    const from = runtime.unit.header(SEQUENCE);
    const pressure = mix === 'storm' ? 1 : mix === 'pressure' ? ((from >> 7) & 1 ? 1 : -1) : 0;
    const mine = this.#mineIn(unit);
    const count = mine.length;
    const notes = unit * this.#starters.kinds.length * NOTE_WORDS;
    if (mix === 'priorities' || mix === 'starvation') this.#rank(unit, phase, mine);
    let last = -1;
    let outcome = NONE;
    // A step, or nothing twice over from each of them: then others have to go on first.
    for (let going = count > 0; going && runtime.steps - before < most; ) {
      const first = this.#random.below(count);
      const stride = this.#strides[count]![this.#random.below(this.#strides[count]!.length)]!;
      going = false;
      for (let tries = 0; tries < TRIES_PER_STARTER * count && !going; tries++) {
        let at = mix === 'priorities' ? this.#order[tries % count]! : (first + tries * stride) % count;
        if (mix === 'bursts' && last >= 0 && tries === 0 && this.#random.below(16) !== 0) at = last;
        else if (mix === 'starvation' && this.#ranks[at]! < STARVED && this.#random.below(64) !== 0) continue;
        else if (pressure > 0 && tries === 0 && this.#random.below(3) === 0) at = this.#anyPressure(mine, at);
        if (runtime.isAsNoted(this.#notes, notes + at * NOTE_WORDS)) continue;
        outcome = this.#starters.tryAny(mine[at]!, phase, false, pressure);
        if (outcome === DONE) {
          going = true;
          last = at;
        } else if (outcome === NONE || outcome === DISABLED) {
          if (outcome === DISABLED) this.#disabled++;
          runtime.note(this.#notes, notes + at * NOTE_WORDS);
        } else if (outcome !== CONFLICT) {
          break;
        }
      }
      if (outcome === FOUND || outcome === CLOSED) break;
    }
    if (outcome === FOUND) this.#report(unit);
    const done = runtime.steps - before;
    if (done > 0) {
      this.#idleVisits = 0;
      this.#stepsToSample -= done;
      const { control } = this.#job;
      if (Atomics.load(control, NAPPING) > 0) {
        Atomics.add(control, ACTIVITY, 1);
        Atomics.notify(control, ACTIVITY);
      }
    } else {
      this.#idleVisits++;
      // A starved one may well have something to do.
      const { thread, threads } = this.#job;
      if (!this.#isSplit(unit) || runtime.unit.isIdleEverywhere(thread, threads)) this.#end(unit, phase);
    }
    if (this.#stepsToSample < 0) {
      this.#stepsToSample = SAMPLE_EVERY;
      this.#sample(phase);
    }
  }

  /** The starters of a unit that are this thread's. */
  #mineIn(unit: number): readonly number[] {
    return this.#isSplit(unit) ? this.#mine[unit % this.#job.threads]! : this.#starters.kinds;
  }

  /** Whether each thread runs some actors of a unit only. */
  #isSplit(unit: number): boolean {
    const { threads, placement } = this.#job;
    return threads > 1 && (placement === 'sides' || (placement === 'mixed' && unit % SPLIT_EVERY === 0));
  }

  /** How important each of them is in this part of the episode, and their order by that. */
  #rank(unit: number, phase: number, mine: readonly number[]): void {
    const { seed, episode } = this.#job;
    const change = Math.floor((this.#runtime.unit.header(SEQUENCE) * CHANGE_POINTS) / episode);
    const part = mixed(seed ^ mixed(unit * 1009 + episodeOf(phase)) ^ (change * 0x632be5ab));
    for (let at = 0; at < mine.length; at++) {
      const rank = (mixed(part + mine[at]! * 0x3c6ef372) >>> 8) / 2 ** 24;
      this.#ranks[at] = rank;
      let place = at;
      while (place > 0 && this.#ranks[this.#order[place - 1]!]! < rank) this.#order[place] = this.#order[--place]!;
      this.#order[place] = at;
    }
  }

  #mixOf(unit: number, phase: number): Mix {
    const { mix, seed } = this.#job;
    if (mix !== 'all') return mix;
    const drawn = mixed(mixed(seed + unit * 31) ^ episodeOf(phase)) >>> 1;
    return DRAWN[drawn % DRAWN.length]!;
  }

  #anyPressure(mine: readonly number[], otherwise: number): number {
    const start = this.#random.below(mine.length);
    for (let i = 0; i < mine.length; i++) {
      const at = (start + i) % mine.length;
      if (this.#pressure.has(mine[at]!)) return at;
    }
    return otherwise;
  }

  #end(unit: number, phase: number): void {
    const outcome = this.#episodes.end(phase);
    if (outcome === FOUND) this.#report(unit);
    else if (outcome === DONE) this.#idleVisits = 0;
  }

  #report(unit: number): void {
    const { control } = this.#job;
    Atomics.compareExchange(control, FOUND_IN, 0, unit + 1);
    this.stop();
  }

  #sample(phase: number): void {
    const { predicates, firstSampled, samples } = this.#job;
    for (let predicate = firstSampled; predicate < predicates.length; predicate++) {
      const thing = predicates[predicate]!.isFamily ? this.#runtime.recent.draw() : -1;
      const value = this.#runtime.sample(predicate, thing, phase);
      if (value < 0 || value === UNWATCHED) continue;
      samples[(predicate - firstSampled) * SAMPLE_VALUES + Math.min(value, SAMPLE_VALUES - 1)]!++;
    }
  }
}

function gcd(one: number, other: number): number {
  return other === 0 ? one : gcd(other, one % other);
}

const DRAWN = ['random', 'priorities', 'starvation', 'bursts', 'pressure', 'storm'] as const;

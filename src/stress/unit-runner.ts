/**
 * What a thread of a stress run does: it goes from unit to unit, lets the actors that are its own take steps, and ends the episodes
 * of those units that have had theirs. Which step comes next is drawn from the seed alone.
 */
import {
  DRAINING,
  FIRST_THING,
  type Kind,
  LENGTH,
  PHASE,
  PHASE_BITS,
  RECENT_COUNT,
  RUNNING,
  SEQUENCE,
  STATE,
  TOUCHED_COUNT,
  VERSION,
} from './layout.ts';
import { mixed, Random } from './random.ts';
import {
  ACTIVITY,
  EPISODES,
  FIRST_VISITED,
  FOUND_IN,
  LONGEST_DRAIN,
  type Mix,
  NAPPING,
  SAMPLE_VALUES,
  STEPS_DONE,
  STOP,
  TALLY_CONFLICTS,
  TALLY_DISABLED,
  TALLY_IDLE,
  TALLY_MACHINE_STEPS,
  TALLY_STEPS,
  type ThreadJob,
} from './run-shape.ts';
import {
  CLOSED,
  CONFLICT,
  DEAD_END,
  DELIVERY,
  DISABLED,
  DONE,
  DUPLICATION,
  FIRST_MONITOR,
  type Filler,
  FOUND,
  LOG_WORDS,
  LOSS,
  NONE,
  NOT_QUIET,
  NOTE_WORDS,
  Runtime,
  type StepObserver,
  UNBALANCED,
  UNWATCHED,
} from './runtime.ts';
import { AT_REST, HOT } from './shared-tables.ts';

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
/** Of one unit. */
const STARTERS_MAX = 1024;
/** An idle thread looks again after so long, ms. */
const IDLE_WAIT = 2;
const CHANGE_POINTS = 8;

export class UnitRunner {
  readonly #job: ThreadJob;
  readonly #observer: StepObserver | undefined;
  readonly #runtime: Runtime;
  readonly #random: Random;
  readonly #starters: readonly number[];
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
    this.#observer = observer;
    this.#random = new Random(job.seed, job.thread);
    this.#runtime = new Runtime({ ...job, filler, random: this.#random, observer });
    this.#starters = job.layout.kinds.flatMap(({ starts }, kind) => (starts ? [kind] : []));
    this.#pressure = new Set(job.pressure);
    const count = this.#starters.length;
    const { thread, threads } = job;
    this.#mine = Array.from({ length: threads }, (_, unit) =>
      this.#starters.filter((__, at) => (Math.floor((at * threads) / count) + unit) % threads === thread),
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
    const { control } = this.#job;
    Atomics.store(control, STOP, 1);
    Atomics.add(control, ACTIVITY, 1);
    Atomics.notify(control, ACTIVITY);
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
    runtime.enter(unit);
    const phase = runtime.header(PHASE);
    if ((phase & ((1 << PHASE_BITS) - 1)) !== RUNNING) {
      this.#idleVisits++;
      return;
    }
    const left = this.#job.episode - this.#job.drainMax - runtime.header(SEQUENCE);
    if (left <= 0) {
      this.#end(unit, phase);
      return;
    }
    // The log has no room for more; what threads do at the same time is found room for at the end.
    const most = Math.min(stepsMax, left);
    const before = runtime.steps;
    const mix = this.#mixOf(unit, phase);
    const from = runtime.header(SEQUENCE);
    const pressure = mix === 'storm' ? 1 : mix === 'pressure' ? ((from >> 7) & 1 ? 1 : -1) : 0;
    const mine = this.#mineIn(unit);
    const count = mine.length;
    const notes = unit * this.#starters.length * NOTE_WORDS;
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
        outcome = this.#startOf(mine[at]!, phase, false, pressure);
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
      if (!this.#isSplit(unit) || runtime.isIdleEverywhere(thread, threads)) this.#end(unit, phase);
    }
    if (this.#stepsToSample < 0) {
      this.#stepsToSample = SAMPLE_EVERY;
      this.#sample(phase);
    }
  }

  /** The starters of a unit that are this thread's. */
  #mineIn(unit: number): readonly number[] {
    return this.#isSplit(unit) ? this.#mine[unit % this.#job.threads]! : this.#starters;
  }

  /** Whether each thread runs some actors of a unit only. */
  #isSplit(unit: number): boolean {
    const { threads, placement } = this.#job;
    return threads > 1 && (placement === 'sides' || (placement === 'mixed' && unit % SPLIT_EVERY === 0));
  }

  /** How important each of them is in this part of the episode, and their order by that. */
  #rank(unit: number, phase: number, mine: readonly number[]): void {
    const { seed, episode } = this.#job;
    const change = Math.floor((this.#runtime.header(SEQUENCE) * CHANGE_POINTS) / episode);
    const part = mixed(seed ^ mixed(unit * 1009 + (phase >> PHASE_BITS)) ^ (change * 0x632be5ab));
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
    const drawn = mixed(mixed(seed + unit * 31) ^ (phase >> PHASE_BITS)) >>> 1;
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

  #startOf(kind: number, phase: number, isDraining: boolean, pressure: number): number {
    const { sort, isLossy, isDuplicating } = this.#kind(kind);
    const pick = this.#random.next() >>> 1;
    if (sort === 'channel') {
      const odd = !isDraining && (isLossy || isDuplicating) && this.#random.below(8) === 0;
      const how = !odd ? DELIVERY : isLossy && (!isDuplicating || (pick & 1) !== 0) ? LOSS : DUPLICATION;
      return this.#runtime.deliver(kind, pick, how, phase);
    }
    const member = sort === 'family' ? this.#runtime.drawThing() : 0;
    return this.#runtime.start(kind, member, pick, phase, isDraining, pressure);
  }

  #kind(kind: number): Kind {
    return this.#job.layout.kinds[kind]!;
  }

  // --- the end of an episode ---

  /**
   * Ends the episode of a unit: what is in flight is brought to its end, with nothing new; then the books must close, and the
   * unit starts again. Other threads leave the unit alone meanwhile.
   */
  #end(unit: number, phase: number): void {
    const runtime = this.#runtime;
    const draining = (phase & ~((1 << PHASE_BITS) - 1)) | DRAINING;
    if (!runtime.changePhase(phase, draining)) return;
    if (!this.#waitForOthers(unit)) return;
    const from = runtime.header(SEQUENCE);
    const isQuiet = this.#drain(unit, draining);
    if (isQuiet === undefined) return;
    const steps = runtime.header(SEQUENCE) - from;
    const { control } = this.#job;
    if (steps > Atomics.load(control, LONGEST_DRAIN)) Atomics.store(control, LONGEST_DRAIN, steps);
    const finding = isQuiet ? this.#imbalance() : this.#goOn(unit, draining);
    if (finding === undefined) return;
    if (finding !== 0) {
      runtime.stop(finding);
      this.#report(unit);
      return;
    }
    this.#observer?.ending(unit);
    this.#restart(unit, draining);
    Atomics.add(control, EPISODES, 1);
    this.#idleVisits = 0;
  }

  /** Until no other thread is in the middle of a step of this unit; none begins one that counts. False when the run is stopped. */
  #waitForOthers(unit: number): boolean {
    const { control, thread, threads } = this.#job;
    for (let other = 0; other < threads; other++) {
      while (other !== thread && Atomics.load(control, FIRST_VISITED + other) === unit + 1) {
        if (Atomics.load(control, STOP) !== 0) return false;
        Atomics.wait(control, FIRST_VISITED + other, unit + 1, 1);
      }
    }
    return true;
  }

  /** Whether everything came to rest; undefined when a violation was found on the way. */
  #drain(unit: number, phase: number): boolean | undefined {
    for (let steps = 0; steps < this.#job.drainMax / 2; ) {
      let done = 0;
      const count = this.#starters.length;
      const first = this.#random.below(count);
      for (let i = 0; i < count; i++) {
        const kind = this.#starters[(first + i) % count]!;
        for (const member of this.#membersOf(kind)) {
          for (;;) {
            const outcome = this.#tryAll(kind, member, phase, true);
            if (outcome === FOUND) {
              this.#report(unit);
              return undefined;
            }
            if (outcome === CLOSED) return undefined;
            if (outcome !== DONE) break;
            done++;
            // Threads take turns, so that none is waited for by one that goes round and round.
            if (this.#random.below(4) === 0) break;
          }
        }
      }
      steps += done;
      if (done === 0) return this.#isAtRest();
    }
    return false;
  }

  /** All of the options are tried before a starter counts as having nothing to do. */
  #tryAll(kind: number, member: number, phase: number, isDraining: boolean): number {
    const runtime = this.#runtime;
    const isChannel = this.#kind(kind).sort === 'channel';
    const first = this.#random.next() >>> 1;
    let outcome = NONE;
    let tries = 0;
    do {
      outcome = isChannel
        ? runtime.deliver(kind, first + tries, DELIVERY, phase)
        : runtime.start(kind, member, first + tries, phase, isDraining, 0);
    } while ((outcome === DISABLED || outcome === CONFLICT) && ++tries < runtime.offered);
    return outcome;
  }

  #membersOf(kind: number): Iterable<number> {
    return this.#kind(kind).sort === 'family' ? this.#touched() : ONE;
  }

  #touched(): number[] {
    const { layout, memory } = this.#job;
    const base = this.#base();
    const count = Math.min(layout.touchedMax, memory[base + TOUCHED_COUNT]!);
    return Array.from(memory.subarray(base + layout.touched, base + layout.touched + count));
  }

  #isAtRest(): boolean {
    const { layout, memory } = this.#job;
    const runtime = this.#runtime;
    return layout.kinds.every(({ sort, offset }, kind) => {
      if (sort === 'monitor') return true;
      if (sort === 'channel') return memory[this.#base() + offset + LENGTH] === 0;
      const members = sort === 'family' ? this.#touched() : ONE;
      return members.every((member) => (runtime.flags(runtime.peek(kind, member)) & AT_REST) !== 0);
    });
  }

  /** Something is left that cannot end by itself. Whether anything at all can still happen says what to call it. */
  #goOn(unit: number, phase: number): number | undefined {
    if (!this.#job.deadlockIsViolation) return 0;
    let failures = 0;
    const tries = this.#starters.length * 64;
    for (let steps = 0; steps < this.#job.drainMax / 4; ) {
      const isStuck = failures > tries;
      const outcome = isStuck
        ? this.#anyStep(phase)
        : this.#startOf(this.#starters[this.#random.below(this.#starters.length)]!, phase, false, 0);
      if (outcome === FOUND) {
        this.#report(unit);
        return undefined;
      }
      if (outcome === CLOSED) return undefined;
      if (outcome === DONE) {
        steps++;
        failures = 0;
      } else if (isStuck) return this.#isAtRest() ? this.#imbalance() : DEAD_END;
      else failures++;
    }
    return NOT_QUIET;
  }

  /** Tries all starters, one after the other, until one takes a step. */
  #anyStep(phase: number): number {
    for (const kind of this.#starters) {
      // The members that the episode has not touched are all alike.
      const members = this.#kind(kind).sort === 'family' ? [...this.#touched(), ...this.#untouched(phase)] : ONE;
      for (const member of members) {
        const outcome = this.#tryAll(kind, member, phase, false);
        if (outcome === DONE || outcome === FOUND || outcome === CLOSED) return outcome;
      }
    }
    return NONE;
  }

  /** One of them, if there is one. */
  #untouched(phase: number): number[] {
    const { layout, memory } = this.#job;
    const marks = memory.subarray(this.#base() + layout.marks, this.#base() + layout.marks + layout.population);
    const thing = marks.findIndex((episode) => episode !== (phase >> PHASE_BITS) + 1);
    return thing < 0 ? [] : [thing];
  }

  /** At rest: 0, or what is wrong with the books or the monitors. */
  #imbalance(): number {
    const { balances, hotMonitors } = this.#job;
    const runtime = this.#runtime;
    const sum = (counters: readonly number[]) =>
      counters.reduce((total, counter) => total + runtime.counter(counter), 0);
    const at = balances.findIndex(({ left, right }) => sum(left) !== sum(right));
    if (at >= 0) return UNBALANCED - 100 * at;
    const hot = hotMonitors.find((kind) => (runtime.flags(runtime.peek(kind, 0)) & HOT) !== 0);
    return hot === undefined ? 0 : FIRST_MONITOR + hot;
  }

  /** Puts the unit back to its start. */
  #restart(unit: number, phase: number): void {
    const { layout, memory, log, episode, initial } = this.#job;
    const base = this.#base();
    const touched = Math.min(layout.touchedMax, memory[base + TOUCHED_COUNT]!);
    layout.kinds.forEach(({ sort, offset, stride }, kind) => {
      const members = sort === 'family' ? touched : 1;
      for (let i = 0; i < members; i++) {
        const member = sort === 'family' ? memory[base + layout.touched + i]! : 0;
        const at = base + offset + member * stride;
        memory[at + STATE] = initial[kind] ?? 0;
        if (sort === 'family') memory[at + FIRST_THING] = member;
        Atomics.add(memory, at + VERSION, 2);
      }
    });
    const steps = Math.min(episode, memory[base + SEQUENCE]!);
    log.fill(0, unit * episode * LOG_WORDS, (unit * episode + steps) * LOG_WORDS);
    memory.fill(0, base + layout.counters, base + layout.unitWords);
    memory[base + TOUCHED_COUNT] = 0;
    memory[base + RECENT_COUNT] = 0;
    Atomics.store(memory, base + SEQUENCE, 0);
    const next = ((phase >> PHASE_BITS) + 1) << PHASE_BITS;
    Atomics.store(memory, base + PHASE, next | RUNNING);
  }

  #base(): number {
    return this.#runtime.base;
  }

  #report(unit: number): void {
    const { control } = this.#job;
    Atomics.compareExchange(control, FOUND_IN, 0, unit + 1);
    this.stop();
  }

  #sample(phase: number): void {
    const { predicates, firstSampled, samples } = this.#job;
    for (let predicate = firstSampled; predicate < predicates.length; predicate++) {
      const thing = predicates[predicate]!.isFamily ? this.#runtime.drawThing() : -1;
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
const ONE: readonly number[] = [0];

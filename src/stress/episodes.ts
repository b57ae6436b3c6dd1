/**
 * The end of a unit's episode: what is in flight is brought to its end, with nothing new; then the books must close, and the unit
 * starts again from the initial state. So the log of an episode is a complete run.
 */
import type { Random } from '../tabulate/random.ts';
import {
  DRAINING,
  episodeOf,
  FIRST_THING,
  IDLE_AT,
  PHASE,
  phaseOf,
  RECENT_COUNT,
  RUNNING,
  SEQUENCE,
  STATE,
  TOUCHED_COUNT,
  VERSION,
} from './layout.ts';
import { CLOSED, DEAD_END, DONE, FIRST_MONITOR, FOUND, LOG_WORDS, NONE, NOT_QUIET, UNBALANCED } from './outcomes.ts';
import { EPISODES, FIRST_VISITED, LONGEST_DRAIN, STOP, type ThreadJob } from './run-shape.ts';
import type { Runtime, StepObserver } from './runtime.ts';
import { HOT } from './shared-tables.ts';
import type { Starters } from './starters.ts';

export class Episodes {
  /** So many of the last ones, one after the other, had no step. */
  barren = 0;
  readonly #job: ThreadJob;
  readonly #runtime: Runtime;
  readonly #starters: Starters;
  readonly #random: Random;
  readonly #observer: StepObserver | undefined;

  constructor(job: ThreadJob, runtime: Runtime, starters: Starters, random: Random, observer?: StepObserver) {
    this.#job = job;
    this.#runtime = runtime;
    this.#starters = starters;
    this.#random = random;
    this.#observer = observer;
  }

  /**
   * Ends the episode of the unit at hand. Other threads leave it alone meanwhile.
   *
   * @param phase that it is in
   * @returns DONE when it has started again, FOUND when it is stopped, CLOSED when another thread ends it or the run is over
   */
  end(phase: number): number {
    const { unit } = this.#runtime;
    const draining = phaseOf(episodeOf(phase), DRAINING);
    if (!unit.changePhase(phase, draining) || !this.#waitForOthers(unit.number)) return CLOSED;
    const from = unit.header(SEQUENCE);
    const drained = this.#drain(draining);
    if (drained === FOUND || drained === CLOSED) return drained;
    const steps = unit.header(SEQUENCE) - from;
    this.barren = unit.header(SEQUENCE) === 0 ? this.barren + 1 : 0;
    const { control } = this.#job;
    if (steps > Atomics.load(control, LONGEST_DRAIN)) Atomics.store(control, LONGEST_DRAIN, steps);
    const outcome = drained === DONE ? this.#close() : this.#goOn(draining);
    if (outcome !== DONE) return outcome;
    this.#observer?.ending(unit.number);
    this.#restart(draining);
    Atomics.add(control, EPISODES, 1);
    return DONE;
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

  /** @returns DONE when everything has come to rest, NONE when something is left, or FOUND or CLOSED on the way */
  #drain(phase: number): number {
    const { kinds } = this.#starters;
    for (let steps = 0; steps < this.#job.drainMax / 2; ) {
      let done = 0;
      const first = this.#random.below(kinds.length);
      for (let i = 0; i < kinds.length; i++) {
        const kind = kinds[(first + i) % kinds.length]!;
        for (const member of this.#membersOf(kind)) {
          for (;;) {
            const outcome = this.#starters.tryAll(kind, member, phase, true);
            if (outcome === FOUND || outcome === CLOSED) return outcome;
            if (outcome !== DONE) break;
            done++;
            // Threads take turns, so that none is waited for by one that goes round and round.
            if (this.#random.below(4) === 0) break;
          }
        }
      }
      steps += done;
      if (done === 0) return this.#isAtRest() ? DONE : NONE;
    }
    return NONE;
  }

  #membersOf(kind: number): Iterable<number> {
    return this.#job.layout.kinds[kind]!.sort === 'family' ? this.#touched() : ONE;
  }

  #touched(): number[] {
    const { layout, memory } = this.#job;
    const base = this.#runtime.unit.base;
    const count = Math.min(layout.touchedMax, memory[base + TOUCHED_COUNT]!);
    return Array.from(memory.subarray(base + layout.touched, base + layout.touched + count));
  }

  #isAtRest(): boolean {
    return this.#runtime.isAtRest(this.#touched());
  }

  /** Something is left that cannot end by itself. Whether anything at all can still happen says what to call it. */
  #goOn(phase: number): number {
    if (!this.#job.deadlockIsViolation) return DONE;
    const { kinds } = this.#starters;
    let failures = 0;
    const tries = kinds.length * 64;
    for (let steps = 0; steps < this.#job.drainMax / 4; ) {
      const isStuck = failures > tries;
      const outcome = isStuck
        ? this.#anyStep(phase)
        : this.#starters.tryAny(kinds[this.#random.below(kinds.length)]!, phase, false, 0);
      if (outcome === FOUND || outcome === CLOSED) return outcome;
      if (outcome === DONE) {
        steps++;
        failures = 0;
      } else if (isStuck) return this.#isAtRest() ? this.#close() : this.#stop(DEAD_END);
      else failures++;
    }
    return this.#stop(NOT_QUIET);
  }

  /** Tries all starters, one after the other, until one takes a step. */
  #anyStep(phase: number): number {
    for (const kind of this.#starters.kinds) {
      // The members that the episode has not touched are all alike.
      const members =
        this.#job.layout.kinds[kind]!.sort === 'family' ? [...this.#touched(), ...this.#untouched(phase)] : ONE;
      for (const member of members) {
        const outcome = this.#starters.tryAll(kind, member, phase, false);
        if (outcome === DONE || outcome === FOUND || outcome === CLOSED) return outcome;
      }
    }
    return NONE;
  }

  /** One of them, if there is one. */
  #untouched(phase: number): number[] {
    const { layout, memory } = this.#job;
    const marks = memory.subarray(
      this.#runtime.unit.base + layout.marks,
      this.#runtime.unit.base + layout.marks + layout.population,
    );
    const thing = marks.findIndex((episode) => episode !== episodeOf(phase) + 1);
    return thing < 0 ? [] : [thing];
  }

  /** At rest: the books must close, and no monitor may wait for anything. */
  #close(): number {
    const finding = this.#imbalance();
    return finding === 0 ? DONE : this.#stop(finding);
  }

  #stop(finding: number): number {
    this.#runtime.unit.stop(finding);
    return FOUND;
  }

  /** At rest: 0, or what is wrong with the books or the monitors. */
  #imbalance(): number {
    const { balances, hotMonitors } = this.#job;
    const runtime = this.#runtime;
    const at = balances.findIndex(({ left, right }) => runtime.unit.sumOf(left) !== runtime.unit.sumOf(right));
    if (at >= 0) return UNBALANCED - 100 * at;
    const hot = hotMonitors.find((kind) => (runtime.flags.of(runtime.unit.peek(kind, 0)) & HOT) !== 0);
    return hot === undefined ? 0 : FIRST_MONITOR + hot;
  }

  /** Puts the unit back to its start. */
  #restart(phase: number): void {
    const { layout, memory, log, episode, initial } = this.#job;
    const { number: unit, base } = this.#runtime.unit;
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
    // Who had nothing to do in the last episode, at the same number of steps, may have something now.
    memory[base + IDLE_AT] = -1;
    Atomics.store(memory, base + SEQUENCE, 0);
    const next = phaseOf(episodeOf(phase) + 1, RUNNING);
    Atomics.store(memory, base + PHASE, next);
  }
}

const ONE: readonly number[] = [0];

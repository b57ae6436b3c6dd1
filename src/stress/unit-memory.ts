/**
 * The unit that a thread is at: where it starts in the shared memory, and what stands in its header and beside its slots.
 * Nothing here is part of a step; what steps read and write of slots goes through `transaction.ts`.
 */
import {
  episodeOf,
  FINDING,
  FINDING_AT,
  IDLE_AT,
  IDLE_THREADS,
  type Layout,
  PHASE,
  phaseOf,
  SEQUENCE,
  STATE,
  STOPPED,
} from './layout.ts';

export class UnitMemory {
  readonly memory: Int32Array;
  readonly layout: Layout;
  /** Its number, and where it starts in memory; written by `enter` only. */
  number = 0;
  base = 0;

  constructor(memory: Int32Array, layout: Layout) {
    this.memory = memory;
    this.layout = layout;
  }

  enter(unit: number): void {
    this.number = unit;
    this.base = unit * this.layout.unitWords;
  }

  header(word: number): number {
    return Atomics.load(this.memory, this.base + word);
  }

  /** The sum of some of its counters. */
  sumOf(counters: readonly number[]): number {
    const first = this.base + this.layout.counters;
    return counters.reduce((sum, counter) => sum + Atomics.load(this.memory, first + counter), 0);
  }

  /** The state of a slot, or the length of a channel. */
  peek(kind: number, member: number): number {
    const { offset, stride } = this.layout.kinds[kind]!;
    return this.memory[this.base + offset + member * stride + STATE]!;
  }

  /** @returns whether nobody else changed it meanwhile */
  changePhase(from: number, to: number): boolean {
    return Atomics.compareExchange(this.memory, this.base + PHASE, from, to) === from;
  }

  /** Stops it for what a step has found; of two threads that have found something, one tells. */
  stopAt(number: number, finding: number, phase: number): void {
    if (!this.changePhase(phase, phaseOf(episodeOf(phase), STOPPED))) return;
    this.memory[this.base + FINDING] = finding;
    this.memory[this.base + FINDING_AT] = number;
  }

  /** Stops it for something that is not a step's fault. */
  stop(finding: number): void {
    this.stopAt(this.header(SEQUENCE) - 1, finding, this.header(PHASE));
  }

  /** This thread has found nothing to do here; true when none has, since the last step. */
  isIdleEverywhere(thread: number, threads: number): boolean {
    const { memory, base } = this;
    const steps = Atomics.load(memory, base + SEQUENCE);
    if (Atomics.exchange(memory, base + IDLE_AT, steps) !== steps) Atomics.store(memory, base + IDLE_THREADS, 0);
    const idle = Atomics.or(memory, base + IDLE_THREADS, 1 << thread) | (1 << thread);
    return idle === 2 ** threads - 1 || (threads === 32 && idle === -1);
  }
}

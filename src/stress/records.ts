/**
 * What a step leaves behind beside its slots: its entry in the log, which things the episode has touched, how long states have lasted,
 * what has happened how often. It is written once nothing can keep the step from being done.
 */
import { episodeOf, FAMILY, type Layout, STATE, sortsOf, TOUCHED_COUNT } from './layout.ts';
import { HOW_BITS, LOG_WORDS } from './outcomes.ts';
import { FIRST_LATENCY, type SharedBuffers, type StateFlags } from './shared-tables.ts';
import type { Transaction } from './transaction.ts';
import type { UnitMemory } from './unit-memory.ts';

const MESSAGES_MAX = 10_000;
const COUNTED_MAX = 1024;
/** Buckets of a duration: powers of two. */
export const DURATION_BUCKETS = 24;
const LATENCY_SHIFT = Math.log2(FIRST_LATENCY);

export interface RecordsOptions {
  readonly unit: UnitMemory;
  readonly transaction: Transaction;
  readonly flags: StateFlags;
  readonly buffers: SharedBuffers;
  /** Per unit: `LOG_WORDS` for each step of an episode. */
  readonly log: Int32Array;
  readonly episode: number;
  /** What this thread has seen, by counter. */
  readonly seen: Float64Array;
  /** Per latency: `DURATION_BUCKETS`. */
  readonly durations: Float64Array;
}

export class Records {
  readonly #unit: UnitMemory;
  readonly #memory: Int32Array;
  readonly #layout: Layout;
  readonly #sort: Uint8Array;
  readonly #since: Int32Array;
  readonly #transaction: Transaction;
  readonly #flags: StateFlags;
  readonly #buffers: SharedBuffers;
  readonly #pool: Int32Array;
  readonly #log: Int32Array;
  readonly #episode: number;
  readonly #seen: Float64Array;
  readonly #durations: Float64Array;
  /** The effects of the step, `messages` of them. */
  readonly #effects = new Int32Array(MESSAGES_MAX + 1);
  readonly #counted = new Int32Array(COUNTED_MAX);
  #countedCount = 0;

  /** How many messages were taken in the step; others only read it. */
  messages = 0;

  constructor({ unit, transaction, flags, buffers, log, episode, seen, durations }: RecordsOptions) {
    this.#unit = unit;
    this.#memory = unit.memory;
    this.#layout = unit.layout;
    this.#sort = sortsOf(unit.layout.kinds);
    this.#since = Int32Array.from(unit.layout.kinds, ({ since }) => since);
    this.#transaction = transaction;
    this.#flags = flags;
    this.#buffers = buffers;
    this.#pool = buffers.pool;
    this.#log = log;
    this.#episode = episode;
    this.#seen = seen;
    this.#durations = durations;
  }

  begin(): void {
    this.messages = 0;
    this.#countedCount = 0;
  }

  /** A message was taken. @returns false when so many were that the step would never end */
  took(effect: number): boolean {
    this.#effects[this.messages] = effect;
    return ++this.messages <= MESSAGES_MAX;
  }

  /** @param list where the counters of a message that was taken stand in the pool */
  count(list: number): void {
    const pool = this.#pool;
    for (let i = pool[list]!; i > 0 && this.#countedCount < COUNTED_MAX; i--) {
      this.#counted[this.#countedCount++] = pool[list + i]!;
    }
  }

  /** Writes the step into the log, with the things of its message that stand in `stack` at `from`; beyond an episode there is no room. */
  write(number: number, how: number, kind: number, message: number, stack: Int32Array, from: number): void {
    if (number >= this.#episode) return;
    const entry = (this.#unit.number * this.#episode + number) * LOG_WORDS;
    const log = this.#log;
    const things = this.#buffers.messageThings[message]!;
    log[entry + 1] = message;
    for (let i = 0; i < things; i++) log[entry + 2 + i] = stack[from + i]!;
    log[entry] = ((kind << HOW_BITS) | how) + 1;
  }

  /** For the slots that the step has changed and locked. */
  markSlots(number: number): void {
    const { order, locked, kindOf, member, before, words, width } = this.#transaction;
    for (let i = 0; i < locked; i++) {
      const slot = order[i]!;
      const kind = kindOf[slot]!;
      if (this.#sort[kind] === FAMILY) this.#mark(member[slot]!);
      if (this.#since[kind] === 0) continue;
      const state = words[slot * width + STATE]!;
      if (before[slot] !== state) this.#measure(kind, member[slot]!, before[slot]!, state, number);
    }
  }

  /** Counts what the step has seen. */
  tell(): void {
    const { happened } = this.#buffers;
    const effects = this.#effects;
    // Looked at first: to write what is there already would take the line away from the other threads.
    for (let i = 0; i < this.messages; i++) if (happened[effects[i]!] === 0) happened[effects[i]!] = 1;
    const counters = this.#unit.base + this.#layout.counters;
    for (let i = 0; i < this.#countedCount; i++) {
      const counter = this.#counted[i]!;
      this.#seen[counter]!++;
      Atomics.add(this.#memory, counters + counter, 1);
    }
  }

  /** Notes that this episode has changed something of a thing. */
  #mark(thing: number): void {
    const { marks, touched, touchedMax } = this.#layout;
    const memory = this.#memory;
    const base = this.#unit.base;
    const episode = episodeOf(this.#transaction.phase) + 1;
    if (memory[base + marks + thing] === episode) return;
    if (Atomics.exchange(memory, base + marks + thing, episode) === episode) return;
    const place = Atomics.add(memory, base + TOUCHED_COUNT, 1);
    if (place < touchedMax) memory[base + touched + place] = thing;
  }

  /** The duration of a measured state, when a step enters or leaves it. */
  #measure(kind: number, member: number, from: number, to: number, number: number): void {
    const before = this.#flags.of(from) >> LATENCY_SHIFT;
    const after = this.#flags.of(to) >> LATENCY_SHIFT;
    if (before === after) return;
    const since = this.#unit.base + this.#since[kind]! + member;
    if (before !== 0) {
      const steps = number - this.#memory[since]!;
      const bucket = Math.min(DURATION_BUCKETS - 1, steps < 1 ? 0 : 32 - Math.clz32(steps));
      this.#durations[(31 - Math.clz32(before)) * DURATION_BUCKETS + bucket]!++;
    }
    if (after !== 0) this.#memory[since] = number;
  }
}

/** A step of a unit, as its log has it. */
export interface LoggedStep {
  readonly how: number;
  readonly kind: number;
  readonly message: number;
  /** Numbers of the population. */
  readonly things: readonly number[];
}

/**
 * The steps that a log holds, in the order of their numbers; numbers that no step got in the end are left out.
 *
 * @param from the place of the first, in steps
 */
export function readLog(log: Int32Array, from: number, count: number, messageThings: Int32Array): LoggedStep[] {
  const steps: LoggedStep[] = [];
  for (let at = from * LOG_WORDS; at < (from + count) * LOG_WORDS; at += LOG_WORDS) {
    const first = log[at]! - 1;
    if (first < 0) continue;
    const message = log[at + 1]!;
    const things = Array.from(log.subarray(at + 2, at + 2 + messageThings[message]!));
    steps.push({ how: first & ((1 << HOW_BITS) - 1), kind: first >> HOW_BITS, message, things });
  }
  return steps;
}

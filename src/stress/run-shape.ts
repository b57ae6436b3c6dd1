/** What the coordinator of a stress run and its threads have in common: plain data and shared memory. */

import type { Watched } from './judge.ts';
import type { Layout } from './layout.ts';
import type { SharedBuffers } from './shared-tables.ts';

/** How interleavings are chosen. */
export const MIXES = {
  all: 'each episode draws one of the others',
  random: 'every thread of execution that could go on is as likely as any other',
  priorities: 'threads of execution have priorities, drawn anew at a few steps of an episode (as PCT does)',
  starvation: 'some of them are hardly ever let run: slow handlers, slow readers',
  bursts: 'one goes on and on before another has its turn: storms of interrupts, faults, commands',
  pressure: 'the host takes memory back in waves',
  storm: 'the host takes back the pages that are in flight',
} as const;
export type Mix = keyof typeof MIXES;

/** Which thread runs which actors. */
export const PLACEMENTS = {
  mixed: 'one unit in eight as with `sides`, the others as with `whole`',
  sides: 'each thread runs certain actors of every unit: devices are on other threads than what handles their faults',
  whole: 'a thread runs all actors of the unit that it is at; other threads may be there, too',
} as const;
export type Placement = keyof typeof PLACEMENTS;

/** Words of the control block. */
export const STOP = 0;
/** Steps that were done, of all threads, where there is a limit. */
export const STEPS_DONE = 1;
/** A unit that was stopped by a finding, plus one; the first one wins. */
export const FOUND_IN = 2;
/** Goes up when an idle thread may find something to do. */
export const ACTIVITY = 3;
/** Episodes that came to an end. */
export const EPISODES = 4;
/** The most steps that a drain took. */
export const LONGEST_DRAIN = 5;
/** Threads that sleep for lack of anything to do. */
export const NAPPING = 6;
/** Threads that have started. */
export const STARTED = 7;
/** Per thread: the unit that it is at, plus one. */
export const FIRST_VISITED = 8;
/** They are told apart by the bits of a word. */
export const THREADS_MAX = 32;
export const CONTROL_WORDS = FIRST_VISITED + THREADS_MAX;

/** Has all threads stop; those that sleep as well. */
export function stopThreads(control: Int32Array): void {
  Atomics.store(control, STOP, 1);
  Atomics.add(control, ACTIVITY, 1);
  Atomics.notify(control, ACTIVITY);
}

/** Waits until all threads are there: those that start late would find the work done. */
export function startTogether(control: Int32Array, threads: number): void {
  Atomics.add(control, STARTED, 1);
  Atomics.notify(control, STARTED);
  for (;;) {
    const started = Atomics.load(control, STARTED);
    if (started >= threads || Atomics.load(control, STOP) !== 0) return;
    Atomics.wait(control, STARTED, started, START_LOOK);
  }
}

/** A thread that waits for the others looks after so long whether it has been told to stop, ms. */
const START_LOOK = 50;

/** A thread's line to the one who owns XState: it writes a question and waits for the answer. */
export const LINE_STATUS = 0;
export const LINE_KIND = 1;
export const LINE_ANSWER = 2;
export const LINE_LENGTH = 3;
export const LINE_FIRST = 4;
export const LINE_WORDS = LINE_FIRST + 1024;
/** Of a line. */
export const SILENT = 0;
export const ASKING = 1;
export const ANSWERED = 2;
export const FAILED = 3;
export const ASKS_REACTION = 0;
export const ASKS_OPTIONS = 1;
export const ASKS_FLAGS = 2;
export const ASKS_DECISION = 3;

/** Words of what a thread says of itself: so many steps, machine steps, conflicts, tries that a refusal disabled. */
export const TALLY_STEPS = 0;
export const TALLY_MACHINE_STEPS = 1;
export const TALLY_CONFLICTS = 2;
export const TALLY_DISABLED = 3;
export const TALLY_IDLE = 4;
export const TALLY_WORDS = 8;

/** What a thread is given. */
export interface ThreadJob {
  readonly thread: number;
  readonly threads: number;
  readonly units: number;
  readonly seed: number;
  readonly mix: Mix;
  readonly placement: Placement;
  /** Steps after which all threads stop, below 2^31; Infinity for no limit. */
  readonly steps: number;
  readonly episode: number;
  readonly drainMax: number;
  readonly memory: Int32Array;
  readonly log: Int32Array;
  readonly control: Int32Array;
  readonly line: Int32Array;
  readonly tally: Float64Array;
  /** By counter, then by sampled predicate. */
  readonly seen: Float64Array;
  /** Per sampled predicate: by value. */
  readonly samples: Float64Array;
  readonly durations: Float64Array;
  readonly layout: Layout;
  readonly buffers: SharedBuffers;
  readonly predicates: readonly Watched[];
  /** By kind: the form of the initial state. */
  readonly initial: readonly number[];
  /** Counters that must have equal sums when a unit is at rest. */
  readonly balances: readonly { readonly left: readonly number[]; readonly right: readonly number[] }[];
  /** The kinds whose choices take memory back. */
  readonly pressure: readonly number[];
  readonly deadlockIsViolation: boolean;
  /** The monitors that wait for something are asked at rest. */
  readonly hotMonitors: readonly number[];
  /** The first sampled predicate. */
  readonly firstSampled: number;
}

/** Values of a sampled predicate that are told apart. */
export const SAMPLE_VALUES = 64;

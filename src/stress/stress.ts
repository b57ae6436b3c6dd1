/**
 * A stress run: many units of a system on several threads at once, until its time or its steps are over, or something is found.
 *
 * The coordinator owns XState and answers what the threads do not find in the tables; it runs no steps itself.
 */
import { sharedInts } from '../tabulate/ints.ts';
import { Pool } from '../threads/pool.ts';
import { FINDING, FINDING_AT, SEQUENCE } from './layout.ts';
import { answer } from './line.ts';
import { DEAD_END, FIRST_MONITOR, NOBODY_TAKES, NOT_QUIET, STEP_WITHOUT_END, UNBALANCED } from './outcomes.ts';
import type { Plan } from './plan.ts';
import { DURATION_BUCKETS, type LoggedStep, readLog } from './records.ts';
import {
  CONTROL_WORDS,
  EPISODES,
  FIRST_VISITED,
  FOUND_IN,
  LINE_WORDS,
  LONGEST_DRAIN,
  type Mix,
  type Placement,
  SAMPLE_VALUES,
  stopThreads,
  TALLY_CONFLICTS,
  TALLY_DISABLED,
  TALLY_IDLE,
  TALLY_MACHINE_STEPS,
  TALLY_STEPS,
  TALLY_WORDS,
  type ThreadJob,
} from './run-shape.ts';
import type { StepObserver } from './runtime.ts';
import { UnitRunner } from './unit-runner.ts';

export interface StressOptions {
  readonly threads: number;
  readonly seed: number;
  readonly mix: Mix;
  /** Default: mixed. */
  readonly placement?: Placement;
  /** All threads together; Infinity for no limit. */
  readonly steps: number;
  /** The module that the threads run, for tests. */
  readonly worker?: URL;
}

/** What was found: a property that is violated, or a step that the model has no answer to. */
export interface StressFinding {
  readonly unit: number;
  readonly kind: 'violation' | 'unhandled' | 'endless' | 'dead-end' | 'not-quiet' | 'unbalanced';
  /** The property, or the balance. */
  readonly property?: string;
  /** The steps of the episode, the last one being that which was found. */
  readonly log: readonly LoggedStep[];
}

export interface ThreadTally {
  readonly steps: number;
  readonly machineSteps: number;
  /** Steps that were given up because another thread was at the same actors. */
  readonly conflicts: number;
  /** Tries that a refusal disabled. */
  readonly disabled: number;
  /** How often it slept for lack of anything to do. */
  readonly naps: number;
}

export interface StressTally {
  readonly threads: readonly ThreadTally[];
  readonly steps: number;
  readonly machineSteps: number;
  readonly episodes: number;
  /** Most steps that it took until nothing was in flight any more. */
  readonly longestDrain: number;
  /** How often each message was taken that is counted; those of `happens` properties first. */
  readonly counters: readonly number[];
  /** Per sampled predicate or gauge: how often it had which value. */
  readonly samples: readonly (readonly number[])[];
  /** Per latency: how often it was 0, 1, 2-3, 4-7, … steps. */
  readonly durations: readonly (readonly number[])[];
}

export class StressRun {
  readonly plan: Plan;
  readonly options: StressOptions;
  readonly #control = sharedInts(CONTROL_WORDS);
  readonly #jobs: readonly ThreadJob[];

  constructor(plan: Plan, options: StressOptions) {
    this.plan = plan;
    this.options = options;
    this.#jobs = Array.from({ length: options.threads }, (_, thread) => this.#jobOf(thread));
  }

  #jobOf(thread: number): ThreadJob {
    const { plan } = this;
    const { threads, seed, mix, placement = 'mixed', steps } = this.options;
    const { layout, tables } = plan;
    const pressureTypes = new Set(plan.definition.pressure ?? []);
    const takesBack = (name: string) => {
      const actor = plan.system.actors[name] ?? plan.system.actors[tables.memberOf(name)];
      return actor?.choices.some(({ type }) => pressureTypes.has(type)) ?? false;
    };
    return {
      thread,
      threads,
      units: plan.units,
      seed,
      mix,
      placement,
      steps,
      episode: plan.episode,
      drainMax: plan.drainMax,
      memory: plan.memory,
      log: plan.log,
      control: this.#control,
      line: sharedInts(LINE_WORDS),
      tally: sharedFloats(TALLY_WORDS),
      seen: sharedFloats(Math.max(1, plan.counters.length)),
      samples: sharedFloats(plan.sampleWords),
      durations: sharedFloats(Math.max(1, plan.latencies.length) * DURATION_BUCKETS),
      layout,
      buffers: tables.buffers,
      predicates: plan.predicates.map(({ isFamily, isAlways, rank }) => ({ isFamily, isAlways, rank })),
      initial: tables.initial,
      balances: plan.balances.map(({ left, right }) => ({ left, right })),
      pressure: layout.kinds.flatMap(({ name, sort }, kind) => (sort !== 'channel' && takesBack(name) ? [kind] : [])),
      deadlockIsViolation: plan.system.deadlock === 'violation',
      hotMonitors: layout.kinds.flatMap(({ sort }, kind) => (sort === 'monitor' ? [kind] : [])),
      firstSampled: plan.firstSampled,
    };
  }

  /**
   * Runs on worker threads until the steps are done, something is found, or `stop` is called.
   *
   * @throws WorkerFailed when a thread dies
   * @throws ModelError when the model is wrong, or cannot be scaled
   */
  async run(): Promise<StressFinding | undefined> {
    await runTogether([this]);
    return this.finding;
  }

  /** The same as `runHere`, with turns of the event loop, in which it can be stopped. */
  async runInTurns(observer?: StepObserver): Promise<StressFinding | undefined> {
    const runner = new UnitRunner(this.#jobs[0]!, this.plan.tables, observer);
    while (runner.turn()) await new Promise((resolve) => setImmediate(resolve));
    return this.finding;
  }

  /** Runs in this thread, as its only one. */
  runHere(): StressFinding | undefined {
    new UnitRunner(this.#jobs[0]!, this.plan.tables).run();
    return this.finding;
  }

  /** What each thread is given. */
  get jobs(): readonly ThreadJob[] {
    return this.#jobs;
  }

  /** Has the threads stop; they take a moment. */
  stop(): void {
    stopThreads(this.#control);
  }

  /** What has been done so far. */
  get tally(): StressTally {
    const { plan } = this;
    const threads = this.#jobs.map(({ tally }) => ({
      steps: tally[TALLY_STEPS]!,
      machineSteps: tally[TALLY_MACHINE_STEPS]!,
      conflicts: tally[TALLY_CONFLICTS]!,
      disabled: tally[TALLY_DISABLED]!,
      naps: tally[TALLY_IDLE]!,
    }));
    const sums = (of: (job: ThreadJob) => Float64Array, count: number) =>
      Array.from({ length: count }, (_, at) => this.#jobs.reduce((sum, job) => sum + of(job)[at]!, 0));
    const rows = (all: readonly number[], count: number, width: number) =>
      Array.from({ length: count }, (_, row) => all.slice(row * width, (row + 1) * width));
    const sampled = plan.predicates.length - plan.firstSampled;
    return {
      threads,
      steps: threads.reduce((sum, { steps }) => sum + steps, 0),
      machineSteps: threads.reduce((sum, { machineSteps }) => sum + machineSteps, 0),
      episodes: Atomics.load(this.#control, EPISODES),
      longestDrain: Atomics.load(this.#control, LONGEST_DRAIN),
      counters: sums(({ seen }) => seen, plan.counters.length),
      samples: rows(
        sums(({ samples }) => samples, sampled * SAMPLE_VALUES),
        sampled,
        SAMPLE_VALUES,
      ),
      durations: rows(
        sums(({ durations }) => durations, plan.latencies.length * DURATION_BUCKETS),
        plan.latencies.length,
        DURATION_BUCKETS,
      ),
    };
  }

  /** What was found, when the run is over. */
  get finding(): StressFinding | undefined {
    const unit = Atomics.load(this.#control, FOUND_IN) - 1;
    if (unit < 0) return undefined;
    const { plan } = this;
    const base = unit * plan.layout.unitWords;
    const finding = plan.memory[base + FINDING]!;
    return { unit, ...this.#describe(finding), log: this.logOf(unit, plan.memory[base + FINDING_AT]! + 1) };
  }

  #describe(finding: number): Pick<StressFinding, 'kind' | 'property'> {
    const { plan } = this;
    if (finding >= FIRST_MONITOR) {
      return { kind: 'violation', property: plan.tables.nameOf(finding - FIRST_MONITOR) };
    }
    if (finding > 0) return { kind: 'violation', property: plan.predicates[finding - 1]!.name };
    if (finding === NOBODY_TAKES) return { kind: 'unhandled' };
    if (finding === STEP_WITHOUT_END) return { kind: 'endless' };
    if (finding === DEAD_END) return { kind: 'dead-end' };
    if (finding === NOT_QUIET) return { kind: 'not-quiet' };
    return { kind: 'unbalanced', property: plan.balances[(UNBALANCED - finding) / 100]!.name };
  }

  /** The steps of a unit's episode so far, in the order of their numbers; numbers that no step got in the end are left out. */
  logOf(unit: number, count = this.plan.memory[unit * this.plan.layout.unitWords + SEQUENCE]!): LoggedStep[] {
    const { plan } = this;
    const from = unit * plan.episode;
    return readLog(plan.log, from, Math.min(count, plan.episode), plan.tables.buffers.messageThings);
  }

  /** The units that threads were at when the run ended; after a crash, where it happened. */
  get visited(): number[] {
    return this.#jobs
      .map(({ thread }) => Atomics.load(this.#control, FIRST_VISITED + thread) - 1)
      .filter((unit) => unit >= 0);
  }
}

/**
 * Runs several on the same threads, as the units of different variants; when one comes to its end, all do.
 *
 * @throws WorkerFailed when a thread dies
 * @throws ModelError when the model is wrong, or cannot be scaled
 */
export async function runTogether(runs: readonly StressRun[]): Promise<void> {
  const { threads, worker = 'stress' } = runs[0]!.options;
  const pool = new Pool<readonly ThreadJob[], void>(worker, threads);
  let left = threads;
  let failure: unknown;
  const failed = (error: unknown) => {
    failure ??= error;
    for (const run of runs) run.stop();
  };
  const working = Array.from({ length: threads }, async (_, thread) => {
    const jobs = runs.map((run) => run.jobs[thread]!);
    try {
      await pool.runOne(jobs);
    } catch (error) {
      // A thread whose question could not be answered has failed for the same reason.
      failed(error);
    } finally {
      left--;
      for (const { line } of runs.flatMap((run) => run.jobs)) Atomics.notify(line, 0);
    }
  });
  const answering = runs.flatMap((run) =>
    run.jobs.map(({ line }) => answer(line, run.plan.tables, () => left === 0, failed)),
  );
  try {
    await Promise.all([...working, ...answering]);
  } finally {
    await pool.close();
  }
  if (failure !== undefined) throw failure;
}

function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

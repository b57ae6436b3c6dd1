/** What a run is asked for, what it gives, and the errors of one that cannot go on. */
import { ModelError, UsageError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { describe } from '../tabulate/stepper.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Violated } from './judge.ts';
import type { Readings } from './measures.ts';
import type { ResourceReading } from './pools.ts';

export interface RunOptions {
  /** Any whole number. */
  readonly seed: number;
  /** For how long, in the unit of the `timing` section. */
  readonly time: number;
  /**
   * How much of that is not measured; the first tenth when it is left out. Give 0 where the work has an end, and so no steady state.
   */
  readonly warmUp?: number;
  /** After so many steps the run ends; no limit when it is left out. */
  readonly steps?: number;
  /** Which of several ways to start, from 0. */
  readonly way?: number;
  /** Keep the run as a schedule, which `replaySchedule` and `faultline replay` take. */
  readonly schedule?: boolean;
  /** Keep the run in eight bytes a step, for `follow`. */
  readonly log?: boolean;
  /** Keep the run in forty bytes a step, with when each began and happened, for `timelineOf`. */
  readonly timeline?: boolean;
  /**
   * Ends the run by throwing its reason: half a run would measure something else. It is looked at every few thousand steps; a run that does
   * not wait (all but `runStudy` and `runInTurns`) lets no timer fire meanwhile, so there `onProgress` is what can abort it.
   */
  readonly signal?: AbortSignal;
  /** Called every few thousand steps. */
  readonly onProgress?: (progress: RunProgress) => void;
}

export interface RunProgress {
  readonly seed: number;
  /** How far it is, in the unit of the `timing` section. */
  readonly time: number;
  readonly steps: number;
}

export interface Run extends Readings {
  readonly seed: number;
  /** When it ended. */
  readonly time: number;
  /** What was not measured; 0 when it ended before that was over. */
  readonly warmUp: number;
  /** Why: the time or the steps that were asked for, or nothing is left to do, and that is as it should be. */
  readonly ended: 'time' | 'steps' | 'at rest';
  readonly steps: number;
  /** Transitions of machines, monitors included. */
  readonly machineSteps: number;
  /** Activities that were pending at the end. */
  readonly pending: number;
  readonly resources: Readonly<Record<string, ResourceReading>>;
  /** The first violation of an `always` property or a monitor. A run without one says nothing of others. */
  readonly violated?: Violated;
  /** The entries of the `timing` section that have timed nothing. */
  readonly unused: readonly string[];
  /** Of all steps and their times: equal for equal runs. */
  readonly digest: number;
  readonly schedule?: string;
  readonly log?: { readonly steps: Int32Array; readonly end: number };
  /** By step: `[enabled, began, happened, ended]`, as `StepTimes` says. */
  readonly timeline?: Float64Array;
}

/** @throws UsageError */
export function checkOptions(options: RunOptions, { starts }: System) {
  const { seed, time, warmUp = time / 10, steps = Number.POSITIVE_INFINITY, way = 0 } = options;
  if (!Number.isSafeInteger(seed)) throw new UsageError(`the seed is ${seed}, expected a whole number`);
  if (!(Number.isFinite(time) && time > 0)) {
    throw new UsageError(`the time to simulate is ${time}, expected a number above 0`, 'in the unit of the timing');
  }
  if (!(warmUp >= 0 && warmUp < time)) {
    throw new UsageError(
      `the warm-up is ${warmUp}, expected from 0 to below ${time}`,
      'what is left of it is measured',
    );
  }
  if (!(steps >= 1)) throw new UsageError(`the number of steps is ${steps}, expected at least 1`);
  if (!(Number.isInteger(way) && way >= 0 && way < starts.length)) {
    throw new UsageError(`the way to start is ${way}, expected a whole number from 0 to ${starts.length - 1}`);
  }
  return { seed, time, warmUp, steps, way };
}

/** Who is not at rest in a state, in words; undefined when all are, and in a system that has dead ends by design. */
export function restlessIn(tables: Tables, state: Int32Array): string | undefined {
  if (tables.system.deadlock === 'ignore') return undefined;
  const actor = tables.actors.slice(0, tables.actorCount).find(({ slot }) => !tables.atRest(slot, state[slot]!));
  if (actor) return `actor "${actor.name}" is not at rest (${describe(actor.locals[state[actor.slot]!]!)})`;
  const channel = tables.channels.find(({ slot }) => state[slot] !== 0);
  if (!channel) return undefined;
  return `channel "${channel.name}" holds ${tables.envelopes([channel], state).length} messages that nobody takes`;
}

/** Where nothing is pending any more, everybody has to be at rest. @param resources of which units are waited for */
export function standsStill(now: number, waits: string, resources: readonly string[]): ModelError {
  const queued = resources.length === 0 ? '' : `, and units are waited for of ${resources.join(', ')}`;
  return new ModelError(
    'stands-still',
    `the system stands still at ${now}: nothing is going to happen, and ${waits}${queued}; expected something to do until the end`,
    resources.length === 0
      ? 'it may be a deadlock, which `faultline check` finds; if it has done all it should, declare the state as `rest`'
      : 'they are kept by who waits as well, or has nothing to do: look at their `keeps`, of which `faultline check` knows nothing',
  );
}

/** Step after step, and no time goes by. */
export function timeStandsStill(now: number, steps: number): ModelError {
  return new ModelError(
    'stands-still',
    `time stands still at ${now}: more than ${steps} steps at that moment, expected some that take time`,
    'a choice that takes 0 is made again at once: give it a time, or let it wait for something',
  );
}

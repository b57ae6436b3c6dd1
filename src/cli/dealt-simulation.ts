/** Runs of one system, in the thread of the command or in another one: see `simulators.ts`. */
import { numbersOf, ofPoint, runSeeds } from '../simulate/run-study.ts';
import { ModelError, type ModelErrorCode, UsageError } from '../system/errors.ts';
import { UNITS } from '../system/timing.ts';
import type { Environment } from './environment.ts';
import type { DealtRuns, RunsMade } from './simulators.ts';
import { findTimed, simulatedOf, type TimedSubject } from './timed-target.ts';

/** @throws as `simulatedOf` and a simulation do; what a model does wrong, with its point */
export function runsOf(
  subject: TimedSubject,
  { point, seeds, seconds }: Pick<DealtRuns, 'point' | 'seeds' | 'seconds'>,
): RunsMade {
  try {
    const simulated = simulatedOf(subject, point);
    const perSecond = UNITS[simulated.timing.unit ?? 'us'] / UNITS.s;
    const runs = runSeeds(simulated, { seeds, time: seconds === null ? undefined : seconds * perSecond });
    const { read } = simulated;
    return { runs, numbers: read ? runs.map((run) => numbersOf({ read }, run)) : null };
  } catch (error) {
    throw Object.keys(point).length === 0 ? error : ofPoint(error, point);
  }
}

export async function dealtRuns(
  { spec, variant, parameters, ...asked }: DealtRuns,
  environment: Pick<Environment, 'catalogue' | 'studies'>,
): Promise<RunsMade | Failure> {
  try {
    const target = await findTimed(spec, environment);
    const subject = 'study' in target ? { ...target, parameters } : { ...target, variant: variant!, parameters };
    return runsOf(subject, asked);
  } catch (error) {
    if (error instanceof ModelError || error instanceof UsageError) return failureOf(error);
    throw error;
  }
}

/** What a model or a user did wrong, as a thread can tell it. */
export interface Failure {
  /** Null of a `UsageError`. */
  readonly code: ModelErrorCode | null;
  readonly message: string;
  readonly hint: string;
}

function failureOf(error: ModelError | UsageError): Failure {
  return { code: error instanceof ModelError ? error.code : null, message: error.message, hint: error.hint };
}

export function errorOf({ code, message, hint }: Failure): Error {
  return code === null ? new UsageError(message, hint) : new ModelError(code, message, hint);
}

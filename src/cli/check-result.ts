/** What is said of the result of a check, whoever made it: its status, what it is of, its trace as a file. */
import type { Expectation } from '../system/scenario.ts';
import { EXIT } from '../system/verdict.ts';
import { type CheckResultDocument, DOCUMENT_VERSION, type TraceFile } from './documents.ts';
import { type Subject, scenarioNameOf } from './target.ts';

/**
 * The status of one result: of its verdict, or, when `compared`, of its agreement with the expected verdict.
 *
 * @param strict what is hollow is as bad as a violation
 */
export function statusOf(result: CheckResultDocument, compared: boolean, strict = false): number {
  const status = statusOfVerdict(result, compared);
  return strict && result.hollow.length > 0 ? worst([status, EXIT.violated]) : status;
}

function statusOfVerdict(result: CheckResultDocument, compared: boolean): number {
  if (compared && result.asExpected === true) return EXIT.holds;
  switch (result.verdict) {
    case 'holds':
      return compared && result.asExpected === false ? EXIT.violated : EXIT.holds;
    case 'violated':
      return EXIT.violated;
    case 'unknown':
      return EXIT.unknown;
    case 'model-error':
      return EXIT.model;
    default:
      return result.verdict satisfies never;
  }
}

/** A mistake hides what else may be wrong, and a violation is worth more than a bound. */
export function worst(statuses: readonly number[]): number {
  return (
    [EXIT.internal, EXIT.model, EXIT.violated, EXIT.unknown].find((status) => statuses.includes(status)) ?? EXIT.holds
  );
}

/** The trace file of a result; undefined when it has no trace. */
export function traceFileOf(result: CheckResultDocument): TraceFile | undefined {
  if (!result.trace) return undefined;
  const { target, variant, parameters, property, deadEnd } = result;
  const { schedule, ...trace } = result.trace;
  const what = { target, variant, parameters, property, deadEnd };
  return { format: 'faultline-trace', version: DOCUMENT_VERSION, ...what, schedule, trace };
}

export function describeSubject(
  subject: Subject,
): Pick<CheckResultDocument, 'target' | 'scenario' | 'variant' | 'parameters' | 'expected'> {
  const { target, variant, parameters } = subject;
  const expectation =
    'scenario' in target && variant !== null ? target.scenario.variants[variant]?.expected : undefined;
  return {
    target: target.spec,
    scenario: scenarioNameOf(target),
    variant,
    parameters,
    expected: expectation ? describeExpectation(expectation) : null,
  };
}

export function describeExpectation(expected: Expectation): NonNullable<CheckResultDocument['expected']> {
  return { verdict: expected.verdict, property: expected.verdict === 'violated' ? expected.property : null };
}

export function judged(result: CheckResultDocument): CheckResultDocument {
  const { expected, verdict, property } = result;
  return { ...result, asExpected: expected && verdict === expected.verdict && property === expected.property };
}

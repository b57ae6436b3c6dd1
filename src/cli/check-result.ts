/** What is said of the result of a check, whoever made it: its status, what it is of, its trace as a file. */
import { EXIT } from '../system/verdict.ts';
import { type CheckResultDocument, DOCUMENT_VERSION, type TraceFile } from './documents.ts';
import { agrees, expectationOf } from './expectation.ts';
import { describeMachine } from './machine-details.ts';
import type { Given } from './machine-flags.ts';
import { bareOf, type Subject, scenarioNameOf } from './target.ts';

/**
 * The status of one result: of its verdict, or, when `compared`, of its agreement with the expected verdict.
 *
 * @param strict what is hollow, and whatever else is found of a machine on its own, is as bad as a violation
 */
export function statusOf(result: CheckResultDocument, compared: boolean, strict = false): number {
  const status = statusOfVerdict(result, compared);
  const isHollow = result.hollow.length > 0 || (result.machine?.findings.length ?? 0) > 0;
  return strict && isHollow ? worst([status, EXIT.violated]) : status;
}

function statusOfVerdict(result: CheckResultDocument, compared: boolean): number {
  if (compared && result.asExpected === true) return EXIT.holds;
  switch (result.verdict) {
    case 'holds':
      return compared && result.asExpected === false ? EXIT.violated : EXIT.holds;
    case 'violated':
      return compared && mayBeAsExpected(result) ? EXIT.unknown : EXIT.violated;
    case 'unknown':
      return EXIT.unknown;
    case 'model-error':
      return EXIT.model;
    default:
      return result.verdict satisfies never;
  }
}

/** Whether a bound ended a search for all violations that has found none but expected ones. */
function mayBeAsExpected({ violations, bound, expected }: CheckResultDocument): boolean {
  if (!violations || bound === null || !expected?.properties) return false;
  return violations.every(({ property }) => expected.properties!.includes(property));
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
  const { target, variant, parameters, property, deadEnd, judged, machine } = result;
  const { schedule, ...trace } = result.trace;
  const what = {
    target,
    variant,
    parameters,
    property,
    deadEnd,
    ...(judged && { judged }),
    ...(machine && { machine: givenIn(machine) }),
  };
  return { format: 'faultline-trace', version: DOCUMENT_VERSION, ...what, schedule, trace };
}

function givenIn({ events, input, constraint }: NonNullable<CheckResultDocument['machine']>): Given {
  return { events, ...(input !== undefined && { input }), ...(constraint !== undefined && { constraint }) };
}

export function describeSubject(
  subject: Subject,
): Pick<CheckResultDocument, 'target' | 'scenario' | 'variant' | 'parameters' | 'expected' | 'judged' | 'machine'> {
  const { target, variant, parameters, judged } = subject;
  const bare = bareOf(subject);
  return {
    target: target.spec,
    scenario: scenarioNameOf(target),
    variant,
    parameters,
    expected: expectationOf(subject),
    judged: judged ? [...judged] : null,
    machine: bare ? describeMachine(bare) : null,
  };
}

/** The properties that are violated; the first one is that of the trace. */
export function violatedIn({ violations, property }: CheckResultDocument): string[] {
  return violations?.map((one) => one.property) ?? (property === null ? [] : [property]);
}

export function judged(result: CheckResultDocument): CheckResultDocument {
  return { ...result, asExpected: agrees(result) };
}

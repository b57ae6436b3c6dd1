/** The files that a stress run writes about what it has found: its log, the trace, the chart. */
import type { Plan } from '../stress/plan.ts';
import type { LoggedStep } from '../stress/records.ts';
import { writeStepsLog } from '../validate/log.ts';
import { chartFormatOfFile, chartTitle, drawChart } from './charts.ts';
import { DOCUMENT_VERSION, type StressDocument, type TraceFile } from './documents.ts';
import type { Environment } from './environment.ts';
import { racesOf } from './explanation-text.ts';
import { lookOf } from './report.ts';
import { smallRunOf } from './stress-finding.ts';
import type { StressRequest } from './stress-request.ts';
import { traceFileText } from './trace-file.ts';
import { writeWhole } from './write-file.ts';

/** Where a log is kept that nobody asked for, but that somebody will need. */
export const LOG_DEFAULT = 'faultline-stress.jsonl';

/** Writes the steps of an episode, as `validate` reads them. */
export function writeLog(
  path: string,
  plan: Plan,
  request: StressRequest,
  log: readonly LoggedStep[],
  { stderr }: Pick<Environment, 'stderr'>,
): void {
  const { subject, steps, tooManyPages } = smallRunOf(plan, request, log);
  const { target, variant, parameters } = subject;
  writeWhole(path, writeStepsLog({ scenario: target.spec, variant, parameters }, steps));
  if (!tooManyPages) return;
  const { got, most } = tooManyPages;
  stderr.write(`faultline: the log ${path} uses ${got} pages, more than validate can take (${most})\n`);
}

/** Writes one log for each unit; where there are several, their names have its number. */
export function writeLogs(
  path: string,
  plan: Plan,
  request: StressRequest,
  logs: readonly { readonly unit: number; readonly log: readonly LoggedStep[] }[],
  environment: Pick<Environment, 'stderr'>,
): string[] {
  return logs.map(({ unit, log }) => {
    const own = logs.length === 1 ? path : path.replace(/(\.\w+)?$/, (suffix) => `-unit${unit}${suffix}`);
    writeLog(own, plan, request, log, environment);
    return own;
  });
}

/** The trace as replay reads it; not written when there is none. */
export function writeTrace(document: StressDocument, path: string, { stderr }: Environment): void {
  const { finding, target } = document;
  if (!finding?.trace) {
    stderr.write(`faultline: there is no trace: ${path} is not written\n`);
    return;
  }
  const { schedule, ...trace } = finding.trace;
  const what = { target, variant: finding.variant, parameters: finding.parameters!, property: propertyOf(finding) };
  const file: TraceFile = {
    ...{ format: 'faultline-trace', version: DOCUMENT_VERSION, ...what },
    ...{ deadEnd: finding.deadEnd, schedule, trace },
  };
  writeWhole(path, traceFileText(file));
}

export function writeChart(document: StressDocument, path: string, environment: Environment): void {
  const { finding } = document;
  if (!finding?.trace) {
    environment.stderr.write(`faultline: there is no trace: ${path} is not written\n`);
    return;
  }
  const { trace, error, deadEnd, explanation } = finding;
  const property = propertyOf(finding);
  const marks = {
    ...(property !== null && { property }),
    ...(error && { error }),
    deadEnd,
    races: racesOf(explanation),
  };
  const look = lookOf({ write: () => {} }, environment);
  writeWhole(path, drawChart(chartFormatOfFile(path), { trace, title: chartTitle(document), ...marks }, look));
}

/** What no state of the model violates, replay would not find either. */
function propertyOf({ check, property }: NonNullable<StressDocument['finding']>): string | null {
  return check === null ? null : property;
}

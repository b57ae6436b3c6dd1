/** A trace that was run again, in each of its formats, and what there is to say about it. */
import { visibleLine } from '../system/visible.ts';
import { toItf } from '../trace/itf.ts';
import { labelOf, type Trace } from '../trace/trace.ts';
import { type ChartFormat, chartTitle, drawChart } from './charts.ts';
import { DEAD_END, type Look, STOPS } from './check-text.ts';
import { DOCUMENT_VERSION, type ReplayDocument, type TraceFile } from './documents.ts';
import { toJson } from './environment.ts';
import { plural } from './text.ts';
import { traceFileText } from './trace-file.ts';

export const TRACE_FORMATS = ['chart', 'svg', 'mermaid', 'json', 'itf'] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

export function isFormat(name: string): name is TraceFormat {
  return (TRACE_FORMATS as readonly string[]).includes(name);
}

/** The trace in a format, with a newline at its end. */
export function formatTrace(format: TraceFormat, replay: ReplayDocument, look: Look): string {
  switch (format) {
    case 'chart':
      return chartOf(replay, 'text', look);
    case 'svg':
    case 'mermaid':
      return chartOf(replay, format, look);
    case 'json':
      return traceFileText(traceFileOf(replay));
    case 'itf':
      return `${toJson(toItf(replay.trace, { source: replay.target, description: describe(replay) }))}\n`;
    default:
      return format satisfies never;
  }
}

function chartOf(replay: ReplayDocument, format: ChartFormat, look: Look): string {
  const { trace, violated, property, error, deadEnd } = replay;
  const shown = property !== null && violated.includes(property) ? property : violated[0];
  const ending = { ...(shown !== undefined && { property: shown }), ...(error && { error }), deadEnd };
  return drawChart(format, { trace, title: chartTitle(replay), ...ending }, look);
}

/** What the last state violates, in short. */
export function replaySummary(replay: ReplayDocument, { colours }: Look): string {
  const { trace, property, violated, unfair, reproduced, deadEnd, error, changedAt } = replay;
  const lines = [`${plural(trace.steps.length, 'step')} replayed on live XState actors`];
  if (error) lines.push('the last step broke off');
  else if (unfair.length > 0) lines.push(unfairText(trace, unfair));
  else if (violated.length === 0) lines.push('the last state violates no property');
  lines.push(...violated.map((name) => `${colours.red(colours.bold('violated'))}: ${name}`));
  if (reproduced === false && property !== null) lines.push(`not violated any more: ${visibleLine(property)}`);
  if (deadEnd) lines.push(DEAD_END);
  else if (trace.stops && violated.length > 0) lines.push(STOPS);
  if (changedAt !== null) {
    const step = `step ${changedAt + 1}, ${labelOf(trace.steps[changedAt]!)}`;
    lines.push(`the model has changed: ${step}, does not do what it did when the trace was stored`);
  }
  return `${lines.join('\n')}\n`;
}

function unfairText({ cycleStart }: Trace, unfair: readonly string[]): string {
  const what = unfair.join(', ');
  return cycleStart === undefined
    ? `no fair run stops here, so that violates nothing: ${what} is enabled, and has to be taken`
    : `the cycle is not fair, so it violates nothing: it leaves out ${what}`;
}

function traceFileOf(replay: ReplayDocument): TraceFile {
  const { target, variant, parameters, property, violated, deadEnd, schedule, trace } = replay;
  const violation = property !== null && violated.includes(property) ? property : (violated[0] ?? null);
  const what = { target, variant, parameters, property: violation, deadEnd };
  return { format: 'faultline-trace', version: DOCUMENT_VERSION, ...what, schedule, trace };
}

function describe({ scenario, variant, violated }: ReplayDocument): string {
  const what = [scenario, ...(variant === null ? [] : [variant])].join(', ');
  return violated.length === 0 ? what : `${what}: violates ${violated.map((name) => `"${name}"`).join(' and ')}`;
}

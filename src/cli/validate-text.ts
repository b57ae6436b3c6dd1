/** What `validate` prints for people: the verdict, what it rests on, and the run. */
import { chartTitle, drawChart } from './charts.ts';
import { DEAD_END, type Look } from './check-text.ts';
import type { ValidateDocument } from './documents.ts';
import { wrapped } from './explanation-text.ts';
import { plural } from './text.ts';

/** Longer runs are for files. */
const CHART_STEPS_MAX = 60;
const POSSIBLE_MAX = 12;

export function validationText(document: ValidateDocument, look: Look, traceFile: string | undefined): string {
  const { file, log, records } = document;
  const parts = [
    `${file}: ${plural(records, log === 'steps' ? 'step' : 'event')} of ${chartTitle(document)}`,
    chartText(document, look, traceFile),
    [...verdictLines(document, look), ...stuckLines(document, look), ...nameLines(document)].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function chartText(document: ValidateDocument, look: Look, traceFile: string | undefined): string {
  const { trace, violated, error, deadEnd, verdict } = document;
  const { length } = trace.steps;
  const run = verdict === 'valid' ? 'The run' : 'The run that goes farthest';
  const where = traceFile === undefined ? 'by --trace-out FILE it is written for replay' : `it is in ${traceFile}`;
  if (length > CHART_STEPS_MAX) return `${run} has ${plural(length, 'step')}, too many for a chart here; ${where}.`;
  const last = violated.find(({ after }) => after === length)?.property;
  const ending = { ...(last !== undefined && { property: last }), ...(error && { error }), deadEnd };
  return drawChart('text', { trace, title: chartTitle(document), ...ending }, look).trimEnd();
}

function verdictLines(document: ValidateDocument, { colours, width }: Look): string[] {
  const { verdict, bound, log, records, explained, trace, states, violated, everyRun, error } = document;
  const what = log === 'steps' ? 'step' : 'event';
  const searched = states === null ? '' : `, ${plural(states, 'state')} looked at`;
  if (verdict === 'unknown') {
    const why = bound === 'states' ? 'there are more states than --max-states' : 'it was interrupted';
    return [
      `${colours.yellow(colours.bold('unknown'))}: ${why}${searched}; a run explains ${explained} of ${plural(records, what)}`,
    ];
  }
  if (verdict === 'invalid') {
    const first =
      explained === 0
        ? `not even its first ${what} is`
        : explained === 1
          ? `only the first of ${plural(records, what)} is`
          : `the first ${explained} of ${plural(records, what)} are`;
    return [`${colours.red(colours.bold('not a behaviour of the model'))}: ${first}${searched}`];
  }
  const run = log === 'steps' ? '' : `: a run of ${plural(trace.steps.length, 'step')} shows it${searched}`;
  const lines = [`${colours.green(colours.bold('a behaviour of the model'))}${run}`];
  if (document.endsWithinStep) lines.push('The log ends before the last step has shown everything.');
  if (error)
    lines.push(`The last step breaks off, the model is wrong (${error.code}): ${error.message}`, `  ${error.hint}`);
  for (const { property, after } of violated) {
    lines.push(
      `${colours.red(colours.bold('violated'))}: ${property}, ${after === 0 ? 'from the start' : `after step ${after}`}`,
    );
  }
  if (document.deadEnd) lines.push(DEAD_END);
  if (log === 'events' && violated.length > 0) {
    const evidence = everyRun
      ? 'Every run that shows this log violates something: the log is evidence of it.'
      : 'Whether every run that shows this log violates something is not known.';
    lines.push(...wrapped(evidence, width));
  }
  return lines;
}

function stuckLines({ stuck, log }: ValidateDocument, { width }: Look): string[] {
  if (!stuck) return [];
  const { line, got, possible, reason } = stuck;
  const could = log === 'steps' ? 'Possible there' : 'What the model could have shown there';
  const listed = possible.slice(0, POSSIBLE_MAX).flatMap((text) => wrapped(text, width, '  ', '    '));
  const more = possible.length > POSSIBLE_MAX ? [`  … and ${possible.length - POSSIBLE_MAX} more`] : [];
  return [
    '',
    ...wrapped(`line ${line}: ${got}`, width, '', '  '),
    ...wrapped(reason, width, '  ', '  '),
    ...(possible.length === 0 ? [`${could}: nothing`] : [`${could}:`, ...listed, ...more]),
  ];
}

function nameLines({ names }: ValidateDocument): string[] {
  if (names.length === 0) return [];
  const width = Math.max(...names.map(({ model }) => model.length));
  const texts = names.map(
    ({ per, name, model }) => `  ${model.padEnd(width)}  ${name}${per === null ? '' : ` of ${per}`}`,
  );
  return ['', 'Names in the model and in the log:', ...texts];
}

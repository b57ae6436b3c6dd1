/** What `stress` prints for people: what was done, what was hit, how deep and how long; then what was found. */
import { renderChart } from '../trace/chart.ts';
import { DEAD_END, type Look } from './check-text.ts';
import type { StressDocument, StressFindingDocument } from './documents.ts';
import { explanationLines, racesOf, wrapped } from './explanation-text.ts';
import type { Sample } from './run-stress.ts';
import { isCapped } from './stress-document.ts';
import { table } from './table.ts';
import { bytesText, duration, percent, plural, rounded, thousands } from './text.ts';

type StressCoverage = NonNullable<StressDocument['coverage']>;
type Range = NonNullable<StressDocument['latencies'][number]['max']>;

/** A longer trace is for files. */
const CHART_STEPS_MAX = 200;

export function stressText(document: StressDocument, look: Look): string {
  const { colours } = look;
  const sections = [
    `${colours.bold(titleOf(document))}\n${verdictOf(document, look)}`,
    doneTable(document),
    ...section('What was hit', hitsTable(document, 'hit'), look),
    ...section('Messages', hitsTable(document, 'counter'), look),
    ...balancesText(document, look),
    ...section('Depths, sampled', gaugesTable(document, look), look),
    ...section('Durations, in steps of a unit', latenciesTable(document, look), look),
    ...section('Threads', threadsTable(document, look), look),
    ...(document.coverage ? section('Coverage', coverageText(document.coverage), look) : []),
    ...(document.finding ? [findingText(document.finding, look, document.beside !== null)] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function titleOf(document: StressDocument): string {
  const { scenario, variant } = document;
  return `${[scenario, variant].filter(Boolean).join(' ')}: ${sizeText(document)}, ${howText(document)}`;
}

/** `32 SMMUs, 64 devices, 2,048 pages`. */
export function sizeText({ unit, units, beside, devices, pages }: StressDocument): string {
  const kinds = beside
    ? [plural(units, unit), `${plural(beside.units, unit)} of ${beside.variant}`]
    : [plural(units, unit)];
  const words = [...kinds, plural(devices, 'device'), ...(pages === null ? [] : [plural(pages, 'page')])];
  return words.join(', ');
}

/** `2 threads, seed 1, mix all`. */
export function howText({ asked: { threads, seed, mix, engine } }: StressDocument): string {
  const words = [plural(threads, 'thread'), `seed ${seed}`, `mix ${mix}`];
  return [...words, ...(engine === 'tables' ? [] : ['on live XState actors'])].join(', ');
}

/** A stress run shows nothing but violations: it never says `holds`. */
function verdictOf({ outcome, steps, episodes, finding, seconds }: StressDocument, { colours }: Look): string {
  const extent = `${plural(steps, 'step')}, ${plural(episodes, 'episode')} (${duration(seconds)})`;
  if (!finding) {
    const nothing = colours.green('no violation found');
    return outcome === 'interrupted' ? `${nothing} until it was interrupted, in ${extent}` : `${nothing} in ${extent}`;
  }
  const name = finding.property === null ? '' : `: ${finding.property}`;
  return `${colours.red(colours.bold(WORDS[finding.kind]))}${name}\n  found in ${extent}`;
}

const WORDS: Readonly<Record<StressFindingDocument['kind'], string>> = {
  violation: 'violated',
  'dead-end': 'violated',
  unhandled: 'the model is wrong: nobody takes a message',
  endless: 'the model is wrong: a step does not end',
  unbalanced: 'the books do not close',
  'not-quiet': 'what is in flight does not come to an end',
};

function doneTable({ steps, machineSteps, seconds, ...document }: StressDocument): string {
  const { longestDrain, sharedBytes, curve, tables } = document;
  const rate = (count: number) => `${rounded(count / Math.max(seconds, 0.001))} steps/s`;
  const rows = [
    ['steps', thousands(steps), rate(steps)],
    ['machine steps', thousands(machineSteps), rate(machineSteps)],
    ['longest drain', thousands(longestDrain), 'steps until nothing of an episode was in flight any more'],
    ['XState calls', thousands(tables.xstateCalls), 'all others were looked up'],
    ['local states', thousands(tables.states), 'up to the names of pages'],
    ['memory', bytesText(sharedBytes), `shared by the threads; ${processText(curve)}`],
  ];
  return plain(rows, [1]);
}

function processText(curve: StressDocument['curve']): string {
  const [first, last] = [curve[0]!, curve.at(-1)!];
  const most = Math.max(...curve.map(({ bytes }) => bytes));
  return `the process: ${bytesText(first.bytes)} at the start, ${bytesText(last.bytes)} at the end, ${bytesText(most)} at most`;
}

function section(title: string, body: string, { colours }: Look): string[] {
  return body === '' ? [] : [`${colours.bold(title)}\n${body.replaceAll(/^/gm, '  ')}`];
}

function hitsTable({ hits }: StressDocument, which: 'hit' | 'counter'): string {
  const rows = hits
    .filter(({ kind }) => (kind === 'counter') === (which === 'counter'))
    .map(({ name, kind, count, samples }) => [
      kind === 'reachable' ? (samples === 0 ? '-' : percent(count / samples!)) : thousands(count),
      kind === 'reachable' ? `${name} (of ${plural(samples!, 'sample')})` : name,
    ]);
  return rows.length === 0 ? '' : plain(rows, [0]);
}

function balancesText({ balances, episodes }: StressDocument, look: Look): string[] {
  const rows = balances.map(({ name, left, right }) => `${name}: ${left.join(' + ')} = ${right.join(' + ')}`);
  if (rows.length === 0 || episodes === 0) return [];
  return section(`Books, closed at the end of each of ${plural(episodes, 'episode')}`, rows.join('\n'), look);
}

function gaugesTable({ gauges }: StressDocument, { colours }: Look): string {
  if (gauges.length === 0) return '';
  const text = (value: number | null) => (value === null ? '-' : isCapped(value) ? `${value} or more` : `${value}`);
  const rows = gauges.map(({ name, min, mean, p99, max, samples }) => [
    ...[name, text(min), mean === null ? '-' : mean.toFixed(2), text(p99), text(max), thousands(samples)],
  ]);
  return table(['', 'min', 'mean', 'p99', 'max', 'samples'].map(colours.dim), rows, [1, 2, 3, 4, 5]);
}

function latenciesTable({ latencies }: StressDocument, { colours }: Look): string {
  if (latencies.length === 0) return '';
  const text = (range: Range | null) => (range === null ? '-' : rangeText(range));
  const rows = latencies.map(({ name, count, p50, p90, p99, max }) => [
    ...[name, text(p50), text(p90), text(p99), text(max), thousands(count)],
  ]);
  return table(['', 'p50', 'p90', 'p99', 'max', 'times'].map(colours.dim), rows, [1, 2, 3, 4, 5]);
}

export function rangeText({ from, to }: Range): string {
  if (to === null) return `${thousands(from)} or more`;
  return from === to ? thousands(from) : `${thousands(from)}-${thousands(to)}`;
}

function threadsTable({ threads, steps }: StressDocument, { colours }: Look): string {
  const rows = threads.map((thread, at) => [
    `${at}`,
    thousands(thread.steps),
    steps === 0 ? '-' : percent(thread.steps / steps),
    thousands(thread.machineSteps),
    thousands(thread.conflicts),
    thousands(thread.disabled),
    thousands(thread.naps),
  ]);
  const head = ['', 'steps', 'of all', 'machine steps', 'conflicts', 'disabled', 'naps'];
  return table(head.map(colours.dim), rows, [1, 2, 3, 4, 5, 6]);
}

function coverageText({ transitions, missing, beyond, states, complete }: StressCoverage): string {
  const covered = transitions - missing.length;
  const stopped = complete ? '' : ', which was stopped early and covers less than there is';
  const listed = (title: string, list: StressCoverage['missing']) =>
    list.length === 0 ? [] : [title, ...list.map(({ machine, transition }) => `  ${machine}: ${transition}`)];
  return [
    `${thousands(covered)} of ${thousands(transitions)} transitions that an exhaustive search of the small system covers`,
    `(${plural(states, 'state')}${stopped})`,
    ...listed('not taken:', missing),
    ...listed('taken, although the small system has no occasion for them:', beyond),
  ].join('\n');
}

/** A table without a head. */
function plain(rows: readonly (readonly string[])[], numeric: readonly number[]): string {
  const head = rows[0]!.map(() => '');
  return table(head, rows, numeric).split('\n').slice(1).join('\n');
}

function findingText(finding: StressFindingDocument, { colours, width }: Look, isMixed: boolean): string {
  const {
    trace,
    explanation,
    property,
    error,
    deadEnd,
    variant,
    unit,
    loggedSteps,
    replay,
    check,
    log,
    reason,
    sums,
    restless,
  } = finding;
  const where = `in unit ${unit}${isMixed ? ` of ${variant}` : ''}, after ${plural(loggedSteps, 'step')} of its episode`;
  if (!trace) {
    const kept = log === null ? '' : ` ${log} has its log.`;
    return wrapped(`It was found ${where}. There is no trace: ${reason}.${kept}`, width).join('\n');
  }
  const ending = { ...(property !== null && check !== null && { property }), ...(error && { error }), deadEnd };
  const marks = { colours: colours.isColorSupported, width, races: racesOf(explanation), ...ending };
  const shown =
    trace.steps.length > CHART_STEPS_MAX
      ? 'That is too long to be shown: --trace-out FILE writes it, for replay.'
      : renderChart(trace, marks).trimEnd();
  const lines = [
    ...wrapped(`It was found ${where}; ${plural(trace.steps.length, 'step')} of a small system do the same:`, width),
    '',
    shown,
    ...(deadEnd ? ['', DEAD_END] : []),
    ...(restless ? ['', `not at rest, although nothing new is begun: ${restless.join(', ')}`] : []),
    ...(sums ? ['', `${sumText(sums.left)}, but ${sumText(sums.right)}`] : []),
    ...(error ? ['', `${error.code}: ${error.message}`, ...(error.hint === '' ? [] : [`  ${error.hint}`])] : []),
    ...(explanation ? ['', explanationLines(explanation, { colours, width })] : []),
    '',
    `replay it: ${replay}`,
    ...(check === null ? [] : [`search the small system: ${check}`]),
  ];
  return lines.join('\n');
}

/** `3 requests + 1 stop marker`. */
function sumText(counters: NonNullable<StressFindingDocument['sums']>['left']): string {
  return counters.map(({ counter, count }) => `${thousands(count)} ${counter}`).join(' + ');
}

/** One line about a run that goes on. */
export function progressText({ seconds, tally, bytes, tables }: Sample, before: Sample): string {
  const passed = Math.max(seconds - before.seconds, 0.001);
  const rate = (of: (sample: Sample) => number) =>
    rounded((of({ seconds, tally, bytes, tables }) - of(before)) / passed);
  const conflicts = tally.threads.reduce((sum, thread) => sum + thread.conflicts, 0);
  const shares = tally.threads.map(({ steps }) => percent(steps / Math.max(1, tally.steps)));
  return [
    `${rounded(tally.steps)} steps`,
    `${rate(({ tally }) => tally.steps)}/s (${rate(({ tally }) => tally.machineSteps)} machine steps/s)`,
    `${rounded(tally.episodes)} episodes`,
    ...(shares.length > 1 ? [`threads ${shares.slice(0, 8).join(' ')}`, `${rounded(conflicts)} conflicts`] : []),
    bytesText(bytes),
    `${rounded(tables.misses)} misses`,
    duration(seconds),
  ].join('  ');
}

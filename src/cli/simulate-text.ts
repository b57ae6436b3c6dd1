/** What `simulate` prints for people: the answer of a study and its tables; or all that was measured of a scenario. */

import type { Estimate } from '../simulate/statistics.ts';
import type { Cell, StudyTable } from '../simulate/study.ts';
import type { Look } from './check-text.ts';
import type { SimulateDocument, StudiesDocument } from './documents.ts';
import { wrapped } from './explanation-text.ts';
import { table } from './table.ts';
import { duration, percent, plural, rounded, thousands } from './text.ts';

export function studiesText({ studies }: StudiesDocument, { colours, width }: Look): string {
  if (studies.length === 0) return 'there are no studies\n';
  const paragraphs = studies.map(({ name, question }) =>
    [colours.bold(name), ...wrapped(question, Math.min(width, 80), '  ', '  ')].join('\n'),
  );
  return `${paragraphs.join('\n')}\n\nfaultline simulate NAME runs one; a scenario that has \`timing\` is simulated as well (docs/timing.md).\n`;
}

export function simulateText(document: SimulateDocument, look: Look): string {
  const { colours } = look;
  const width = Math.min(look.width, 80);
  const { question, answer, tables, notes, summary, violated, unused } = document;
  const lines = (text: string, first = '', others = first) => wrapped(text, width, first, others).join('\n');
  const sections = [
    [colours.bold(titleOf(document)), ...(question === null ? [] : [lines(question)]), lines(extentOf(document))].join(
      '\n',
    ),
    ...(answer.length > 0 ? [answer.map((sentence) => lines(sentence)).join('\n')] : []),
    ...tables.map((one) => studyTable(one, look)),
    ...(summary ? summaryTablesOf(summary, document.unit ?? 'us').map((one) => readingsText(one, look)) : []),
    ...(document.breakdowns ?? []).map((one) => breakdownText(one, look)),
    ...(document.breakdowns?.length === 0 ? [lines(NOTHING_TO_BREAK_DOWN)] : []),
    ...(notes.length > 0 ? [notes.map((note) => lines(note, '- ', '  ')).join('\n')] : []),
    ...(violated.length > 0
      ? [
          colours.red(
            violated
              .slice(0, VIOLATIONS_SHOWN)
              .map(violationText)
              .map((text) => lines(text))
              .join('\n'),
          ),
        ]
      : []),
    ...(violated.length > VIOLATIONS_SHOWN
      ? [`and in ${thousands(violated.length - VIOLATIONS_SHOWN)} more runs`]
      : []),
    ...(unused.length > 0 ? [lines(`timed nothing in any run: ${unused.join('; ')}`)] : []),
  ];
  const text = sections.join('\n\n');
  return text.includes('±') ? `${text}\n\n± is half of the 95 % interval, over the seeds\n` : `${text}\n`;
}

const NOTHING_TO_BREAK_DOWN =
  'Where the time goes: no measured time comes to its end in the beginning of a run, or pages are a population, whose steps are not kept';
const VIOLATIONS_SHOWN = 3;

export function violationText({ property, seed, time, point, step }: SimulateDocument['violated'][number]): string {
  const where = point === '' ? '' : ` at ${point}`;
  return `violated: ${property}, with seed ${seed}${where}, at time ${number(time)}, step ${step}`;
}

export function titleOf({ study, scenario, variant, title }: SimulateDocument): string {
  return `${study ?? [scenario, variant].join(' ')}: ${title}`;
}

export function extentOf({ runs, seeds, machineSteps, seconds, time }: SimulateDocument): string {
  const each = time === null ? '' : ` of ${time}`;
  return `${plural(runs, 'run')}${each}, ${plural(seeds.length, 'seed')}, ${rounded(machineSteps)} machine steps (${duration(seconds)})`;
}

function studyTable({ title, head, rows }: StudyTable, { colours }: Look): string {
  const isNumeric = (column: number) => rows.some((row) => typeof row[column] === 'number' || isEstimate(row[column]!));
  const numeric = head.map((_, column) => column).filter(isNumeric);
  return `${colours.bold(title)}\n${table(
    head,
    rows.map((row) => row.map(cellText)),
    numeric,
  )}`;
}

function isEstimate(cell: Cell | undefined): cell is Estimate {
  return typeof cell === 'object' && cell !== null;
}

export function cellText(cell: Cell): string {
  if (cell === null) return '-';
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' ? number(cell) : estimateText(cell);
}

/** `12.34 ±0.05`: as many digits as the interval tells. */
export function estimateText({ mean, halfWidth }: Estimate): string {
  if (!(halfWidth > Math.abs(mean) * 1e-6)) return number(mean);
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(halfWidth))));
  const isHuge = Math.abs(mean) >= 1e9;
  return isHuge ? `${number(mean)} ±${number(halfWidth)}` : `${fixed(mean, digits)} ±${fixed(halfWidth, digits)}`;
}

function fixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Four digits that count; whole numbers as they are. */
function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-3) return value.toPrecision(3);
  return value.toLocaleString('en-US', { maximumSignificantDigits: size >= 1000 ? Math.ceil(Math.log10(size)) : 4 });
}

/** A table of readings: its first column has names, the others numbers. */
export interface Readings {
  readonly head: readonly [string, ...string[]];
  readonly rows: readonly (readonly Cell[])[];
}

/** Those that have something in them. */
export function summaryTablesOf(
  { times, gauges, counters, resources }: NonNullable<SimulateDocument['summary']>,
  unit: string,
): Readings[] {
  const tables: Readings[] = [
    {
      head: [`times, ${unit}`, 'mean', 'median', 'p99', 'most', 'count'],
      rows: times.map(({ name, mean, median, p99, max, count }) => [name, mean, median, p99, max, count]),
    },
    { head: ['gauges', 'mean', 'most'], rows: gauges.map(({ name, mean, max }) => [name, mean, max]) },
    {
      head: ['counters', 'count', `per ${unit}`],
      rows: counters.map(({ name, count, rate }) => [name, count, rate]),
    },
    {
      head: ['resources', 'in use', 'waiting', 'most'],
      rows: resources.map(({ name, utilisation, waiting, waitingMax }) => [
        ...[name, percent(utilisation.mean)],
        ...[waiting, waitingMax],
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

type Breakdown = NonNullable<SimulateDocument['breakdowns']>[number];

/** Where a measured time goes. What takes no time is left out. */
export function breakdownTable({ name, unit, mean, shares }: Breakdown): Readings {
  return {
    head: [`${name}, ${unit}`, '', 'for', 'mean', 'share', 'times'],
    rows: [
      ...shares
        .filter(({ time }) => time > 0)
        .map(({ actor, kind, time, count, ...taken }) => [
          actor,
          kind,
          takenText(taken),
          time,
          percent(time / mean),
          count,
        ]),
      ['all', '', '', mean, '100%', null],
    ],
  };
}

/** `RUN in handling` */
export function takenText({ type, state }: { readonly type: string; readonly state: string }): string {
  return state === '-' ? type : `${type} in ${state}`;
}

function breakdownText(breakdown: Breakdown, look: Look): string {
  const head = `Where the time goes: ${breakdown.name}`;
  const [first, ...others] = wrapped(`${head}, ${breakdownExtent(breakdown)}`, Math.min(look.width, 80), '', '');
  const lines = [first!.replace(head, look.colours.bold(head)), ...others];
  return `${lines.join('\n')}\n${readingsText(breakdownTable(breakdown), look)}`;
}

/** Of what a breakdown is. */
export function breakdownExtent({ count, seed, point }: Breakdown): string {
  const of = point === '' ? '' : `${point}, `;
  return `mean of ${plural(count, 'time')} in the beginning of a run (${of}seed ${seed})`;
}

function readingsText({ head, rows }: Readings, { colours }: Look): string {
  const numeric = head
    .map((_, column) => column)
    .filter((column) => rows.some((row) => typeof row[column] !== 'string'));
  return table(
    [colours.bold(head[0]), ...head.slice(1)],
    rows.map((row) => row.map(cellText)),
    numeric,
  );
}

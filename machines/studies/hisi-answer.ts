/** What the study `hisi-sec` says of what it has simulated: tables, plots, sentences. All figures are of the run. */
import type { Estimate } from '../../src/simulate/statistics.ts';
import type { Cell, StudyPlot, StudyResult, StudyTable } from '../../src/simulate/study.ts';
import type { Fitted } from './hisi-fit.ts';
import { keptOf, type Measured, measuredKept, timeOf } from './hisi-rows.ts';

export interface Simulated {
  /** In microseconds. */
  readonly time: Estimate;
  readonly faults: number;
}

export interface Compared {
  readonly row: Measured;
  readonly without: Simulated;
  readonly with: Simulated;
}

export interface Series {
  readonly name: Measured['series'];
  readonly fitted: Fitted;
  readonly fittedOn: readonly Measured[];
  readonly rows: readonly Compared[];
}

/** Another mechanism, and what it predicts. */
export interface Alternative {
  readonly name: string;
  readonly rows: readonly Compared[];
}

export interface Found {
  readonly series: readonly Series[];
  /** Why faults of VFIO cost less from x100 on; the first is the model. */
  readonly alternatives: readonly Alternative[];
  /** Where faults beyond the buffers come from; the first is the model. */
  readonly more: readonly Alternative[];
  readonly handler: number;
  readonly zeroing: number;
}

/** In points of the kept share: what was asked for of the rows that are not fitted. */
const BOUNDS = { sva: 1, vfio: 4, premap: 2 } as const;
/** In percent, where a number of faults is not to be exact. */
const FAULTS_BOUND = 2;
const EXACT = [512, 1024, 13, 26];
/** What was measured at x100 is a third of what was measured at x1. */
const MUCH_LESS = 0.6;
const NAMES = { sva: 'SVA, 1 MB', vfio: 'VFIO, 1 MB', premap: 'VFIO, 10 MB' } as const;

const kept = (compared: Compared) => keptOf(compared.without.time.mean, compared.with.time.mean);
const residual = (compared: Compared) => kept(compared) - measuredKept(compared.row);
const perFault = (compared: Compared) => (compared.with.time.mean - compared.without.time.mean) / compared.with.faults;
const addedTo = (row: Measured) => timeOf(row, true) - timeOf(row, false);
const measuredPerFault = ({ row }: Compared) => addedTo(row) / row.faults;
const faultsOff = ({ row, with: { faults } }: Compared) => (100 * (faults - row.faults)) / row.faults;
const isPredicted = ({ fittedOn }: Series, { row }: Compared) => !fittedOn.includes(row);

const signed = (value: number, digits: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(digits)}`;
const largest = (values: readonly number[]) => Math.max(0, ...values.map(Math.abs));
const times = (rows: readonly Measured[]) => rows.map((row) => `x${row.times}`).join(' and ');

export function resultOf(found: Found): StudyResult {
  return {
    answer: [predictions(found), faultsSentence(found), costSentence(found)],
    tables: [
      keptTable(found),
      timesTable(found),
      ...(found.alternatives.length > 1 ? [mechanismTable(found)] : []),
      ...(found.more.length > 1 ? [faultsTable(found)] : []),
    ],
    plots: [keptPlot(found), addedPlot(found)],
    notes: notes(found),
  };
}

function predictions({ series }: Found): string {
  const parts = series.map((one) => {
    const rows = one.rows.filter((compared) => isPredicted(one, compared));
    if (rows.length === 0) return `${NAMES[one.name]}: nothing is left to predict`;
    const off = largest(rows.map(residual));
    const verdict = off <= BOUNDS[one.name] ? 'within' : 'NOT within';
    return (
      `${NAMES[one.name]}, fitted on ${times(one.fittedOn)}: ${off.toFixed(1)} points off at the most at ` +
      `${times(rows.map(({ row }) => row))} (${verdict} ${BOUNDS[one.name]})`
    );
  });
  return `Of the kept share of the speed, ${parts.join('; ')}.`;
}

function faultsSentence({ series }: Found): string {
  const all = series.flatMap(({ rows }) => rows);
  const exact = all.filter(({ row }) => EXACT.includes(row.faults));
  const others = all.filter(({ row }) => !EXACT.includes(row.faults));
  const same = exact.filter((compared) => faultsOff(compared) === 0);
  const off = largest(others.map(faultsOff));
  return (
    `The numbers of faults follow from buffers that do not begin on a page, and from rings that messages walk through: ${same.length} of ` +
    `the ${exact.length} that have to be exact are, the others are ${off.toFixed(1)} % off at the most ` +
    `(${off <= FAULTS_BOUND ? 'within' : 'NOT within'} ${FAULTS_BOUND} %).`
  );
}

function costSentence({ series, alternatives }: Found): string {
  const { rows } = series.find(({ name }) => name === 'vfio')!;
  const [first, second] = [rows[0]!, rows[1]!];
  const costs =
    `A fault of VFIO adds ${perFault(first).toFixed(1)} us at x1 and ${perFault(second).toFixed(1)} us at x${second.row.times} ` +
    `(measured ${measuredPerFault(first).toFixed(1)} and ${measuredPerFault(second).toFixed(1)})`;
  if (perFault(second) > MUCH_LESS * perFault(first)) {
    return `${costs}: NOT what was measured, for with these parameters the event thread is asleep, or awake, in both.`;
  }
  const sentence =
    `${costs}, since its handler runs in the event thread, which finds the next fault before it sleeps when many messages are ` +
    'on their way';
  const asleep = alternatives.find(({ name }) => name === 'asleep')?.rows[1];
  if (!asleep) return `${sentence}.`;
  return (
    `${sentence}; if it slept after each, x${asleep.row.times} would keep ${kept(asleep).toFixed(0)} %, ` +
    `and not ${measuredKept(asleep.row).toFixed(0)} %.`
  );
}

function keptTable({ series }: Found): StudyTable {
  return {
    title: 'Faults, and the share of the speed that is kept, in percent',
    head: ['row', 'faults', 'simulated', 'kept', 'simulated', 'points off', 'fitted'],
    rows: series.flatMap((one) =>
      one.rows.map((compared): Cell[] => [
        compared.row.name,
        compared.row.faults,
        compared.with.faults.toFixed(0),
        measuredKept(compared.row).toFixed(1),
        kept(compared).toFixed(1),
        signed(residual(compared), 1),
        isPredicted(one, compared) ? '' : 'yes',
      ]),
    ),
  };
}

function timesTable({ series }: Found): StudyTable {
  const ms = (time: number) => (time / 1000).toFixed(2);
  return {
    title: 'Times, measured and simulated: without and with IOPF in ms, added per fault in us',
    head: ['row', 'without', 'sim.', 'with', 'sim.', 'a fault', 'sim.'],
    rows: series.flatMap(({ rows }) =>
      rows.map((compared): Cell[] => [
        compared.row.name,
        ms(timeOf(compared.row, false)),
        ms(compared.without.time.mean),
        ms(timeOf(compared.row, true)),
        ms(compared.with.time.mean),
        measuredPerFault(compared).toFixed(2),
        perFault(compared).toFixed(2),
      ]),
    ),
  };
}

/** One row of numbers for each alternative, under the measured ones. */
function byAlternative(
  title: string,
  all: readonly Alternative[],
  cells: (compared: Compared) => [measured: string, simulated: string],
) {
  const { rows } = all[0]!;
  return {
    title,
    head: ['', ...rows.map(({ row }) => row.name.replace('VFIO, 512', '512:').replace('VFIO ', ''))],
    rows: [
      ['measured', ...rows.map((compared) => cells(compared)[0])],
      ...all.map((one) => [one.name, ...one.rows.map((compared) => cells(compared)[1])]),
    ],
  };
}

function mechanismTable({ alternatives }: Found): StudyTable {
  return byAlternative(
    'VFIO, 1 MB: kept, in percent, and in brackets faults, by why a fault costs less from x100 on',
    alternatives,
    (compared) => [
      `${measuredKept(compared.row).toFixed(1)} (${compared.row.faults})`,
      `${kept(compared).toFixed(1)} (${compared.with.faults.toFixed(0)})`,
    ],
  );
}

function faultsTable({ more }: Found): StudyTable {
  return byAlternative('Faults of VFIO, by where those beyond the buffers come from', more, (compared) => [
    String(compared.row.faults),
    compared.with.faults.toFixed(0),
  ]);
}

function keptPlot({ series }: Found): StudyPlot {
  return {
    name: 'kept',
    title: 'Speed with IOPF, of the speed without',
    x: { title: 'messages', scale: 'log' },
    y: { title: 'kept, in percent' },
    series: series.flatMap(({ name, rows }) => [
      {
        name: `${NAMES[name]}, measured`,
        points: rows.map(({ row }) => [row.times, measuredKept(row)] as const),
        isMeasured: true,
      },
      {
        name: `${NAMES[name]}, simulated`,
        points: rows.map((compared) => [compared.row.times, kept(compared)] as const),
      },
    ]),
  };
}

/** Of messages of 1 MB: with PREMAP 512 a fault maps 512 pages, and costs a hundred times as much. */
function addedPlot({ series, alternatives }: Found): StudyPlot {
  const small = series.filter(({ name }) => name !== 'premap');
  const line = (name: string, rows: readonly Compared[]) => ({
    name,
    points: rows.map((compared) => [compared.row.times, perFault(compared)] as const),
  });
  const asleep = alternatives.filter(({ name }) => name === 'asleep');
  return {
    name: 'added',
    title: 'Time that a fault adds',
    x: { title: 'messages', scale: 'log' },
    y: { title: 'added per fault, in us' },
    series: [
      ...small.flatMap(({ name, rows }) => [
        {
          name: `${NAMES[name]}, measured`,
          points: rows.map((compared) => [compared.row.times, measuredPerFault(compared)] as const),
          isMeasured: true,
        },
        line(`${NAMES[name]}, simulated`, rows),
      ]),
      ...asleep.map(({ rows }) => line('VFIO, if the thread slept', rows)),
    ],
  };
}

function notes({ series, handler, zeroing }: Found): string[] {
  const value = (number: number) => number.toFixed(number < 10 ? 2 : 0);
  const ms = (time: number) => (time / 1000).toFixed(1);
  const spread = largest(
    series.flatMap(({ rows }) => rows.map((one) => (100 * one.with.time.halfWidth) / one.with.time.mean)),
  );
  const bases = series.flatMap((one) => one.rows.filter((compared) => isPredicted(one, compared)));
  const off = largest(bases.map((one) => (one.without.time.mean - timeOf(one.row, false)) / 1000));
  const [first, second] = series.find(({ name }) => name === 'vfio')!.rows as [Compared, Compared];
  const missing = second.row.faults * measuredPerFault(first) - addedTo(second.row);
  return [
    ...series.map(({ name, fitted, fittedOn }) => {
      const what =
        name === 'premap'
          ? `a page more of the handler ${value(fitted.perPage)} us`
          : `a wake-up ${value(fitted.wakeUp)} us`;
      return (
        `${NAMES[name]}, fitted on ${times(fittedOn)}: start-up ${value(fitted.startUp)} us, a message ${value(fitted.perMessage)} us` +
        `${name === 'premap' ? ' (ten times that of 1 MB)' : ''}, ${what}.`
      );
    }),
    `Seeds differ by ${Number.isFinite(spread) ? `${spread.toFixed(2)} % of a run at the most` : 'nothing that one of them could say'}; ` +
      `rows without IOPF that are not fitted are off by up to ${off.toFixed(1)} ms.`,
    `Noise of the run without IOPF does not explain x${second.row.times}: if each fault had cost what it does at x1, that run would ` +
      `have to be wrong by ${ms(missing)} ms of ${ms(timeOf(second.row, false))} ms.`,
    `Nor does memory that the host has already ("backed"): the whole handler takes ${handler} us, and what it would save ` +
      `is assumed to be ${zeroing} us.`,
    'What the data cannot tell: how the time of a fault outside its handler is divided, but for what sleeps and what does not; how ' +
      'many queues there were; which two pages besides its ring a queue needs; why a wake-up takes longer with VFIO; and, of x1000 and ' +
      'x5000, what a fault costs to better than a half, since a millisecond of noise in a run is a third of what all its faults add.',
  ];
}

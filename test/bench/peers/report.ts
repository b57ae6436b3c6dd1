/** Medians and ratios of a benchmark, and their tables. */
import Table from 'cli-table3';
import type { Cost, Outcome, Tool } from './tools.ts';

export interface Run {
  readonly outcome: Outcome;
  readonly cost: Cost;
}

/** SPIN says hundredths of a second; the rate of a shorter search would be noise. */
const MEASURABLE_SECONDS = 0.1;

export type Row = ReturnType<typeof summary>;

export function summary(tool: Tool, buildSeconds: number, runs: readonly Run[]) {
  const median = (of: (run: Run) => number) => middle(runs.map(of));
  const search = runs.map(({ outcome }) => outcome.searchSeconds);
  const { states, steps, ownBytes, verdict } = runs[0]!.outcome;
  return {
    tool: tool.name,
    family: tool.family,
    kind: tool.kind,
    threads: tool.threads,
    verdict,
    states,
    steps,
    buildSeconds,
    searchSeconds: middle(search),
    searchSecondsMin: Math.min(...search),
    searchSecondsMax: Math.max(...search),
    wallSeconds: median(({ cost }) => cost.wallSeconds),
    // Of a tool that forks we see neither the time nor the memory of all processes.
    cpuSeconds: tool.forks ? undefined : median(({ cost }) => cost.cpuSeconds),
    peakBytes: tool.forks ? undefined : median(({ cost }) => cost.peakBytes),
    ownBytes,
  };
}

/** How many times Faultline is better; it is measured with as many workers as the tool has threads, if that was run. */
export function ratios(row: Row, rows: readonly Row[]) {
  const own = rows.filter(({ family }) => family === 'faultline');
  const base = own.find(({ threads }) => threads === row.threads) ?? own[0]!;
  const rate = ({ steps, searchSeconds }: Row) =>
    searchSeconds < MEASURABLE_SECONDS ? undefined : steps / searchSeconds;
  const [baseRate, rowRate] = [rate(base), rate(row)];
  return {
    // A reduced search visits other states; only its verdict can be compared.
    speed: row.kind === 'reduced' || !baseRate || !rowRate ? undefined : baseRate / rowRate,
    toVerdict: (row.buildSeconds + row.wallSeconds) / (base.buildSeconds + base.wallSeconds),
    // On a busy machine the steadiest of these; Faultline's includes the start of Node.
    cpu: row.cpuSeconds === undefined ? undefined : row.cpuSeconds / base.cpuSeconds!,
    memory: row.peakBytes === undefined ? undefined : row.peakBytes / base.peakBytes!,
  };
}

const HEAD = [
  ...['tool', 'states', 'build s', 'search s', 'min-max', 'wall s', 'cpu s', 'M steps/s'],
  ...['RSS MB', 'B/state', 'own B/state', 'speed x', 'verdict x', 'cpu x', 'memory x'],
];

export function benchmarkTable(rows: readonly (Row & ReturnType<typeof ratios>)[]): string {
  const table = plainTable(HEAD, 1);
  for (const row of rows) table.push(cellsOf(row));
  return table.toString();
}

function cellsOf(row: Row & ReturnType<typeof ratios>): string[] {
  const fixed = (value: number | undefined, digits: number) => (value === undefined ? '' : value.toFixed(digits));
  const perState = (bytes: number | undefined) => fixed(bytes === undefined ? undefined : bytes / row.states, 0);
  return [
    row.kind === 'exact' ? row.tool : `${row.tool} (${row.kind})`,
    row.states.toLocaleString('en'),
    fixed(row.buildSeconds, 1),
    fixed(row.searchSeconds, 2),
    `${fixed(row.searchSecondsMin, 2)}-${fixed(row.searchSecondsMax, 2)}`,
    fixed(row.wallSeconds, 2),
    fixed(row.cpuSeconds, 2),
    row.searchSeconds < MEASURABLE_SECONDS ? '' : fixed(row.steps / row.searchSeconds / 1e6, 2),
    fixed(row.peakBytes === undefined ? undefined : row.peakBytes / 2 ** 20, 0),
    perState(row.peakBytes),
    perState(row.ownBytes),
    fixed(row.speed, 2),
    fixed(row.toVerdict, 2),
    fixed(row.cpu, 2),
    fixed(row.memory, 2),
  ];
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** @param left how many columns are text; the others are numbers */
export function plainTable(head: string[], left: number) {
  return new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (column < left ? 'left' : 'right')),
  });
}

/** What the study `density` tells of its outcomes. */
import type { Estimate } from '../../src/simulate/statistics.ts';
import type { Outcome, StudyContext, StudyPlot, StudyTable } from '../../src/simulate/study.ts';

export type DensityCase = {
  readonly isPinned: boolean;
  /** Of the host, in blocks. */
  readonly frames: number;
  /** Blocks of a guest's working set. */
  readonly working: number;
  /** The share of DMAs that go there. */
  readonly reuse: number;
};
export type DensityPoint = DensityCase & { readonly guests: number };
type DensityOutcome = Outcome<DensityPoint>;
type Simulate = StudyContext<never, DensityPoint>['simulate'];

export interface DensityCurve {
  readonly case: DensityCase;
  /** By guests, ascending. */
  readonly outcomes: readonly DensityOutcome[];
}

/** The three numbers of D-02, in GB/s and guests. */
export interface Shape {
  readonly case: DensityCase;
  readonly slope: number;
  readonly plateau: number;
  /** The guests at which the plateau is reached. */
  readonly plateauAt: number;
  /** null: it never bends. */
  readonly bends: number | null;
  /** With the most guests that were tried. */
  readonly end: Estimate;
}

export function shapeOf({ case: of, outcomes }: DensityCurve): Shape {
  const points = outcomes.map(({ point, values }) => ({ guests: point.guests, throughput: values.throughput! }));
  const first = points.filter(({ guests }) => guests <= 2);
  const slope = first.reduce((sum, { guests, throughput }) => sum + throughput.mean / guests, 0) / first.length;
  const top = points.reduce((best, each) => (each.throughput.mean > best.throughput.mean ? each : best));
  const bend = points.findIndex((each, at) => {
    const next = points[at + 1];
    if (!next) return false;
    return (next.throughput.mean - each.throughput.mean) / (next.guests - each.guests) < slope / 2;
  });
  return {
    case: of,
    slope,
    plateau: top.throughput.mean,
    plateauAt: top.guests,
    bends: bend < 0 ? null : points[bend]!.guests,
    end: points.at(-1)!.throughput,
  };
}

/** The most guests that fit. */
export interface Fit {
  readonly case: DensityCase;
  /** 0: not even one. */
  readonly guests: number;
  /** p99 of a DMA with these, us; null without any. */
  readonly latency: Estimate | null;
  /** With one more; null where there is none that was tried. */
  readonly next: DensityOutcome | null;
}

interface Search {
  readonly case: DensityCase;
  low: number;
  high: number;
  latency: Estimate | null;
  next: DensityOutcome | null;
}

interface SearchOptions {
  readonly most: number;
  /** What was simulated before. */
  readonly known: readonly DensityOutcome[];
}

const isOf = (of: DensityCase, { isPinned, frames, working, reuse }: DensityPoint) =>
  of.isPinned === isPinned && of.frames === frames && of.working === working && of.reuse === reuse;

/** What does not fit bounds the search from above, the fewest of them; what fits below that, from below, the most of them. */
function learn(search: Search, outcomes: readonly DensityOutcome[]): void {
  const fits = ({ values }: DensityOutcome) => values.refused!.mean === 0 && values.late!.mean < 0.5;
  for (const outcome of outcomes) {
    const { guests } = outcome.point;
    if (fits(outcome) || guests >= search.high) continue;
    search.high = guests;
    search.next = outcome;
  }
  for (const outcome of outcomes) {
    const { guests } = outcome.point;
    if (!fits(outcome) || guests >= search.high || guests <= search.low) continue;
    search.low = guests;
    search.latency = outcome.values.latency!;
  }
}

/** By halving, all cases side by side: the more guests, the longer the DMAs take. */
export async function largestThatFits(
  cases: readonly DensityCase[],
  { most, known }: SearchOptions,
  simulate: Simulate,
): Promise<Fit[]> {
  const searches = cases.map((each): Search => ({ case: each, low: 0, high: most + 1, latency: null, next: null }));
  for (const search of searches) {
    learn(
      search,
      known.filter(({ point }) => isOf(search.case, point)),
    );
  }
  for (;;) {
    const open = searches.filter(({ low, high }) => high - low > 1);
    if (open.length === 0) break;
    const points = open.map(({ case: of, low, high }) => ({ ...of, guests: Math.floor((low + high) / 2) }));
    const outcomes = await simulate(points);
    for (const [at, search] of open.entries()) learn(search, [outcomes[at]!]);
  }
  return searches.map(({ case: of, low, latency, next }) => ({ case: of, guests: low, latency, next }));
}

const wayName = ({ isPinned }: DensityCase) => (isPinned ? 'pin' : 'iopf');
const reuseText = ({ isPinned, reuse }: DensityCase) => (isPinned ? 'any' : `${Number((100 * reuse).toFixed(1))} %`);
const caseName = (of: DensityCase) => (of.isPinned ? 'pin' : `iopf, reuse ${reuseText(of)}`);

export function shapeTable(shapes: readonly Shape[]): StudyTable {
  return {
    title: 'Aggregate throughput, GB/s',
    head: ['way', 'reuse', 'slope', 'plateau', 'at guests', 'bends at', 'at the end'],
    rows: shapes.map(({ case: of, slope, plateau, plateauAt, bends, end }) => [
      wayName(of),
      reuseText(of),
      slope,
      plateau,
      plateauAt,
      bends ?? 'never',
      end,
    ]),
  };
}

export function fitTable(fits: readonly Fit[]): StudyTable {
  return {
    title: 'Guests that fit',
    head: ['way', 'reuse', 'working', 'host', 'fit', 'p99 us', 'last p99', 'refused', 'disk %'],
    rows: fits.map(({ case: of, guests, latency, next }) => [
      wayName(of),
      reuseText(of),
      of.isPinned ? 'any' : of.working,
      of.frames,
      guests,
      latency,
      next?.values.latency ?? null,
      next ? next.values.refused!.mean : null,
      next ? next.values.disk!.mean : null,
    ]),
  };
}

interface Told {
  readonly shapes: readonly Shape[];
  readonly fits: readonly Fit[];
  readonly bound: number;
  readonly most: number;
}

export function answerOf({ shapes, fits, bound, most }: Told): string[] {
  const [pin, ...rest] = fits;
  // The first are those of the shapes: one host, one working set.
  const faulting = rest.slice(0, shapes.length - 1);
  const more = faulting.filter(({ guests }) => guests > pin!.guests);
  const gb = (value: number) => value.toFixed(1);
  const shape = (each: Shape) =>
    `${caseName(each.case)} ${gb(each.slope)} a guest, bends at ${each.bends ?? `no number to ${most}`}, plateau ` +
    `${gb(each.plateau)} at ${each.plateauAt}, ${gb(each.end.mean)} at ${most}`;
  return [
    `Under a p99 of ${bound} us ${pin!.guests} guests fit that are pinned, and with IOPF ` +
      `${faulting.map(({ case: of, guests }) => `${guests} (reuse ${reuseText(of)})`).join(', ')}: ` +
      `${more.length === 0 ? 'never more' : `more in ${more.length} of ${faulting.length} cases`}.`,
    `Aggregate throughput in GB/s: ${shapes.map(shape).join('; ')}.`,
  ];
}

const plotOf = (
  name: string,
  title: string,
  y: StudyPlot['y'],
  curves: readonly DensityCurve[],
  value: string,
): StudyPlot => ({
  name,
  title,
  x: { title: 'guests' },
  y,
  series: curves.map(({ case: of, outcomes }) => ({
    name: caseName(of),
    points: outcomes.map(({ point, values }) => [point.guests, values[value]!] as const),
  })),
});

export function throughputPlot(curves: readonly DensityCurve[]): StudyPlot {
  return plotOf('throughput', 'Throughput of all guests together', { title: 'GB/s' }, curves, 'throughput');
}

export function latencyPlot(curves: readonly DensityCurve[]): StudyPlot {
  return plotOf('latency', 'What 99 % of the DMAs are done in', { title: 'us', scale: 'log' }, curves, 'latency');
}

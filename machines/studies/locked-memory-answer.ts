/** What the study `locked-memory` makes of its outcomes: curves over the limit, the limit at which each begins to thrash, and the words. */
import type { Outcome, StudyPlot, StudyTable } from '../../src/simulate/study.ts';
import { POLICY_NAMES, type Policy } from './locked-memory-machines.ts';

/** `ring`: one block after the other of a ring of buffers; `zipf`: the k-th block by 1 / k; `hot`: most DMA to a hot part. */
export const WORKLOADS = ['ring', 'hot', 'zipf', 'uniform'] as const;
export type Workload = (typeof WORKLOADS)[number];

/** What is asked at several limits. */
export type Case = {
  readonly workload: Workload;
  readonly policy: Policy;
  /** KiB of one DMA. */
  readonly message: number;
  /** The share of the guest that is hot, or the ring. */
  readonly hot: number;
};

/** `limit` is a share of the guest's memory. */
export type LimitPoint = Case & { readonly limit: number };

export interface Curve {
  readonly case: Case;
  /** By rising limit. */
  readonly outcomes: readonly Outcome<LimitPoint>[];
}

/** The levels that were proposed. */
const LEVELS = [0.1, 0.3, 0.5, 0.7];
const UNLIMITED = 1;
/** Of the time, transferring; with less it thrashes. */
const THRASHES_BELOW = 0.5;
const FULL = 0.95;
export const HALVINGS = 2;

/**
 * Simulates the levels, no limit where the device is too slow at all of them, and then, again and again, the middle of the two between
 * which a curve begins to thrash.
 */
export async function curvesOf(
  cases: readonly Case[],
  simulate: (points: readonly LimitPoint[]) => Promise<readonly Outcome<LimitPoint>[]>,
): Promise<Curve[]> {
  let outcomes = await simulate(cases.flatMap((one) => LEVELS.map((limit) => ({ ...one, limit }))));
  const curves = () => cases.map((one) => ({ case: one, outcomes: of(one, outcomes) }));
  const slow = curves().filter((curve) => curve.outcomes.at(-1)!.values.kept!.mean < THRASHES_BELOW);
  outcomes = [...outcomes, ...(await simulate(slow.map((curve) => ({ ...curve.case, limit: UNLIMITED }))))];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const points = curves().flatMap((curve) => {
      const bracket = bracketOf(curve);
      return bracket ? [{ ...curve.case, limit: (bracket[0].point.limit + bracket[1].point.limit) / 2 }] : [];
    });
    outcomes = [...outcomes, ...(await simulate(points))];
  }
  return curves();
}

function of(one: Case, outcomes: readonly Outcome<LimitPoint>[]): Outcome<LimitPoint>[] {
  return outcomes
    .filter(({ point }) => Object.entries(one).every(([name, value]) => point[name as keyof Case] === value))
    .sort((a, b) => a.point.limit - b.point.limit);
}

function bracketOf({ outcomes }: Curve): [Outcome<LimitPoint>, Outcome<LimitPoint>] | undefined {
  const above = outcomes.findIndex(({ values }) => values.kept!.mean >= THRASHES_BELOW);
  return above > 0 ? [outcomes[above - 1]!, outcomes[above]!] : undefined;
}

/**
 * On the line between the two limits next to it, or the upper one where it is at full speed there: then it is a step. 0: below the lowest
 * level; 1: even without a limit.
 */
export function thrashOf(curve: Curve): number {
  const bracket = bracketOf(curve);
  if (!bracket) return curve.outcomes[0]!.values.kept!.mean < THRASHES_BELOW ? UNLIMITED : 0;
  const [below, above] = bracket;
  const [from, to] = [below.values.kept!.mean, above.values.kept!.mean];
  if (to > FULL) return above.point.limit;
  const part = (THRASHES_BELOW - from) / (to - from);
  return below.point.limit + part * (above.point.limit - below.point.limit);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function thrashText(curve: Curve): string {
  const at = thrashOf(curve);
  return at === 0 ? `below ${percent(LEVELS[0]!)}` : percent(at);
}

export function widest(curves: readonly Curve[]): number {
  return Math.max(...curves.flatMap(({ outcomes }) => outcomes.map(({ values }) => values.rate!.halfWidth || 0)));
}

function at(curve: Curve, limit: number, name = 'rate'): number {
  return curve.outcomes.find(({ point }) => point.limit === limit)!.values[name]!.mean;
}

export function rates(curves: readonly Curve[]): StudyTable {
  return {
    title: 'Faults for 100 DMAs, by the limit as a share of the guest, and the limit below which it thrashes',
    head: ['workload', 'policy', ...LEVELS.map((limit) => `${100 * limit} %`), 'thrashes below'],
    rows: curves.map((curve) => [
      curve.case.workload,
      curve.case.policy,
      ...LEVELS.map((limit) => (100 * at(curve, limit)).toFixed(1)),
      thrashText(curve),
    ]),
  };
}

export function sensitivity(curves: readonly Curve[]): StudyTable {
  return {
    title: 'The workload hot with clock, where a DMA is shorter, and where less or more is hot',
    head: ['KiB a DMA', 'hot', 'faults at 10 %', 'kept at 10 %', 'kept at 50 %', 'thrashes below'],
    rows: curves.map((curve) => [
      curve.case.message,
      percent(curve.case.hot),
      (100 * at(curve, 0.1)).toFixed(1),
      percent(at(curve, 0.1, 'kept')),
      percent(at(curve, 0.5, 'kept')),
      thrashText(curve),
    ]),
  };
}

export function plotOf(workload: Workload, find: Find): StudyPlot {
  return {
    name: workload,
    title: `Faults for each DMA, workload ${workload}`,
    x: { title: 'limit, % of the guest' },
    y: { title: 'faults for each DMA' },
    series: POLICY_NAMES.map((policy) => ({
      name: policy,
      points: find(workload, policy).outcomes.map(({ point, values }) => [100 * point.limit, values.rate!] as const),
    })),
  };
}

type Find = (workload: Workload, policy: Policy) => Curve;

export function answerOf(find: Find): string[] {
  const [low] = LEVELS as [number];
  const thrashes = WORKLOADS.filter((workload) => at(find(workload, 'clock'), low, 'kept') < THRASHES_BELOW);
  const points = WORKLOADS.map((workload) => `${workload} ${thrashText(find(workload, 'clock'))}`).join(', ');
  const per100 = (curve: Curve, limit: number) => (100 * at(curve, limit)).toFixed(1);
  const hot = (policy: Policy) => per100(find('hot', policy), 0.3);
  const ring = (policy: Policy) => per100(find('ring', policy), low);
  const tracker =
    at(find('hot', 'oldest'), 0.3) < 0.95 * at(find('hot', 'random'), 0.3) ? 'better than' : 'no better than';
  return [
    thrashes.length === 0
      ? `No workload thrashes at ${percent(low)}, the proposed default, with clock; each begins to below: ${points}.`
      : `At ${percent(low)}, the proposed default, ${thrashes.join(', ')} thrash with clock; each does below: ${points}.`,
    `A tracker of the least recently mapped is ${tracker} drawing at random: with a hot part, at 30 %, 100 DMAs have ${hot('oldest')} ` +
      `faults against ${hot('random')}; with the access flag they have ${hot('clock')} (clock) and ${hot('lru')} (lru).`,
    `On a ring of buffers of ${percent(find('ring', 'clock').case.hot)} of the guest, at ${percent(low)}, 100 DMAs have ` +
      `${ring('random')} faults with random, ${ring('clock')} with clock, ${ring('lru')} with lru.`,
  ];
}

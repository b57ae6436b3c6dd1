/** What the study `pre-mapping` makes of its outcomes. */
import type { Outcome, StudyPlot, StudyResult, StudyTable } from '../../src/simulate/study.ts';

/** Of what the device does: see the study. */
export const PATTERNS = ['sequential', 'strided', 'random'] as const;
export type Pattern = (typeof PATTERNS)[number];

export const WINDOWS = 20;

type PolicyOf = {
  readonly policy: 'pinned' | 'none' | 'next' | 'aligned' | 'stride' | 'whole';
  /** Pages that a fault maps in all. */
  readonly length: number;
};

/** `page`: us for each page that is mapped ahead. `spread`: the device uses one page of so many. */
export type PremapPoint = { readonly pattern: Pattern; readonly page: number; readonly spread: number } & PolicyOf;

const next = (length: number): PolicyOf => ({ policy: 'next', length });
const NONE: PolicyOf = { policy: 'none', length: 1 };
const WHOLE: PolicyOf = { policy: 'whole', length: 1 };
const LENGTHS = [8, 64, 512];
const AHEAD = ['next', 'aligned', 'stride'] as const;

export const POLICIES: readonly PolicyOf[] = [
  { policy: 'pinned', length: 1 },
  NONE,
  ...AHEAD.flatMap((policy) => LENGTHS.map((length) => ({ policy, length }))),
  WHOLE,
];

/** Those for which the table of what may be doubted is made. */
export const DOUBTED: readonly PolicyOf[] = [NONE, next(8), next(64), next(512), WHOLE];

type Outcomes = readonly Outcome<PremapPoint>[];

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const value = ({ values }: Outcome<PremapPoint>, name: string) => values[name]!.mean;
const lost = (outcome: Outcome<PremapPoint>) => 1 - value(outcome, 'kept');
const titleOf = ({ policy, length }: PolicyOf) => (length > 1 ? `${policy} ${length}` : policy);

function find(outcomes: Outcomes, pattern: Pattern, { policy, length }: PolicyOf): Outcome<PremapPoint> {
  return outcomes.find(({ point }) => point.pattern === pattern && point.policy === policy && point.length === length)!;
}

function full(outcome: Outcome<PremapPoint>): string {
  return value(outcome, 'full') > value(outcome, 'window') * (WINDOWS - 0.5)
    ? 'never'
    : `${(value(outcome, 'full') / 1000).toFixed(2)} ms`;
}

export function resultOf(usual: Outcomes, doubted: Outcomes): StudyResult {
  return {
    answer: answerOf(usual),
    tables: [table(usual), doubts(doubted)],
    plots: [...PATTERNS.map((pattern) => curve(usual, pattern)), convergence(usual)],
    notes: [
      `When 95 % of full speed is reached for good is told to a window: ${percent(1 / WINDOWS)} of the run, which lasts ` +
        `${((value(usual[0]!, 'window') * WINDOWS) / 1000).toFixed(1)} ms.`,
      'Time is lost once, by first touches: in a run of twice the length half as much of it is lost.',
    ],
  };
}

function answerOf(outcomes: Outcomes): string[] {
  const worst = Math.min(...outcomes.map((outcome) => value(outcome, `speed${WINDOWS - 1}`)));
  const [none, some, whole] = [NONE, next(512), WHOLE].map((policy) => find(outcomes, 'random', policy)) as [
    Outcome<PremapPoint>,
    Outcome<PremapPoint>,
    Outcome<PremapPoint>,
  ];
  const of = (pattern: Pattern, policy: PolicyOf) => {
    const outcome = find(outcomes, pattern, policy);
    return `${percent(lost(outcome))} of the time for ${percent(value(outcome, 'mapped'))} of the memory`;
  };
  const stride = { policy: 'stride', length: 64 } as const;
  const gained = lost(find(outcomes, 'random', NONE)) - lost(find(outcomes, 'random', stride));
  return [
    `Without memory pressure ${worst >= 0.99 ? 'every policy comes' : 'not every policy comes'} to the speed of pinned memory ` +
      `(the slowest has ${percent(worst)} of it in the end); with random access 95 % takes ${full(none)} with none, ` +
      `${full(some)} with next 512, ${full(whole)} with whole RAM.`,
    `What a policy costs depends on the device: next 64 loses ${of('sequential', next(64))} with sequential access, ` +
      `${of('random', next(64))} with random access; whole RAM loses ${of('random', WHOLE)}, none ${of('random', NONE)}.`,
    `The stride predictor (64) loses ${of('strided', stride)} with strided access, where next 64 loses ${of('strided', next(64))}; ` +
      `with random access it loses ${of('random', stride)}, ` +
      `${gained < 0.01 ? 'about as much as none does' : `${percent(gained)} less than none does`}.`,
  ];
}

function table(outcomes: Outcomes): StudyTable {
  return {
    title:
      'Faults, memory that is mapped in the end, time that is lost in the run, and when 95 % of full speed is reached',
    head: ['pattern', 'policy', 'faults', 'mapped', 'lost', '95 % after'],
    rows: outcomes.map((outcome) => [
      outcome.point.pattern,
      titleOf(outcome.point),
      Math.round(value(outcome, 'faults')),
      percent(value(outcome, 'mapped')),
      percent(lost(outcome)),
      full(outcome),
    ]),
  };
}

function doubts(outcomes: Outcomes): StudyTable {
  return {
    title: 'Random access, where a page ahead costs more, and where the device uses fewer pages',
    head: ['us a page', 'uses 1 of', 'policy', 'mapped', 'lost', '95 % after'],
    rows: outcomes.map((outcome) => [
      outcome.point.page,
      outcome.point.spread,
      titleOf(outcome.point),
      percent(value(outcome, 'mapped')),
      percent(lost(outcome)),
      full(outcome),
    ]),
  };
}

function curve(outcomes: Outcomes, pattern: Pattern): StudyPlot {
  const at = (policy: PolicyOf) => {
    const outcome = find(outcomes, pattern, policy);
    return [100 * (1 - value(outcome, 'mapped')), 100 * lost(outcome)] as const;
  };
  return {
    name: pattern,
    title: `Overhead against memory saved, ${pattern} access`,
    x: { title: 'memory that is not mapped, %' },
    y: { title: 'time lost, %' },
    series: [
      ...AHEAD.map((policy) => ({
        name: `${policy} 8, 64, 512`,
        points: LENGTHS.map((length) => at({ policy, length })),
      })),
      ...[NONE, WHOLE].map((policy) => ({ name: policy.policy, points: [at(policy)] })),
    ],
  };
}

function convergence(outcomes: Outcomes): StudyPlot {
  return {
    name: 'convergence',
    title: 'Speed after the start, random access',
    x: { title: 'ms' },
    y: { title: '% of full speed' },
    series: DOUBTED.map((policy) => {
      const outcome = find(outcomes, 'random', policy);
      const ms = value(outcome, 'window') / 1000;
      return {
        name: titleOf(policy),
        points: Array.from(
          { length: WINDOWS },
          (_, at) => [(at + 0.5) * ms, 100 * value(outcome, `speed${at}`)] as const,
        ),
      };
    }),
  };
}

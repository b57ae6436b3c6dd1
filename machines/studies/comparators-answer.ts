/** What the study `comparators` tells of its outcomes. */
import type { Outcome, StudyContext, StudyPlot, StudyTable } from '../../src/simulate/study.ts';

export const WAYS = ['pin', 'strict', 'deferred', 'tracked', 'iopf'] as const;
export const DRIVERS = ['keeps', 'returns', 'fresh'] as const;
export type Way = (typeof WAYS)[number];
export type ComparedDriverKind = (typeof DRIVERS)[number];

export type ComparedPoint = {
  readonly way: Way;
  readonly driver: ComparedDriverKind;
  /** us */
  readonly trap: number;
  /** us */
  readonly work: number;
  /** cycles */
  readonly invalidation: number;
  /** DMAs that the device overlaps. */
  readonly engines: number;
};
type ComparedOutcome = Outcome<ComparedPoint>;
type Simulate = StudyContext<never, ComparedPoint>['simulate'];

/** Of the line rate, in percent: vIOMMU, ATC 2011 (constants.md C.6). */
const MEASURED = { strict: 43, deferred: 91 } as const;
/** Cycles of the invalidation of an unmap without a hypervisor: rIOMMU, ASPLOS 2015 (C.6). */
export const UNMAP_MEASURED = 2127;

const DRIVER_TEXT: Readonly<Record<ComparedDriverKind, string>> = {
  keeps: 'A driver that keeps its buffers mapped',
  returns: 'A driver that maps and unmaps each buffer; its pages come again',
  fresh: 'A driver that maps and unmaps each buffer; each page is fresh for the host',
};

/** The trap at which `strict` keeps what was measured, and what `deferred` keeps with it. */
export interface TracedTrap {
  readonly work: number;
  readonly invalidation: number;
  /** null: it keeps less with any. */
  readonly trap: number | null;
  readonly strict: number;
  readonly deferred: number;
}

const LONGEST_TRAP = 16;
const HALVINGS = 9;

/** By halving: the longer the trap, the less is kept. */
export async function tracedTrap(
  costs: Omit<ComparedPoint, 'way' | 'driver' | 'trap'>,
  simulate: Simulate,
): Promise<TracedTrap> {
  const kept = async (way: Way, trap: number) => {
    const [outcome] = await simulate([{ ...costs, way, driver: 'returns', trap }]);
    return outcome!.values.kept!.mean;
  };
  let [low, high] = [0, LONGEST_TRAP];
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (low + high) / 2;
    if ((await kept('strict', middle)) > MEASURED.strict) low = middle;
    else high = middle;
  }
  const strict = await kept('strict', high);
  const found = Math.abs(strict - MEASURED.strict) < 1;
  return { ...costs, trap: found ? high : null, strict, deferred: await kept('deferred', high) };
}

const find = (all: readonly ComparedOutcome[], driver: ComparedDriverKind, way: Way) =>
  all.find(({ point }) => point.driver === driver && point.way === way)!.values;

const percent = (value: number) => `${value.toFixed(value < 99.5 ? 1 : 0)} %`;

export function answerOf(all: readonly ComparedOutcome[], fitted: readonly TracedTrap[]): string[] {
  const kept = (driver: ComparedDriverKind) =>
    WAYS.slice(1).map((way) => {
      const share = find(all, driver, way).kept!.mean / find(all, driver, 'pin').kept!.mean;
      return `${way} ${percent(100 * share)}`;
    });
  const cpu = WAYS.map((way) => {
    const { guestCpu, hostCpu } = find(all, 'fresh', way);
    return `${way} ${(guestCpu!.mean + hostCpu!.mean).toFixed(2)}`;
  });
  const traced = fitted.filter(({ trap }) => trap !== null).map(({ deferred }) => deferred);
  const [least, most] = [Math.min(...traced), Math.max(...traced)];
  const told =
    traced.length === 0
      ? `No trap makes strict keep the measured ${MEASURED.strict} %`
      : `Where the trap is such that strict keeps the measured ${MEASURED.strict} %, deferred keeps ${percent(least)} to ` +
        `${percent(most)}, and ${MEASURED.deferred} % was measured`;
  const cycles = find(all, 'returns', 'strict').unmapCycles!.mean;
  return [
    `Of the pinned throughput a driver that keeps its buffers has ${kept('keeps').join(', ')}; one whose pages return ` +
      `${kept('returns').join(', ')}; one with fresh pages ${kept('fresh').join(', ')}.`,
    `A fresh buffer costs, in us of CPU: ${cpu.join(', ')}.`,
    `${told}; a strict unmap takes ${cycles.toFixed(0)} cycles with its trap, and ${UNMAP_MEASURED} were measured for the ` +
      'invalidation without one.',
  ];
}

export function wayTable(driver: ComparedDriverKind, all: readonly ComparedOutcome[]): StudyTable {
  return {
    title: DRIVER_TEXT[driver],
    head: ['way', 'kept %', 'guest us', 'host us', 'faults', 'invalidations'],
    rows: WAYS.map((way) => {
      const { kept, guestCpu, hostCpu, faults, invalidations } = find(all, driver, way);
      return [way, kept!, guestCpu!, hostCpu!, faults!, invalidations!];
    }),
  };
}

const pointKey = ({ trap, work, invalidation }: ComparedPoint) => `${trap}, ${work}, ${invalidation}`;

interface Doubts {
  readonly doubted: readonly ComparedOutcome[];
  readonly overlapped: readonly ComparedOutcome[];
  readonly fitted: readonly TracedTrap[];
}

export function sensitivityTables({ doubted, overlapped, fitted }: Doubts): StudyTable[] {
  const keys = [...new Set(doubted.map(({ point }) => pointKey(point)))];
  return [
    {
      title: 'kept %, pages return',
      head: ['trap, work us, cycles', ...WAYS],
      rows: keys.map((key) => [
        key,
        ...WAYS.map((way) => doubted.find(({ point }) => point.way === way && pointKey(point) === key)!.values.kept!),
      ]),
    },
    {
      title: 'kept %, fresh pages, by how many DMAs the device overlaps',
      head: ['DMAs', ...WAYS],
      rows: [...new Set(overlapped.map(({ point }) => point.engines))].map((engines) => [
        engines,
        ...WAYS.map(
          (way) => overlapped.find(({ point }) => point.way === way && point.engines === engines)!.values.kept!,
        ),
      ]),
    },
    {
      title: `The trap at which strict keeps the measured ${MEASURED.strict} %, and deferred with it (measured ${MEASURED.deferred} %)`,
      head: ['work us', 'cycles', 'trap us', 'strict %', 'deferred %'],
      rows: fitted.map((each) => [each.work, each.invalidation, each.trap, each.strict, each.deferred]),
    },
  ];
}

export function wayPlot(doubted: readonly ComparedOutcome[]): StudyPlot {
  const { work, invalidation } = doubted[0]!.point;
  return {
    name: 'trap',
    title: 'Throughput of a driver that maps and unmaps each buffer',
    x: { title: 'us of a trap', scale: 'log' },
    y: { title: '% of the line rate' },
    series: WAYS.map((way) => ({
      name: way,
      points: doubted
        .filter(({ point }) => point.way === way && point.work === work && point.invalidation === invalidation)
        .map(({ point, values }) => [point.trap, values.kept!] as const),
    })),
  };
}

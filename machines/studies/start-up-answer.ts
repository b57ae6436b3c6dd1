/** What the study `start-up` simulates, and what it makes of it. */
import type { Outcome, StudyPlot, StudyResult, StudyTable } from '../../src/simulate/study.ts';

export const WINDOWS = 100;

/** Of a page that is transferred, in us; only for how long a run is. */
const PAGE_AT_MOST = 0.5;

export type StartPoint = {
  readonly how: 'pinned' | 'pinned a page at a time' | 'faulted';
  /** Pages that a fault maps. */
  readonly premap: 1 | 8 | 64 | 512;
  /** Of 2 MiB, which the device uses. */
  readonly buffers: number;
  /** us to get and map a page, and for a fault. */
  readonly page: number;
  readonly fault: number;
  /** us that are simulated. */
  readonly time: number;
};

interface Values {
  readonly memory: number;
  readonly buffers: number;
  readonly page: number;
  readonly fault: number;
  readonly call: number;
}

type Outcomes = readonly Outcome<StartPoint>[];

/** Of a window at least, in buffers at full speed: that one more or less is no great difference. */
const WINDOW_AT_LEAST = 4;

/** As long as the slowest of them needs to be at full speed, and a third more. */
function pointsOf(
  { memory, call }: Values,
  cases: readonly Pick<StartPoint, 'how' | 'premap'>[],
  rest: Pick<StartPoint, 'buffers' | 'page' | 'fault'>,
): StartPoint[] {
  const needs = cases.map(({ how, premap }) => {
    if (how !== 'faulted') return memory * 256 * (rest.page + (how === 'pinned' ? 0 : call));
    return rest.buffers * 512 * ((rest.fault + (premap - 1) * rest.page) / premap + PAGE_AT_MOST);
  });
  const time = Math.max((4 / 3) * Math.max(...needs), WINDOWS * WINDOW_AT_LEAST * 512 * PAGE_AT_MOST);
  return cases.map((one) => ({ ...one, ...rest, time }));
}

const PINNED = { how: 'pinned', premap: 1 } as const;
const faulted = (premap: StartPoint['premap']) => ({ how: 'faulted', premap }) as const;

/** First the usual ones, on one scale of time; then fewer buffers; then what may be doubted. */
export function casesOf(values: Values): StartPoint[] {
  const { page, fault } = values;
  // Of a small guest, all.
  const buffers = Math.min(values.buffers, Math.floor(values.memory / 2));
  const some = Math.max(1, Math.round(buffers / 8));
  const few = Math.max(1, Math.round(buffers / 64));
  const usual = [PINNED, { how: 'pinned a page at a time', premap: 1 } as const, faulted(1), faulted(64), faulted(512)];
  const separately = (cases: readonly Pick<StartPoint, 'how' | 'premap'>[], rest: Parameters<typeof pointsOf>[2]) =>
    cases.flatMap((one) => pointsOf(values, [one], rest));
  return [
    ...pointsOf(values, usual, { buffers, page, fault }),
    ...[some, few].flatMap((count) => separately([faulted(1), faulted(512)], { buffers: count, page, fault })),
    ...[0.305, 1.2].flatMap((other) =>
      separately([PINNED, faulted(1), faulted(512)], { buffers: some, page: other, fault }),
    ),
    ...[3.8, 700].flatMap((other) => separately([faulted(1), faulted(512)], { buffers: some, page, fault: other })),
  ];
}

const USUAL = 5;
const REUSED = 4;

const value = ({ values }: Outcome<StartPoint>, name: string) => values[name]!.mean;
const seconds = (us: number) => `${(us / 1e6).toPrecision(3)} s`;
const titleOf = ({ how, premap }: StartPoint) => (how === 'faulted' ? `faulted, ${premap} a fault` : how);
const mib = (buffers: number) => `${2 * buffers} MiB`;

export function resultOf(outcomes: Outcomes, memory: number): StudyResult {
  const usual = outcomes.slice(0, USUAL);
  return {
    answer: answerOf(outcomes, memory),
    tables: [table(outcomes.slice(0, USUAL + REUSED)), doubts(outcomes.slice(USUAL + REUSED))],
    plots: [plotOf(usual)],
    notes: [
      `95 % is told to a window, a ${WINDOWS}th of the run: ${seconds(usual[0]!.point.time / WINDOWS)} in the first five rows.`,
      'All times are from when the VMM begins to map the memory of the guest; booting the guest takes no time here.',
    ],
  };
}

function answerOf(outcomes: Outcomes, memory: number): string[] {
  const [pinned, pageByPage, single, , premapped, some, somePremapped, few] = outcomes as Outcome<StartPoint>[];
  const start = value(pinned!, 'start');
  // Where the first touches of all that the device uses take as long as pinning everything.
  const even = (outcome: Outcome<StartPoint>) => (start / value(outcome, 'full')) * 2 * outcome.point.buffers;
  const told = (outcome: Outcome<StartPoint>) => {
    const at = even(outcome);
    return at < memory ? `beyond ${Math.round(at)} MiB (${((100 * at) / memory).toFixed(0)} % of the guest)` : 'never';
  };
  return [
    `A guest of ${memory} MiB that is pinned starts after ${seconds(start)} (${seconds(value(pageByPage!, 'start'))} a page at a time), ` +
      `and its device is at 95 % of full speed after ${seconds(value(pinned!, 'full'))}; with faults it starts at once, and a device ` +
      `that uses ${mib(single!.point.buffers)} is at 95 % after ${seconds(value(single!, 'full'))}, ` +
      `with ${premapped!.point.premap} pages a fault after ${seconds(value(premapped!, 'full'))}.`,
    `What counts is what the device uses, for buffers that are reused fault once: ${mib(some!.point.buffers)} take ` +
      `${seconds(value(some!, 'full'))}, ${mib(few!.point.buffers)} ${seconds(value(few!, 'full'))}.`,
    `Faults of one page take longer than pinning everything ${told(some!)}, with ${somePremapped!.point.premap} pages a fault ` +
      `${told(somePremapped!)} (reckoned from the run with ${mib(some!.point.buffers)}).`,
  ];
}

function table(outcomes: Outcomes): StudyTable {
  return {
    title: 'Time to start, and to 95 % of full speed',
    head: ['memory is', 'device uses', 'faults', 'starts after', '95 % after'],
    rows: outcomes.map((outcome) => [
      titleOf(outcome.point),
      mib(outcome.point.buffers),
      Math.round(value(outcome, 'faults')),
      seconds(value(outcome, 'start')),
      seconds(value(outcome, 'full')),
    ]),
  };
}

function doubts(outcomes: Outcomes): StudyTable {
  return {
    title: 'Where a page, or a fault, costs something else',
    head: ['us a page', 'us a fault', 'memory is', 'device uses', '95 % after'],
    rows: outcomes.map((outcome) => [
      outcome.point.page,
      outcome.point.fault,
      titleOf(outcome.point),
      mib(outcome.point.buffers),
      seconds(value(outcome, 'full')),
    ]),
  };
}

function plotOf(outcomes: Outcomes): StudyPlot {
  return {
    name: 'speed',
    title: `Speed after the start, a device that uses ${mib(outcomes[0]!.point.buffers)}`,
    x: { title: 's after the VMM begins to map' },
    y: { title: '% of full speed' },
    series: outcomes.map((outcome) => ({
      name: titleOf(outcome.point),
      points: Array.from(
        { length: WINDOWS },
        (_, at) => [((at + 0.5) * outcome.point.time) / WINDOWS / 1e6, 100 * value(outcome, `speed${at}`)] as const,
      ),
    })),
  };
}

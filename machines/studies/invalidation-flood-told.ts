/** What `invalidation-flood.ts` asks for, and how its outcomes are told. */
import { z } from 'zod';
import type { Outcome, StudyPlot, StudyResult, StudyTable } from '../../src/simulate/study.ts';

/** B-20, in microseconds. */
const STUCK = 26e6;
const PAGES_OF_GIB = 2 ** 18;

export type FloodPoint = {
  pages: number;
  threads: number;
  /** One TLBI for the ASID, however many pages there are. */
  isAsid: boolean;
  entries: number;
  command: number;
  /** It looks at CONS with waits that double; otherwise the SMMU writes a word that wakes the CPU (MSI). */
  polls: boolean;
};

const time = (what: string, value: number, most: number) =>
  z.number().min(0.001).max(most).default(value).describe(`${what}, in microseconds`);
const count = (what: string, value: number, most: number) => z.int().min(1).max(most).default(value).describe(what);

export const floodParameters = z.object({
  pages: z
    .int()
    .min(2048)
    .max(2 ** 18)
    .default(2 ** 15)
    .describe('the most pages of one munmap()'),
  threads: count('the most threads that unmap at once', 32, 128),
  cut: z.int().min(64).max(2048).default(512).describe('pages from which on the kernel invalidates the whole ASID'),
  entries: z
    .int()
    .min(128)
    .max(2 ** 17)
    .default(2 ** 16)
    .describe('entries of the command queue'),
  command: time('what a TLBI takes of the SMMU', 0.1, 100),
  sync: time('what a CMD_SYNC takes of the SMMU', 3.9, 1000),
  issue: time('how long a CPU writes a batch of 64', 1, 1000),
  translations: count('translations that a device of the process has in use', 512, 4096),
  walk: time('walking one of them again', 0.2, 1000),
});
export type FloodValues = z.output<typeof floodParameters>;

export type FloodOutcome = Outcome<FloodPoint>;

export interface FloodOutcomes {
  /** One thread, a TLBI for each page. */
  readonly sizes: readonly FloodOutcome[];
  /** One thread, a TLBI for the ASID. */
  readonly asid: FloodOutcome;
  /** As two of the sizes. */
  readonly polling: readonly FloodOutcome[];
  /** From one thread on. */
  readonly crowds: readonly FloodOutcome[];
  readonly queues: readonly FloodOutcome[];
  /** Two sizes for each time of a TLBI. */
  readonly speeds: readonly FloodOutcome[];
}

const mean = ({ values }: FloodOutcome, name: string) => values[name]!.mean;
const us = (time: number) =>
  time < 1000 ? `${time.toFixed(time < 10 ? 1 : 0)} us` : `${(time / 1000).toPrecision(3)} ms`;

export function floodTold(outcomes: FloodOutcomes, values: FloodValues): StudyResult {
  return {
    answer: [stuckSentence(outcomes), speedSentence(outcomes), cutSentence(outcomes, values)],
    tables: [bySize(outcomes, values), changes(outcomes)],
    plots: [bySizePlot(outcomes), bySpeedPlot(outcomes)],
    notes: [
      'What a TLBI takes nobody has published, and the memory for 26 s is as good as that.',
      `26 s is a line through ${outcomes.sizes.at(-2)!.point.pages} and ${outcomes.sizes.at(-1)!.point.pages} pages. CMD_SYNCs that were not ` +
        `complete after 1 s: ${Object.values(outcomes)
          .flat()
          .reduce((sum, outcome) => sum + mean(outcome, 'timeOuts'), 0)}.`,
    ],
  };
}

/** Microseconds for each page more. */
function slopeOf([less, more]: readonly FloodOutcome[]): number {
  return (mean(more!, 'munmap') - mean(less!, 'munmap')) / (more!.point.pages - less!.point.pages);
}

/** GiB of one munmap() that takes 26 s. */
const gibOf = (pair: readonly FloodOutcome[]) => STUCK / slopeOf(pair) / PAGES_OF_GIB;

/** By what time of a TLBI, in microseconds: GiB for 26 s. */
function bySpeed({ sizes, speeds }: FloodOutcomes): (readonly [command: number, gib: number])[] {
  const pairs = [sizes.slice(-2), ...speeds.flatMap((_, at) => (at % 2 === 0 ? [speeds.slice(at, at + 2)] : []))];
  return pairs.map((pair) => [pair[0]!.point.command, gibOf(pair)] as const).sort(([a], [b]) => a - b);
}

function stuckSentence({ sizes, asid, crowds }: FloodOutcomes): string {
  const [one, many] = [crowds[0]!, crowds.at(-1)!];
  const longer = mean(many, 'munmap') / mean(one, 'munmap');
  const gib = gibOf(sizes.slice(-2));
  return (
    `With a TLBI for each page an munmap() takes ${slopeOf(sizes.slice(-2)).toFixed(3)} us for each page more, so 26 s are ${gib.toFixed(0)} GiB ` +
    `by one thread, or ${(gib / longer).toFixed(1)} GiB by each of ${many.point.threads} at once, for each then takes ` +
    `${longer.toFixed(1)} times as long; with one for the ASID it takes ${us(mean(asid, 'munmap'))}, whatever its size.`
  );
}

function speedSentence(outcomes: FloodOutcomes): string {
  const tells = bySpeed(outcomes).map(([command, gib]) => `${gib.toFixed(0)} GiB (${command} us)`);
  return `The memory that one thread is stuck with for 26 s turns on what a TLBI takes: ${tells.join(', ')}.`;
}

/** From how many pages on one TLBI for all takes less, with the translations that are walked again. */
function breakEven({ sizes, asid }: FloodOutcomes): number | undefined {
  const cost = mean(asid, 'munmap') + mean(asid, 'walking');
  const at = sizes.findIndex((outcome) => mean(outcome, 'munmap') >= cost);
  if (at < 1) return undefined;
  return sizes[at - 1]!.point.pages + (cost - mean(sizes[at - 1]!, 'munmap')) / slopeOf(sizes.slice(at - 1, at + 1));
}

function cutSentence(outcomes: FloodOutcomes, { cut, translations }: FloodValues): string {
  const even = breakEven(outcomes);
  const [few, many] = [outcomes.queues[0]!, outcomes.queues.at(-1)!];
  const polled = outcomes.polling.map((outcome) => {
    const same = outcomes.sizes.find(({ point }) => point.pages === outcome.point.pages)!;
    return (mean(outcome, 'munmap') / mean(same, 'munmap') - 1) * 100;
  });
  return (
    `One for all is the better one ${even ? `from ${even.toFixed(0)} pages on` : 'at none of these sizes'} (the kernel: ${cut}), if ${translations} ` +
    `translations are walked again, which takes ${us(mean(outcomes.asid, 'walking'))}; a queue of ${many.point.entries} entries in place of ` +
    `${few.point.entries} changes an munmap() by ${((mean(many, 'munmap') / mean(few, 'munmap') - 1) * 100).toFixed(1)} % and what another command waits ` +
    `from ${us(mean(few, 'wait'))} to ${us(mean(many, 'wait'))}, and polling with waits that double adds ` +
    `${Math.max(...polled).toFixed(0)} % at the most.`
  );
}

function bySize({ sizes, asid }: FloodOutcomes, { cut }: FloodValues): StudyTable {
  return {
    title: `One munmap(), and what a command waits; one for all from ${cut} pages on`,
    head: ['pages', 'a TLBI for each', 'since v6.6', 'and walks', 'wait before', 'wait since'],
    rows: sizes.map((outcome) => {
      const since = outcome.point.pages < cut ? outcome : asid;
      return [
        outcome.point.pages,
        us(mean(outcome, 'munmap')),
        us(mean(since, 'munmap')),
        us(mean(since, 'munmap') + mean(since, 'walking')),
        us(mean(outcome, 'wait')),
        us(mean(since, 'wait')),
      ];
    }),
  };
}

function changes({ polling, crowds, queues }: FloodOutcomes): StudyTable {
  return {
    title: 'A TLBI for each page: threads at once, entries of the queue, polling',
    head: ['threads', 'pages each', 'entries', 'CMD_SYNC', 'the longest munmap()', 'a command waits'],
    rows: [...crowds, ...queues, ...polling].map((outcome) => [
      outcome.point.threads,
      outcome.point.pages,
      outcome.point.entries,
      outcome.point.polls ? 'polled' : 'MSI',
      us(mean(outcome, 'munmap')),
      us(mean(outcome, 'wait')),
    ]),
  };
}

function bySizePlot({ sizes, asid }: FloodOutcomes): StudyPlot {
  const whole = mean(asid, 'munmap') + mean(asid, 'walking');
  return {
    name: 'size',
    title: 'What an munmap() costs',
    x: { title: 'pages', scale: 'log' },
    y: { title: 'microseconds', scale: 'log' },
    series: [
      { name: 'a TLBI for each page', points: sizes.map((outcome) => [outcome.point.pages, outcome.values.munmap!]) },
      { name: 'one for the ASID, and walks', points: sizes.map(({ point }) => [point.pages, whole]) },
    ],
  };
}

function bySpeedPlot(outcomes: FloodOutcomes): StudyPlot {
  return {
    name: 'stuck',
    title: 'Memory of one munmap() that takes 26 s',
    x: { title: 'what a TLBI takes, in microseconds', scale: 'log' },
    y: { title: 'GiB', scale: 'log' },
    series: [{ name: 'one thread', points: bySpeed(outcomes) }],
  };
}

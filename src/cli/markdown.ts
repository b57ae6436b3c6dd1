/**
 * The results of a check as a comment for a pull request, in GitHub's Markdown: a table of verdicts, then what there is to say about
 * each violation, with its trace as a Mermaid chart that is folded.
 *
 * Names come from models, and a pull request may be anybody's. So each is code, of which GitHub makes no link, mention or emoji, and
 * its punctuation is written as entities, which Markdown takes for text. A block has a longer fence than anything within it.
 *
 * GitHub refuses a comment that is too long. What does not fit is left out, the least important first, and the comment says so.
 */
import { EXIT } from '../system/verdict.ts';
import { visible, visibleLine } from '../system/visible.ts';
import { toMermaid } from '../trace/mermaid.ts';
import { cut } from '../trace/words.ts';
import { statusOf } from './check-result.ts';
import {
  BOUND_TEXT,
  differenceOf,
  endText,
  growthLines,
  replayCommand,
  statesText,
  verdictText,
} from './check-text.ts';
import type { CheckResultDocument } from './documents.ts';
import { explanationLines, racesOf } from './explanation-text.ts';
import type { Judged } from './junit.ts';
import { signedColours } from './terminal.ts';
import { duration, plural, thousands, unlessMissed } from './text.ts';

/** GitHub takes 65,536 characters; whoever posts the comment puts a mark of its own before it. */
export const MARKDOWN_MAX = 65_000;
/** Of these the table may take so many. */
const TABLE_MAX = 30_000;
/** GitHub draws no chart whose text is longer than 50,000 characters. */
const CHART_MAX = 45_000;
const COMMAND_MAX = 2000;
const NAME_MAX = 80;
const SENTENCE_MAX = 300;
/** For what is left out, and the line ends between. */
const RESERVED = 600;
const OTHERS_MAX = 20;

const PLAIN = { colours: signedColours(false), width: 100 };

interface Written {
  /** Of the command. */
  readonly status: number;
  /** What is hollow is as bad as a violation. */
  readonly strict?: boolean;
  /** Sentences of our own, for the end. */
  readonly notes?: readonly string[];
}

/** @returns at most `MARKDOWN_MAX` characters, with a newline at the end */
export function toMarkdown(judged: readonly Judged[], { status, strict = false, notes = [] }: Written): string {
  const told = judged.map((one): Told => ({ ...one, status: statusOf(one.result, one.compared, strict) }));
  const { text: table, rowsLeftOut } = tableOf(told);
  const sections = told
    .filter(({ result, status }) => status !== EXIT.holds || result.verdict !== 'holds')
    .sort((one, other) => Number(one.status === EXIT.holds) - Number(other.status === EXIT.holds))
    .map(sectionOf);
  const head = [`### ${MARKS[status]} Faultline: ${headline(told, status)}`, table].join('\n\n');
  const end = notes.map(entities).join('\n\n');
  const { texts, leftOut } = fitted(sections, MARKDOWN_MAX - RESERVED - head.length - end.length);
  const missing = [
    ...(rowsLeftOut > 0 ? [`${plural(rowsLeftOut, 'row')} of the table`] : []),
    ...(Object.keys(leftOut) as Part[]).filter((part) => leftOut[part] > 0).map((part) => plural(leftOut[part], part)),
  ];
  const note =
    missing.length === 0 ? '' : `Left out, as GitHub takes no longer comment or chart: ${missing.join(', ')}.`;
  return `${[head, ...texts, note, end].filter((part) => part !== '').join('\n\n')}\n`;
}

interface Told extends Judged {
  readonly status: number;
}

const MARKS: Readonly<Record<number, string>> = {
  [EXIT.holds]: '✅',
  [EXIT.violated]: '❌',
  [EXIT.unknown]: '⚠️',
  [EXIT.model]: '🛑',
};

function headline(told: readonly Told[], status: number): string {
  const unwanted = told.filter((one) => one.status !== EXIT.holds).length;
  if (status === EXIT.holds) {
    if (told.some(({ result }) => result.verdict !== 'holds'))
      return `${told.length === 1 ? 'the result is' : `all ${thousands(told.length)} results are`} as expected`;
    const missed = told.some(({ result }) => result.missProbability !== null) ? ', unless a state was missed' : '';
    return `${told.length === 1 ? 'holds' : `all ${thousands(told.length)} results hold`}${missed}`;
  }
  const what = { [EXIT.model]: 'the model is wrong', [EXIT.unknown]: 'unknown' }[status] ?? violatedText(told);
  return told.length === 1
    ? what
    : `${what}, and ${thousands(unwanted)} of ${plural(told.length, 'result')} are not as wanted`;
}

function violatedText(told: readonly Told[]): string {
  return told.some(({ result, status }) => status === EXIT.violated && result.verdict === 'violated')
    ? 'violated'
    : 'not as expected';
}

// --- the table ---

const HEAD = '| | scenario | variant | verdict | expected | states | time |\n|---|---|---|---|---|--:|--:|';

function tableOf(told: readonly Told[]): { text: string; rowsLeftOut: number } {
  const rows = told.map(rowOf);
  let left = TABLE_MAX - HEAD.length;
  const kept = new Set<number>();
  const wanted = [...told.keys()].sort((a, b) => Number(told[a]!.status === 0) - Number(told[b]!.status === 0));
  for (const index of wanted) {
    left -= rows[index]!.length + 1;
    if (left < 0) break;
    kept.add(index);
  }
  const text = [HEAD, ...rows.filter((_, index) => kept.has(index))].join('\n');
  return { text, rowsLeftOut: rows.length - kept.size };
}

function rowOf({ result, status }: Told): string {
  const { scenario, variant, expected, asExpected, states, seconds } = result;
  const cells = [
    MARKS[status]!,
    code(scenario, NAME_MAX),
    variant === null ? '-' : code(variant, NAME_MAX),
    verdictText(result, PLAIN.colours),
    !expected || asExpected === null ? '-' : expected.verdict,
    thousands(states),
    duration(seconds),
  ];
  return `| ${cells.join(' | ')} |`;
}

// --- what there is to say about a result ---

type Part = 'chart' | 'command' | 'result';

/** A text with all that there is, and shorter ones, with what they leave out. */
type Section = readonly { readonly text: string; readonly without: readonly Part[] }[];

function sectionOf(told: Told): Section {
  const { result, args } = told;
  const { trace } = result;
  const command = trace === null ? undefined : replayCommand(args, trace.schedule);
  const isRunnable = command !== undefined && command.length <= COMMAND_MAX;
  const start = [headingOf(told), ...sentencesOf(told)];
  const end = isRunnable ? [block('sh', command)] : [];
  const without: readonly Part[] = command === undefined || isRunnable ? [] : ['command'];
  if (trace === null) return [{ text: [...start, ...end].join('\n\n'), without }];
  const { property, deadEnd, error, explanation } = result;
  const marks = { ...(property !== null && { property }), ...(error && { error }), deadEnd };
  const chart = toMermaid(trace, { ...marks, races: racesOf(explanation) });
  const why = explanation && explanationLines(explanation, PLAIN);
  const folded = (...blocks: string[]) => [`<details><summary>${traceText(result)}</summary>`, ...blocks, '</details>'];
  const drawn = block('mermaid', chart);
  const wholes = [
    { text: [...start, ...(why ? folded(drawn, block('text', why)) : folded(drawn)), ...end], without },
    { text: [...start, ...folded(drawn), ...end], without },
  ];
  return [
    ...(chart.length > CHART_MAX ? [] : wholes),
    { text: [...start, ...end], without: ['chart' as const, ...without] },
  ].map(({ text, without }) => ({ text: text.join('\n\n'), without }));
}

function headingOf({ result, status }: Told): string {
  const { scenario, variant, verdict } = result;
  const name = [scenario, ...(variant === null ? [] : [variant])].map((one) => code(one, NAME_MAX)).join(' ');
  const expected = status === EXIT.holds && verdict !== 'holds' ? ', as expected' : '';
  return `#### ${MARKS[status]} ${name}: ${verdictText(result, PLAIN.colours)}${expected}`;
}

function sentencesOf(told: Told): string[] {
  const { result } = told;
  const { verdict, asExpected, error, property, trace, missProbability, hollow, machine } = result;
  const { expected, got } = asExpected === false ? differenceOf(result) : {};
  return [
    ...(expected === undefined ? [] : [`Expected ${sentence(expected)}, got ${sentence(got!)}.`]),
    ...(verdict === 'violated' && property !== null ? [`**Violated:** ${sentence(property)}`] : []),
    ...(verdict === 'violated' && trace === null
      ? [
          `The whole space was searched, and nothing witnesses it${missProbability === null ? '' : `, ${unlessMissed(missProbability)}`}.`,
        ]
      : []),
    ...othersOf(told),
    ...(verdict === 'unknown' ? undecided(result) : []),
    ...(error ? [`**The model is wrong** (${sentence(error.code)}): ${sentence(error.message)}`] : []),
    ...(error && error.hint !== '' ? [sentence(error.hint)] : []),
    ...(trace ? [endText(trace, result.deadEnd) ?? []].flat() : []),
    ...(machine && machine.findings.length > 0
      ? [
          'Found without any property:',
          machine.findings
            .slice(0, OTHERS_MAX)
            .map(({ text, hint }) => `- ${sentence(hint === '' ? text : `${text}; ${hint}`)}`)
            .join('\n'),
        ]
      : []),
    ...(hollow.length > 0 && told.status !== EXIT.holds
      ? [
          `Hollow, so that it may be a mistake:`,
          hollow
            .slice(0, OTHERS_MAX)
            .map(({ text }) => `- ${sentence(text)}`)
            .join('\n'),
        ]
      : []),
  ];
}

/** What a search for all violations has found beside the one with the chart. */
function othersOf({ result, args }: Judged): string[] {
  const others = (result.violations ?? []).filter(({ property }) => property !== result.property);
  const lines = others.slice(0, OTHERS_MAX).map(({ property, length, schedule }) => {
    const command = schedule === null ? '' : replayCommand(args, schedule);
    const replay = command === '' || command.length > COMMAND_MAX ? '' : `: ${code(command, COMMAND_MAX)}`;
    return `- ${sentence(property)}, ${length === null ? 'which nothing witnesses' : plural(length, 'step')}${replay}`;
  });
  const more = others.length > OTHERS_MAX ? [`- and ${others.length - OTHERS_MAX} more`] : [];
  return lines.length === 0 ? [] : ['Also violated:', [...lines, ...more].join('\n')];
}

/** Nothing is proven by a search that stopped. */
function undecided(result: CheckResultDocument): string[] {
  const { bound, depth } = result;
  const growth = growthLines(result, PLAIN.width).join('\n').trim();
  return [
    `**Undecided:** the search stopped after ${statesText(result)}, ${plural(depth, 'step')} deep, because ${BOUND_TEXT[bound!]}.`,
    ...(growth === '' ? [] : [block('text', cut(growth, 10 * SENTENCE_MAX))]),
  ];
}

function traceText({ search, trace, explanation, verdict }: CheckResultDocument): string {
  const { length } = trace!.steps;
  const which = search === 'breadth-first' && trace!.cycleStart === undefined ? 'its shortest trace' : 'its trace';
  const what = verdict === 'model-error' ? 'the way there' : which;
  return `${what}, ${plural(length, 'step')}${explanation ? ', and why' : ''}`;
}

// --- what fits ---

/** Each section at its shortest, as far as they fit; then the first ones as long as there is room. */
function fitted(sections: readonly Section[], room: number): { texts: string[]; leftOut: Record<Part, number> } {
  const shortest = (section: Section) => section.at(-1)!;
  const lengthOf = ({ text }: Section[number]) => text.length + 2;
  const kept: Section[] = [];
  let left = room;
  for (const section of sections) {
    const length = lengthOf(shortest(section));
    if (length > left) break;
    left -= length;
    kept.push(section);
  }
  const chosen = kept.map((section) => {
    const spare = left + lengthOf(shortest(section));
    const one = section.find((candidate) => lengthOf(candidate) <= spare)!;
    left = spare - lengthOf(one);
    return one;
  });
  const without = chosen.flatMap((one) => one.without);
  const count = (part: Part) => without.filter((one) => one === part).length;
  return {
    texts: chosen.map(({ text }) => text),
    leftOut: { chart: count('chart'), command: count('command'), result: sections.length - kept.length },
  };
}

// --- text that cannot act ---

/** Code, also within a table; longer than `max`, it is cut. */
function code(text: string, max: number): string {
  return `<code>${entities(visibleLine(cut(text, max)))}</code>`;
}

function sentence(text: string): string {
  return code(text, SENTENCE_MAX);
}

/** What Markdown, its tables, and GitHub's links, mentions, emoji and formulas begin with. */
function entities(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#!|~@:&$^"]|(?<=www)\./gi, (character) => `&#${character.charCodeAt(0)};`);
}

/** A block of code with a fence that is longer than what begins a line within it. */
function block(language: string, content: string): string {
  const text = visible(content).trimEnd();
  const longest = Math.max(2, ...[...text.matchAll(/^\s*(`+)/gm)].map(([, ticks]) => ticks!.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

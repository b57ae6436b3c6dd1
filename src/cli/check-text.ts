/** What `check` prints for people: a table of all results, then what there is to say about the ones that matter. */
import { renderChart } from '../trace/chart.ts';
import type { Trace } from '../trace/trace.ts';
import { cut } from '../trace/words.ts';
import { violatedIn } from './check-result.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Colours } from './environment.ts';
import { miscount, wantedOf } from './expectation.ts';
import { explanationLines, racesOf, wrapped } from './explanation-text.ts';
import { assumedLines, findingLines } from './machine-details.ts';
import { table } from './table.ts';
import { bytesText, duration, percent, plural, probabilityText, rounded, thousands, unlessMissed } from './text.ts';

export interface Look {
  readonly colours: Colours;
  readonly width: number;
}

/** A result, with what to type to get it again. */
export interface Reported {
  readonly result: CheckResultDocument;
  /** After `faultline check` or `faultline replay`. */
  readonly args: string;
}

export function resultsTable(results: readonly CheckResultDocument[], { colours }: Look): string {
  const rows = results.map((result) => [
    result.scenario,
    result.variant ?? '-',
    verdictText(result, colours),
    expectedText(result, colours),
    thousands(result.states),
    thousands(result.steps),
    thousands(result.depth),
    result.trace ? thousands(result.trace.steps.length) : '-',
    duration(result.seconds),
  ]);
  const head = ['scenario', 'variant', 'verdict', 'expected', 'states', 'steps', 'depth', 'trace', 'time'];
  return table(head.map(colours.dim), rows, [4, 5, 6, 7, 8]);
}

/** All that is known of one result. */
export function resultDetails(reported: Reported, look: Look): string {
  const { result } = reported;
  const beside = [...otherViolations(reported, look), ...leftOutLines(result, look)];
  const sections = [
    [detailsOf(reported, look)],
    beside,
    costlyDetails(result, look),
    ignoredDetails(result, look),
    hollowDetails(result, look),
    findingLines(result, look.width),
    assumedLines(result, look.width),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function ignoredDetails({ ignored }: CheckResultDocument, { width }: Look): string[] {
  if (ignored.length === 0) return [];
  const parts = ignored.map(({ actor, type, states }) => `${type} by ${actor} (in ${plural(states, 'state')})`);
  return wrapped(`ignored, as XState does with what has no transition: ${parts.join(', ')}`, width, '', '  ');
}

function hollowDetails({ hollow }: CheckResultDocument, { width }: Look): string[] {
  if (hollow.length === 0) return [];
  const lines = hollow.flatMap(({ kind, text }) => wrapped(`${kind.padEnd(7)}  ${text}`, width, '  ', '           '));
  return ['hollow, so that it may be a mistake:', ...lines];
}

/** What made the search slow, and what to do about it. */
function costlyDetails({ costly, states }: CheckResultDocument, { width }: Look): string[] {
  if (costly.length === 0) return [];
  const parts = costly.slice(0, COSTLY_MAX).flatMap((part) => {
    const texts = part.fields.map(({ field, values }) => `${fieldText(part.kind, field)} ${thousands(values)}`);
    return [
      `  ${costlyText(part)} in ${plural(states, 'state')}`,
      ...(texts.length === 0 ? [] : [cut(`    ${texts.slice(0, FIELDS_MAX).join(', ')}`, width)]),
      ...wrapped(part.advice, width, '    ', '      '),
    ];
  });
  const more = costly.length > COSTLY_MAX ? [`  and ${costly.length - COSTLY_MAX} more`] : [];
  return ['What makes the search slow, as each value has to be worked out and kept:', ...parts, ...more];
}

function costlyText({ kind, name, values }: CheckResultDocument['costly'][number]): string {
  return `${kind} ${name}: ${thousands(values)} values`;
}

/** One line per result of several that something made slow. */
export function costlyLines(results: readonly CheckResultDocument[], { width }: Look): string[] {
  return results
    .filter(({ costly }) => costly.length > 0)
    .map((result) => {
      const { costly, states } = result;
      const parts = costly.map(costlyText).join(', ');
      return cut(`  ${nameOf(result)}: slow because of ${parts} in ${plural(states, 'state')}`, width);
    });
}

/** After `faultline check`, at the default size. */
function nameOf({ scenario, variant }: CheckResultDocument): string {
  return `${scenario}${variant === null ? '' : ` --variant ${variant}`}`;
}

/** One line per result of several that has hollow parts. */
export function hollowLines(results: readonly CheckResultDocument[], { width }: Look): string[] {
  return results
    .filter(({ hollow }) => hollow.length > 0)
    .map((result) => {
      const { hollow } = result;
      const parts = hollow.map(({ kind, subject }) => `${kind} ${subject}`).join(', ');
      return cut(`  ${nameOf(result)}: ${hollowText(hollow)}: ${parts}`, width);
    });
}

function hollowText({ length }: CheckResultDocument['hollow']): string {
  return `${plural(length, 'part')} hollow`;
}

function detailsOf({ result, args }: Reported, look: Look): string {
  switch (result.verdict) {
    case 'holds':
      return holdsText(result, look);
    case 'violated':
      return violationText({ result, args }, look);
    case 'unknown':
      return unknownText(result, look);
    case 'model-error':
      return modelErrorText({ result, args }, look);
    default:
      return result.verdict satisfies never;
  }
}

/** One sentence per result that is not what its scenario expects. */
export function surprises(results: readonly CheckResultDocument[]): string[] {
  return results
    .filter(({ asExpected }) => asExpected === false)
    .map((result) => {
      const { expected, got } = differenceOf(result);
      return `${result.scenario} --variant ${result.variant}: expected ${expected}, got ${got}`;
    });
}

/** Of a result that is not what its scenario expects: what was expected, and what came instead. */
export function differenceOf(result: CheckResultDocument): { readonly expected: string; readonly got: string } {
  const { verdict, expected, bound } = result;
  const numbers = miscount(result);
  const pinned = numbers ? ` with ${numbers.expected}` : '';
  const counted = numbers ? ` with ${numbers.got}` : '';
  const wanted = wantedOf(expected!);
  const found = violatedIn(result);
  const inOrder = [...wanted.filter((name) => found.includes(name)), ...found.filter((name) => !wanted.includes(name))];
  const early = verdict === 'violated' && bound !== null ? `, before the search stopped${leftOpen(result)}` : '';
  return {
    expected: `${outcome(expected!.verdict, wanted)}${pinned}`,
    got: `${outcome(verdict, inOrder)}${counted}${early}`,
  };
}

function leftOpen({ properties }: CheckResultDocument): string {
  const open = properties.filter(({ status }) => status === 'open').map(({ name }) => `"${name}"`);
  return open.length === 0 ? '' : ` with ${open.join(', ')} undecided`;
}

/** `violated "this", "that"`. */
export function outcome(verdict: string, properties: readonly string[]): string {
  return properties.length === 0 ? verdict : `${verdict} ${properties.map((name) => `"${name}"`).join(', ')}`;
}

/** One line per violation of several results. */
export function violationLines(reported: readonly Reported[]): string[] {
  return reported.flatMap(({ result }) =>
    (result.violations ?? []).map((one) => `  ${nameOf(result)}: ${violationLine(one)}`),
  );
}

type ViolationDocument = NonNullable<CheckResultDocument['violations']>[number];

function violationLine({ property, length }: ViolationDocument): string {
  return length === null ? `${property}: nothing witnesses it` : `${property}, ${plural(length, 'step')}`;
}

/** What a search for all violations has found beside the one that is told, and whether that is all there is. */
function otherViolations({ result, args }: Reported, { width }: Look): string[] {
  const { violations, property, bound, properties } = result;
  if (!violations) return [];
  const others = violations.filter((one) => one.property !== property);
  const undecided = properties.filter(
    ({ name, status }) => status === 'open' || (status === 'not-looked-at' && isAsked(name, result)),
  );
  const beside = property === null ? '' : others.length === 0 ? 'other ' : 'more ';
  const count = `${others.length === 0 ? 'no' : others.length} ${beside}${others.length > 1 ? 'properties are' : 'property is'}`;
  const soFar = undecided.length > 0 ? ' known to be' : '';
  return [
    `${count}${soFar} violated${others.length === 0 ? '' : ', each by its shortest trace:'}`,
    ...others.map((one) => {
      const replay = one.schedule === null ? '' : `: ${replayCommand(args, one.schedule)}`;
      return `  ${violationLine(one)}${replay}`;
    }),
    ...(bound === null || result.verdict === 'unknown'
      ? []
      : wrapped(`the search stopped after ${statesText(result)} because ${BOUND_TEXT[bound]}`, width, '', '  ')),
    ...(undecided.length === 0 || result.verdict === 'unknown'
      ? []
      : wrapped(`undecided: ${undecided.map(({ name }) => name).join('; ')}`, width, '', '  ')),
    ...(result.verdict === 'unknown' ? [] : growthLines(result, width)),
  ];
}

function isAsked(property: string, { judged }: CheckResultDocument): boolean {
  return judged === null || judged.includes(property);
}

/** The properties that somebody left out by naming others. */
function leftOutLines(result: CheckResultDocument, { width }: Look): string[] {
  const names = result.properties.map(({ name }) => name).filter((name) => !isAsked(name, result));
  return names.length === 0 ? [] : wrapped(`not looked at: ${names.join('; ')}`, width, '', '  ');
}

function holdsText(result: CheckResultDocument, { colours }: Look): string {
  const { properties, missProbability, hollow } = result;
  const but = hollow.length === 0 ? '' : `; ${colours.yellow(hollowText(hollow))}, see below`;
  const lines = properties
    .filter(({ name }) => isAsked(name, result))
    .map(({ name, status }) => `  ${colours.green(status.padEnd(9))}  ${name}`);
  const missed = missProbability === null ? '' : `, ${unlessMissed(missProbability)}`;
  const kept = missProbability === null ? '' : ', of which 64 bits each were kept';
  const outside = outsideText(result);
  const searched =
    outside === ''
      ? missProbability === null
        ? `the whole space was searched, ${statesText(result)}`
        : `${statesText(result)} were searched${kept}`
      : `${statesText(result)} were searched${kept}; ${outside}`;
  return [`holds${outside === '' ? '' : ' within the constraint'}${missed}: ${searched}${but}`, ...lines].join('\n');
}

/** Of a search that did not go on everywhere. */
export function outsideText({ constrained }: CheckResultDocument): string {
  const bounding = constrained.filter(({ states }) => states > 0);
  const parts = bounding.map(({ actor, states }) => `${plural(states, 'state')} of ${actor}`);
  return parts.length === 0 ? '' : `what lies behind ${parts.join(' and ')}, which do not meet it, was not`;
}

/** How many states, and whether they stand for others. */
export function statesText({ states, reductions, diskBytes }: CheckResultDocument): string {
  const notes = reductions.map(reductionText);
  const symmetry = reductions.find(({ name }) => name === 'symmetry');
  const counted = symmetry?.used ? ' up to symmetry' : '';
  if (diskBytes !== null) notes.push(`${bytesText(diskBytes)} of them on disk`);
  return `${plural(states, 'state')}${counted}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function reductionText(reduction: CheckResultDocument['reductions'][number]): string {
  const { name, used, reason } = reduction;
  const words = { symmetry: 'symmetry', 'partial-order': 'partial order', chains: 'chains' }[name];
  if (!used) return `${words} not used${reason === 'progress' ? ': fairness tells apart what is interchangeable' : ''}`;
  if (reduction.name === 'symmetry') return `of ${plural(reduction.renamings, 'renaming')}`;
  return name === 'chains'
    ? `${rounded(reduction.left)} on the way were not stored`
    : `of ${rounded(reduction.left)} only some steps were followed`;
}

export const DEAD_END = 'In the last state nothing can happen any more.';

/** Of a run that stops, as the chart says which steps are left. */
export const STOPS = 'The run may end there, and that is fair: no step is enabled that somebody has to take.';

/** Why the last state of a trace is the end of it. */
export function endText(trace: Trace, deadEnd: boolean): string | undefined {
  if (deadEnd) return DEAD_END;
  if (trace.stops) return STOPS;
  return trace.cycleStart === undefined ? undefined : cycleText(trace);
}

function cycleText({ steps, cycleStart }: Trace): string {
  const from = cycleStart! + 1;
  const what = from === steps.length ? `Step ${from} repeats` : `Steps ${from} to ${steps.length} repeat`;
  return `${what} for ever, and that is fair: nothing is left out that has to be taken in the end.`;
}

function violationText({ result, args }: Reported, { colours, width }: Look): string {
  const { trace, property, deadEnd, explanation } = result;
  if (!trace) {
    const unless = result.missProbability === null ? '' : `, ${unlessMissed(result.missProbability)}`;
    const searched = `the whole space was searched, ${statesText(result)}, and nothing witnesses it${unless}`;
    return `${colours.red(colours.bold('violated'))}: ${property}\n  ${searched}: there is no trace to show`;
  }
  const races = racesOf(explanation);
  const chart = renderChart(trace, { colours, width, property: property!, races });
  const end = endText(trace, deadEnd);
  const why = explanation ? `\n\n${explanationLines(explanation, { colours, width })}` : '';
  return `${chart.trimEnd()}${end === undefined ? '' : `\n\n${end}`}${why}\n\n${replayLine(args, trace.schedule)}`;
}

function modelErrorText({ result, args }: Reported, { colours, width }: Look): string {
  const { error, trace, search, explanation } = result;
  const hint = error!.hint === '' ? '' : `\n  ${error!.hint}`;
  const message = `${colours.magenta(colours.bold('the model is wrong'))} (${error!.code}): ${error!.message}${hint}`;
  if (!trace || trace.steps.length === 0) return message;
  const chart = renderChart(trace, { colours, width, races: racesOf(explanation) });
  const why = explanation ? `\n\n${explanationLines(explanation, { colours, width })}` : '';
  const way = search === 'breadth-first' ? 'the shortest way there' : 'a way there';
  return `${message}\n\n${way}:\n\n${chart.trimEnd()}${why}\n\n${replayLine(args, trace.schedule)}`;
}

/** After `because`. */
export const BOUND_TEXT = {
  states: 'it found as many states as --max-states allows',
  seconds: 'it took as long as --max-seconds allows',
  memory: 'it needed more memory than --max-memory allows',
  walks: 'it made all its random walks, which can find a violation but prove nothing',
  cycles: 'it keeps no whole states, and fair cycles have to be looked for among all of them: leave --hash-compact out',
  bits: 'it met no others but those that its bit array may have mistaken for known ones, which proves nothing',
  constraint: 'what nothing witnesses within the constraint may be witnessed behind it',
  interrupted: 'it was interrupted',
} as const;

function unknownText(result: CheckResultDocument, { colours, width }: Look): string {
  const { bound, depth, properties, seed, bitstate } = result;
  const lines = [
    `${colours.yellow(colours.bold('unknown'))}: the search stopped after ${statesText(result)}, ${plural(depth, 'step')} deep, because ${BOUND_TEXT[bound!]}`,
  ];
  if (bitstate) lines.push(...coverageLines(bitstate, seed!));
  else if (seed !== null)
    lines.push(`  other walks: --seed with another number than ${seed}; more and longer ones: --walks, --max-steps`);
  const open = properties.filter(({ status }) => status === 'open');
  if (open.length > 0) lines.push('  no violation so far of:', ...open.map(({ name }) => `    ${name}`));
  const unseen = properties.filter(({ name, status }) => status === 'not-looked-at' && isAsked(name, result));
  if (unseen.length > 0) lines.push(`  ${unseenText(result)}:`, ...unseen.map(({ name }) => `    ${name}`));
  return [...lines, ...growthLines(result, width)].join('\n');
}

export function growthLines(result: CheckResultDocument, width: number): string[] {
  const { growth } = result;
  if (!growth) return [];
  if (growth.length === 0) {
    return ['', 'Nothing keeps growing: the space is probably finite, and a higher bound decides it.'];
  }
  const lines = ['', 'What keeps growing, fastest first:'];
  for (const { name, kind, fields, valuesBefore, values, examples, advice } of growth.slice(0, GROWTH_MAX)) {
    const counts = `${thousands(valuesBefore)} values half-way, ${thousands(values)} at the end`;
    lines.push(`  ${kind} ${name}: ${counts}`);
    if (fields.length === 0 && examples.length > 0) lines.push(cut(`    ${examples.join(', ')}`, width));
    for (const field of fields.slice(0, FIELDS_MAX)) lines.push(cut(`    ${chainText(kind, field)}`, width));
    if (fields.length > FIELDS_MAX) lines.push(`    and ${fields.length - FIELDS_MAX} more fields`);
    lines.push(...wrapped(advice, width, '    ', '      '));
  }
  lines.push(...wrapped(growthHint(result), width));
  return lines;
}

/** What there is to say of properties of progress that a search has not come to. */
function unseenText({ search, store }: CheckResultDocument): string {
  const looksAtEnds = search === 'random' || store !== 'exact';
  return looksAtEnds ? 'not looked at, but for runs that come to an end' : 'not looked at';
}

function coverageLines(bitstate: NonNullable<CheckResultDocument['bitstate']>, seed: number): string[] {
  const { searches, swarm, fill, missedShare } = bitstate;
  const missed =
    missedShare === null
      ? 'no search was finished'
      : `about ${percent(missedShare)} of the states met were missed${swarm > 1 ? ' by all finished searches' : ''}, and what is behind them`;
  return [
    ...(swarm > 1 ? [`  ${searches} of ${thousands(swarm)} searches begun, from --seed ${seed} on`] : []),
    `  the bit array is ${percent(fill)} full: ${missed}`,
    '  to see more: a larger array (--bits), more searches (--swarm), others (--seed)',
  ];
}

const COSTLY_MAX = 3;
const GROWTH_MAX = 5;
const FIELDS_MAX = 4;
const CHAIN_VALUE_WIDTH = 24;

type GrowingField = NonNullable<CheckResultDocument['growth']>[number]['fields'][number];

/** `context.served: 0 -COUNT-> 1 -COUNT-> 2 … 56 -COUNT-> 57`. */
function chainText(kind: string, { field, chain }: GrowingField): string {
  const links = chain.map(({ by, value }) => `${by === null ? '' : `-${by}-> `}${cut(value, CHAIN_VALUE_WIDTH)}`);
  return `${fieldText(kind, field)}: ${links.join(' ')}`;
}

function fieldText(kind: string, field: string): string {
  return kind === 'channel' ? field : `context.${field}`;
}

function growthHint({ parameters }: CheckResultDocument): string {
  const numbers = Object.entries(parameters).filter(([, value]) => typeof value === 'number' && value > 1);
  const smaller = numbers.map(([name, value]) => `${name} (now ${value})`).join(', ');
  const how = smaller === '' ? '' : `, or smaller parameters by --set: ${smaller}`;
  return `What can grow for ever has to be bounded. If all of it is, a higher bound decides it${how}.`;
}

export function replayLine(args: string, schedule: string): string {
  return `replay it: ${replayCommand(args, schedule)}`;
}

export function replayCommand(args: string, schedule: string): string {
  return `npx faultline replay ${args} ${schedule === '' ? "''" : schedule}`;
}

export function verdictText({ verdict, missProbability }: CheckResultDocument, colours: Colours): string {
  switch (verdict) {
    case 'holds':
      return colours.green(missProbability === null ? 'holds' : `holds (miss ${probabilityText(missProbability)})`);
    case 'violated':
      return colours.red('violated');
    case 'unknown':
      return colours.yellow('unknown');
    case 'model-error':
      return colours.magenta('model error');
    default:
      return verdict satisfies never;
  }
}

function expectedText({ expected, asExpected }: CheckResultDocument, colours: Colours): string {
  if (!expected || asExpected === null) return '-';
  return asExpected ? expected.verdict : colours.red(`${expected.verdict} ✗`);
}

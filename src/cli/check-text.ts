/** What `check` prints for people: a table of all results, then what there is to say about the ones that matter. */
import { renderChart } from '../trace/chart.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Colours } from './environment.ts';
import { table } from './table.ts';
import { duration, percent, plural, probabilityText, thousands, unlessMissed } from './text.ts';

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
export function resultDetails({ result, args }: Reported, look: Look): string {
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
    .map(({ scenario, variant, verdict, property, expected }) => {
      const got = outcome(verdict, property);
      return `${scenario} --variant ${variant}: expected ${outcome(expected!.verdict, expected!.property)}, got ${got}`;
    });
}

function outcome(verdict: string, property: string | null): string {
  return property === null ? verdict : `${verdict} "${property}"`;
}

function holdsText(result: CheckResultDocument, { colours }: Look): string {
  const { properties, missProbability } = result;
  const lines = properties.map(({ name, status }) => `  ${colours.green(status.padEnd(9))}  ${name}`);
  const searched =
    missProbability === null
      ? `holds: the whole space was searched, ${statesText(result)}`
      : `holds, ${unlessMissed(missProbability)}: ${statesText(result)} were searched, of which 64 bits each were kept`;
  return [searched, ...lines].join('\n');
}

/** How many states, and whether they stand for others. */
function statesText({ states, reductions }: CheckResultDocument): string {
  const text = plural(states, 'state');
  const [symmetry] = reductions;
  if (!symmetry) return text;
  return symmetry.used
    ? `${text} up to symmetry (of ${plural(symmetry.renamings, 'renaming')})`
    : `${text} (symmetry not used)`;
}

export const DEAD_END = 'In the last state nothing can happen any more.';

function violationText({ result, args }: Reported, { colours, width }: Look): string {
  const { trace, property, deadEnd } = result;
  if (!trace) {
    const unless = result.missProbability === null ? '' : `, ${unlessMissed(result.missProbability)}`;
    const searched = `the whole space was searched, ${statesText(result)}, and nothing witnesses it${unless}`;
    return `${colours.red(colours.bold('violated'))}: ${property}\n  ${searched}: there is no trace to show`;
  }
  const chart = renderChart(trace, { colours: colours.isColorSupported, width, property: property! });
  const end = deadEnd ? `\n\n${DEAD_END}` : '';
  return `${chart.trimEnd()}${end}\n\n${replayLine(args, trace.schedule)}`;
}

function modelErrorText({ result, args }: Reported, { colours, width }: Look): string {
  const { error, trace, search } = result;
  const hint = error!.hint === '' ? '' : `\n  ${error!.hint}`;
  const message = `${colours.magenta(colours.bold('the model is wrong'))} (${error!.code}): ${error!.message}${hint}`;
  if (!trace || trace.steps.length === 0) return message;
  const chart = renderChart(trace, { colours: colours.isColorSupported, width });
  const way = search === 'breadth-first' ? 'the shortest way there' : 'a way there';
  return `${message}\n\n${way}:\n\n${chart.trimEnd()}\n\n${replayLine(args, trace.schedule)}`;
}

const BOUND_TEXT = {
  states: 'it found as many states as --max-states allows',
  seconds: 'it took as long as --max-seconds allows',
  memory: 'it needed more memory than --max-memory allows',
  walks: 'it made all its random walks, which can find a violation but prove nothing',
  bits: 'it met no others but those that its bit array may have mistaken for known ones, which proves nothing',
  interrupted: 'it was interrupted',
} as const;

function unknownText(result: CheckResultDocument, { colours, width }: Look): string {
  const { bound, growth, depth, properties, seed, bitstate } = result;
  const lines = [
    `${colours.yellow(colours.bold('unknown'))}: the search stopped after ${statesText(result)}, ${plural(depth, 'step')} deep, because ${BOUND_TEXT[bound!]}`,
  ];
  if (bitstate) lines.push(...coverageLines(bitstate, seed!));
  else if (seed !== null)
    lines.push(`  other walks: --seed with another number than ${seed}; more and longer ones: --walks, --max-steps`);
  const open = properties.filter(({ status }) => status === 'open');
  if (open.length > 0) lines.push('  no violation so far of:', ...open.map(({ name }) => `    ${name}`));
  if (!growth) return lines.join('\n');
  if (growth.length === 0) {
    lines.push('', 'Nothing keeps growing: the space is probably finite, and a higher bound decides it.');
    return lines.join('\n');
  }
  lines.push('', 'What keeps growing, fastest first:');
  for (const { name, kind, field, valuesBefore, values, examples } of growth.slice(0, GROWTH_MAX)) {
    const what =
      kind === 'channel'
        ? `channel ${name}, its ${field}`
        : field === null
          ? `${kind} ${name}`
          : `${kind} ${name}, context.${field}`;
    lines.push(`  ${what}: ${thousands(valuesBefore)} values half-way, ${thousands(values)} at the end`);
    if (examples.length > 0) lines.push(`    ${examples.join(', ')}`.slice(0, width));
  }
  lines.push(GROWTH_HINT);
  return lines.join('\n');
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

const GROWTH_MAX = 5;
const GROWTH_HINT = `If one of these can grow for ever, bound it: let the machine count modulo a number or not at all, give the channel a
smaller capacity. If all are bounded, a higher bound or smaller parameters (--set) decide it.`;

export function replayLine(args: string, schedule: string): string {
  return `replay it: npx faultline replay ${args} ${schedule === '' ? "''" : schedule}`;
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
  if (!expected) return '-';
  return asExpected ? expected.verdict : colours.red(`${expected.verdict} ✗`);
}

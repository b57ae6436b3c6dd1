/**
 * The results of a check as JUnit XML, in the shape that CI systems read: a test suite per scenario, a test case per variant.
 *
 * A variant that is compared with its scenario's expectation passes when it is as expected, also when that is a violation;
 * any other passes when it holds. A bound that was hit and a mistake in the model are errors, not failures: nothing was
 * decided.
 */
import type { DefinitionSite } from '../system/definition-site.ts';
import { renderChart } from '../trace/chart.ts';
import { escapeXml } from '../trace/svg.ts';
import { violatedIn } from './check-result.ts';
import { type Reported, replayLine } from './check-text.ts';
import type { CheckResultDocument } from './documents.ts';
import { miscount, wantedOf } from './expectation.ts';

/** A result, and whether its status is the agreement with the expected verdict. */
export interface Judged extends Reported {
  readonly compared: boolean;
  /** Where the scenario or the system is defined, as far as that is known. */
  readonly definedAt?: DefinitionSite | undefined;
}

const WIDTH = 100;

export function toJunit(results: readonly Judged[]): string {
  const suites = new Map<string, Judged[]>();
  for (const one of results) suites.set(one.result.scenario, [...(suites.get(one.result.scenario) ?? []), one]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="faultline"${counts(results)}>`,
    ...[...suites].flatMap(([scenario, cases]) => [
      `  <testsuite${attributes({ name: scenario })}${counts(cases)}>`,
      ...cases.flatMap(testCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

type Outcome = 'passed' | 'failure' | 'error';

function outcomeOf({ result: { verdict, asExpected }, compared }: Judged): Outcome {
  if (compared && asExpected === true) return 'passed';
  switch (verdict) {
    case 'holds':
      return compared && asExpected === false ? 'failure' : 'passed';
    case 'violated':
      return 'failure';
    case 'unknown':
    case 'model-error':
      return 'error';
    default:
      return verdict satisfies never;
  }
}

function testCase(judged: Judged): string[] {
  const { result } = judged;
  const outcome = outcomeOf(judged);
  const name = { classname: result.scenario, name: result.variant ?? result.scenario, time: seconds(result.seconds) };
  const trace = traceText(judged);
  return [
    `    <testcase${attributes(name)}>`,
    '      <properties>',
    ...properties(result).map(([key, value]) => `        <property${attributes({ name: key, value })}/>`),
    '      </properties>',
    ...(outcome === 'passed'
      ? []
      : [
          `      <${outcome}${attributes({ message: messageOf(judged), type: typeOf(judged) })}>${content(trace)}</${outcome}>`,
        ]),
    // The trace of a fault that is there on purpose.
    ...(outcome === 'passed' && trace !== '' ? [`      <system-out>${content(trace)}</system-out>`] : []),
    '    </testcase>',
  ];
}

function properties(result: CheckResultDocument): (readonly [string, string])[] {
  const { parameters, verdict, expected, search, seed, states, steps, depth } = result;
  return [
    ...Object.entries(parameters).map(([name, value]) => [`parameter.${name}`, String(value)] as const),
    ['verdict', verdict] as const,
    ...violatedIn(result).map((name) => ['violated', name] as const),
    ...(expected ? [['expected', expectedText(expected)] as const] : []),
    ['search', search] as const,
    ...(seed === null ? [] : [['seed', String(seed)] as const]),
    ['states', String(states)] as const,
    ['steps', String(steps)] as const,
    ['depth', String(depth)] as const,
    ...result.properties.map(({ name, status }) => [`property.${name}`, status] as const),
  ];
}

function messageOf({ result, compared }: Judged): string {
  const { verdict, expected, bound, error } = result;
  const what = {
    holds: 'holds',
    violated: `violated: ${violatedIn(result).join('; ')}`,
    unknown: `unknown: the search stopped at a bound (${bound})`,
    'model-error': `the model is wrong: ${error?.message}`,
  }[verdict];
  if (!compared || !expected) return what;
  const numbers = miscount(result);
  const [got, wanted] = numbers ? [` with ${numbers.got}`, ` with ${numbers.expected}`] : ['', ''];
  return `${what}${got}; expected ${expectedText(expected)}${wanted}`;
}

function expectedText(expected: NonNullable<CheckResultDocument['expected']>): string {
  const wanted = wantedOf(expected);
  return wanted.length === 0 ? expected.verdict : `${expected.verdict}: ${wanted.join('; ')}`;
}

function typeOf({ result: { verdict, error } }: Judged): string {
  return verdict === 'model-error' ? `model-error.${error!.code}` : verdict;
}

/** The trace as a chart, and how to get it again; empty when there is none. */
function traceText({ result, args }: Judged): string {
  const { trace, property, error } = result;
  if (!trace) return error?.hint ?? '';
  const ending = { ...(property !== null && { property }), ...(error && { error }) };
  return `${renderChart(trace, { colours: false, width: WIDTH, ...ending })}\n${replayLine(args, trace.schedule)}\n`;
}

function counts(results: readonly Judged[]): string {
  const of = (wanted: Outcome) => String(results.filter((one) => outcomeOf(one) === wanted).length);
  const time = seconds(results.reduce((sum, { result }) => sum + result.seconds, 0));
  return attributes({
    tests: String(results.length),
    failures: of('failure'),
    errors: of('error'),
    skipped: '0',
    time,
  });
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
}

/** Several lines of text. */
function content(text: string): string {
  return text === '' ? '' : `\n${text.split('\n').map(escapeXml).join('\n')}`;
}

/** One check from a subject to the document that describes its result. */
import { coverageOf, type MachineCoverages } from '../coverage/coverage.ts';
import { coverageDocument } from '../coverage/document.ts';
import { premisesOf } from '../coverage/premises.ts';
import { type Explained, explain } from '../explain/explain.ts';
import { checkQuestion, type WhyNot, whyNot } from '../explain/why-not.ts';
import { explanationText } from '../explain/words.ts';
import { type CheckOptions, type CheckResult, check, type Violation } from '../explore/check.ts';
import { CheckpointError } from '../explore/checkpoint.ts';
import type { Growth } from '../explore/growth.ts';
import { MissingPayload } from '../explore/missing-payload.ts';
import { OptionsError } from '../explore/options.ts';
import { DEFAULT_SEED, searchKindOf } from '../explore/plan.ts';
import { SpillError } from '../explore/spill.ts';
import { checkSystemOf, type MachineResult } from '../machine/check-machine.ts';
import { ModelError } from '../system/errors.ts';
import type { Path } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { scheduleOf, traceOf } from '../trace/trace.ts';
import { describeSubject, judged } from './check-result.ts';
import type { CheckResultDocument, ExplanationDocument } from './documents.ts';
import { UsageError } from './errors.ts';
import { describeFindings } from './machine-details.ts';
import { bareOf, buildWhole, type Subject } from './target.ts';

/** What is known of a result before, or without, a search. */
const NOTHING_FOUND = {
  verdict: 'unknown',
  asExpected: null,
  property: null,
  deadEnd: false,
  reductions: [],
  states: 0,
  steps: 0,
  depth: 0,
  seconds: 0,
  bytesPerState: 0,
  xstateTransitions: 0,
  properties: [],
  hollow: [],
  ignored: [],
  constrained: [],
  costly: [],
  violations: null,
  bound: null,
  missProbability: null,
  bitstate: null,
  diskBytes: null,
  growth: null,
  error: null,
  trace: null,
  explanation: null,
  whyNot: null,
  coverage: null,
} satisfies Partial<CheckResultDocument>;

export interface RunOptions extends CheckOptions {
  /** Whether to say why a trace ends as it does, and to look for the one that is easiest to follow. Default: true. */
  readonly explain?: boolean;
  readonly whyNot?: Question;
}

/** A step, as `worker0 RUN`, and after how many steps of the trace it is asked for; left out, after the last one. */
export interface Question {
  readonly step: string;
  readonly at?: number;
}

export interface Listeners {
  /** Hears of the coverage, if `options` ask for it. */
  readonly onCoverage?: ((coverage: MachineCoverages) => void) | undefined;
  /** Hears of the result before it is explained, which may take long. */
  readonly onFound?: (result: CheckResultDocument) => void;
}

/**
 * @throws UnknownStep when the system or the trace has not what `whyNot` asks for
 */
export async function runCheck(
  subject: Subject,
  options: RunOptions,
  { onCoverage = () => {}, onFound = () => {} }: Listeners = {},
): Promise<CheckResultDocument> {
  const { explain: isExplained = true, whyNot: question, ...searched } = options;
  const known = unsearched(subject, options);
  if (options.signal?.aborted) return judged({ ...known, bound: 'interrupted' });
  try {
    const system = buildWhole(subject);
    // A search may take long, and what is asked for may not exist.
    if (question) checkQuestion(new Tables(system), question.step);
    const { judged: properties } = subject;
    const asked = { ...searched, ...(properties && { properties }) };
    const bare = bareOf(subject);
    const result = bare ? await checkSystemOf(bare.made, asked) : await check(system, asked);
    const found = { ...known, ...describeResult(result), ...(bare && describeBare(known, result)) };
    onFound(judged(found));
    // A machine on its own races with nobody.
    const explained = isExplained && !bare ? explainedResult(result) : undefined;
    const told = explained ? along(result, explained.path) : result;
    return judged({
      ...found,
      ...(explained && describeResult(told)),
      ...(explained && { explanation: describeExplanation(told, explained) }),
      whyNot: answerOf(told, question),
      coverage: options.coverage ? describeCoverage(result, onCoverage) : null,
    });
  } catch (error) {
    if (error instanceof CheckpointError) throw new UsageError(`--resume: ${error.message}`, error.hint);
    if (error instanceof SpillError) throw new UsageError(`--spill: ${error.message}`, error.hint);
    if (error instanceof OptionsError) throw new UsageError(`--max-memory: ${error.message}`, error.hint);
    if (!(error instanceof ModelError)) throw error;
    const { code, message, hint } = error;
    return judged({ ...known, verdict: 'model-error', error: { code, message, hint } });
  }
}

/** The result of a search that has not begun. */
export function unsearched(subject: Subject, options: RunOptions): CheckResultDocument {
  const { store = 'exact', seed = DEFAULT_SEED } = options;
  const search = searchKindOf(options);
  const asked = { search, store, seed: search === 'random' || store === 'bitstate' ? seed : null };
  return { ...describeSubject(subject), ...asked, ...NOTHING_FOUND };
}

function describeBare({ machine }: CheckResultDocument, result: CheckResult): Partial<CheckResultDocument> {
  const { error } = result;
  return {
    machine: { ...machine!, findings: 'findings' in result ? describeFindings(result as MachineResult) : [] },
    ...(error instanceof MissingPayload && {
      error: { code: error.code, message: error.message, hint: eventHint(error) },
    }),
  };
}

/** How the command line is told. */
function eventHint({ hint, type, keys }: MissingPayload): string {
  const payload = keys.map((key) => `,${JSON.stringify(key)}:…`).join('');
  return `${hint}: --event '{"type":${JSON.stringify(type)}${payload}}'`;
}

/** The same result, told by another path. */
function along(result: CheckResult, path: Path): CheckResult {
  return result.path ? { ...result, path, trace: traceOf(result.tables, path) } : result;
}

function describeResult(result: CheckResult): Partial<CheckResultDocument> {
  const { verdict, states, steps, depth, seconds, bytesPerState, xstateTransitions, trace } = result;
  return {
    verdict,
    property: result.property ?? null,
    deadEnd: result.deadEnd ?? false,
    reductions: result.reductions.map((reduction) =>
      'classes' in reduction
        ? { ...reduction, classes: reduction.classes.map((things) => things.map((names) => [...names])) }
        : { ...reduction },
    ),
    ...{ states, steps, depth, seconds, bytesPerState, xstateTransitions },
    properties: result.properties.map(({ name, kind, status }) => ({ name, kind, status })),
    hollow: result.hollow.map((one) => ({ ...one })),
    ignored: result.ignored.map((one) => ({ ...one })),
    constrained: result.constrained.map((one) => ({ ...one })),
    costly: result.costly.map((one) => ({ ...one, fields: one.fields.map((field) => ({ ...field })) })),
    violations: result.violations?.map((one) => describeViolation(result, one)) ?? null,
    bound: result.bound ?? null,
    missProbability: result.missProbability ?? null,
    diskBytes: result.diskBytes ?? null,
    bitstate: result.bitstate ? { ...result.bitstate, missedShare: result.bitstate.missedShare ?? null } : null,
    growth: result.growth?.map(describeGrowth) ?? null,
    error: result.error ? { code: result.error.code, message: result.error.message, hint: result.error.hint } : null,
    trace: trace ? { schedule: scheduleOf(trace), ...trace } : null,
  };
}

function describeViolation(
  { tables, path: told, property: first }: CheckResult,
  { property, deadEnd, path }: Violation,
): NonNullable<CheckResultDocument['violations']>[number] {
  // The one that is told whole may have got a trace that is easier to follow.
  const shown = property === first ? told : path;
  return {
    property,
    deadEnd,
    length: shown?.steps.length ?? null,
    schedule: shown ? scheduleOf(traceOf(tables, shown)) : null,
  };
}

function describeGrowth(part: Growth): NonNullable<CheckResultDocument['growth']>[number] {
  return {
    ...part,
    field: part.field ?? null,
    examples: [...part.examples],
    fields: part.fields.map((field) => ({
      ...field,
      by: [...field.by],
      chain: field.chain.map(({ by, value }) => ({ by: by ?? null, value })),
    })),
  };
}

function describeCoverage(
  { tables, occurred, properties }: CheckResult,
  onCoverage: (coverage: MachineCoverages) => void,
): CheckResultDocument['coverage'] {
  if (!occurred) return null;
  const coverage = coverageOf(tables, occurred);
  onCoverage(coverage);
  const witnessed = new Set(properties.filter(({ status }) => status === 'witnessed').map(({ name }) => name));
  const premises = premisesOf(tables.system, coverage, witnessed, occurred.triggered);
  return {
    complete: occurred.complete,
    premises: premises.map((premise) => ({ ...premise, reached: premise.reached ?? null })),
    ...coverageDocument(coverage),
  };
}

function explainedResult({ tables, path, property, deadEnd, search }: CheckResult): Explained | undefined {
  if (!path) return undefined;
  const ending = { ...(property !== undefined && { property }), ...(deadEnd !== undefined && { deadEnd }) };
  return explain(tables, path, ending, { isShortest: search === 'breadth-first' });
}

function describeExplanation({ trace }: CheckResult, { explanation }: Explained): ExplanationDocument {
  return { ...explanation, text: explanationText(explanation, trace!) };
}

function answerOf({ tables, path }: CheckResult, question: Question | undefined): WhyNot | null {
  return question && path ? whyNot(tables, path, question.step, question.at) : null;
}

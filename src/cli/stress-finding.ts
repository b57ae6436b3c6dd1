/**
 * What a stress run has found, as an ordinary trace: the log of the episode is cut down to the steps and pages that matter, run
 * again as steps of a small system of the model, on tables and on live XState actors, and shortened and explained there.
 *
 * The log was made by threads that work on lifted tables. Where the model does not allow its steps, or they do not end in what
 * was found, it is these that are wrong.
 */
import { explain } from '../explain/explain.ts';
import { explanationText } from '../explain/words.ts';
import { Checks } from '../explore/properties.ts';
import { type Goal, shorten } from '../explore/shorten.ts';
import { type NamedStep, namedSteps } from '../stress/log-steps.ts';
import type { Plan } from '../stress/plan.ts';
import type { LoggedStep } from '../stress/records.ts';
import { renumbered, shortenLog } from '../stress/shorten-log.ts';
import type { StressFinding } from '../stress/stress.ts';
import { inverse, Things } from '../stress/things.ts';
import { describeParameters } from '../system/parameters.ts';
import { selects } from '../system/property.ts';
import type { StressDefinition } from '../system/scenario.ts';
import type { System } from '../system/system.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { type Path, possibleSteps } from '../tabulate/path.ts';
import { Walker } from '../tabulate/walker.ts';
import { ReplayError, replaySchedule } from '../trace/replay.ts';
import { scheduleOf, stepLabel, type Trace, traceOf } from '../trace/trace.ts';
import { type Validation, validateAny } from '../validate/validate.ts';
import type { ParameterDocument, StressFindingDocument } from './documents.ts';
import type { StressRequest } from './stress-request.ts';
import { argumentsOf, buildSystem, type Subject } from './target.ts';

/** What is known of the trace of a finding. */
export type Confirmed = Pick<
  StressFindingDocument,
  | 'reproduced'
  | 'reason'
  | 'property'
  | 'parameters'
  | 'error'
  | 'deadEnd'
  | 'trace'
  | 'explanation'
  | 'replay'
  | 'check'
  | 'sums'
  | 'restless'
>;

/** Steps as names, and the small system that has as many pages as they use. */
export interface SmallRun {
  readonly subject: Subject;
  readonly steps: readonly NamedStep[];
  /** When these are more pages than the parameter allows. */
  readonly tooManyPages?: { readonly got: number; readonly most: number };
}

/** A log in the numbers of a run, as steps of a system of its own. */
export function smallRunOf(plan: Plan, request: StressRequest, log: readonly LoggedStep[]): SmallRun {
  const { steps, things } = renumbered(log);
  const parameter = pagesParameter(request);
  const small = withPages(request.subject, parameter, namedSteps(plan, steps), things);
  const most = parameter?.maximum ?? Number.POSITIVE_INFINITY;
  return things > most ? { ...small, tooManyPages: { got: things, most } } : small;
}

/** What says how many pages a system has; undefined where they are not scaled. */
function pagesParameter({ scenario, definition, system }: StressRequest): ParameterDocument | undefined {
  if (system.population.length === 0) return undefined;
  return describeParameters(scenario).find(({ name }) => name === definition.pages);
}

function withPages(
  subject: Subject,
  parameter: ParameterDocument | undefined,
  steps: readonly NamedStep[],
  pages: number,
): SmallRun {
  if (!parameter) return { subject, steps };
  const { name, minimum = 1 } = parameter;
  return { subject: { ...subject, parameters: { ...subject.parameters, [name]: Math.max(minimum, pages) } }, steps };
}

export async function confirm(
  plan: Plan,
  request: StressRequest,
  finding: StressFinding,
  options: { readonly explain: boolean },
): Promise<Confirmed> {
  const run = smallRunOf(plan, request, shortenLog(plan, finding));
  if (run.tooManyPages) {
    const { got, most } = run.tooManyPages;
    const reason = `its steps use ${got} pages, and the model is built with ${most} at most`;
    return { ...unconfirmed(finding, run), reproduced: null, reason };
  }
  const confirmed = await confirmRun(run, request, finding, options);
  const fewer = confirmed.trace && withFewerPages(request, run, confirmed.trace);
  return fewer ? await confirmRun(fewer, request, finding, options) : confirmed;
}

/** Once more without the pages that only mattered to steps which are gone. */
function withFewerPages(request: StressRequest, { subject }: SmallRun, { steps }: Trace): SmallRun | undefined {
  const things = new Things(buildSystem(subject).population);
  const named = steps.map(({ kind, actor, event, timer, channel }): NamedStep => {
    const which = { ...(timer !== undefined && { timer }), ...(channel !== undefined && { channel }) };
    return { kind, actor, event, ...which };
  });
  const used = things.namedIn(named);
  const parameter = pagesParameter(request);
  if (!parameter) return undefined;
  const small = withPages(subject, parameter, things.rename(named, inverse(used)), used.length);
  return small.subject.parameters[parameter.name] === subject.parameters[parameter.name] ? undefined : small;
}

async function confirmRun(
  run: SmallRun,
  { definition }: StressRequest,
  finding: StressFinding,
  options: { readonly explain: boolean },
): Promise<Confirmed> {
  const { subject, steps } = run;
  const unconfirmedRun = unconfirmed(finding, run);
  try {
    const system = buildSystem(subject);
    const records = steps.map((step, at) => ({ line: at + 2, step }));
    const { target, variant, parameters } = subject;
    const header = { scenario: target.spec, variant, parameters, kind: 'steps' as const };
    const log = { file: 'the log', header, kind: 'steps' as const, records };
    const validation = await validateAny(system, log, { maxStates: Number.POSITIVE_INFINITY });
    const sums = sumsOf(finding, definition, validation.trace);
    const reason = contradiction(validation, finding, system, sums);
    if (reason !== undefined) return { ...unconfirmedRun, reason };
    const restless = finding.kind === 'not-quiet' ? restlessIn(validation) : null;
    return { ...unconfirmedRun, ...told(validation, finding, system, subject, options), sums, restless };
  } catch (error) {
    // A step fails where the log goes on, or live actors do something else than tables.
    if (!(error instanceof Error)) throw error;
    return { ...unconfirmedRun, reason: error.message };
  }
}

function unconfirmed({ property }: StressFinding, { subject }: SmallRun): Confirmed {
  return {
    ...{ reproduced: false, reason: null, property: property ?? null, parameters: subject.parameters },
    ...{
      error: null,
      deadEnd: false,
      trace: null,
      explanation: null,
      replay: null,
      check: null,
      sums: null,
      restless: null,
    },
  };
}

/** How the model sees it otherwise. */
function contradiction(
  validation: Validation,
  { kind, property }: StressFinding,
  system: System,
  sums: Sums | null,
): string | undefined {
  const { verdict, stuck, explained, error, deadEnd } = validation;
  if (verdict !== 'valid') {
    return `step ${explained + 1}, ${stuck?.got ?? '?'}, is not possible there; there is: ${stuck?.possible.join(', ')}`;
  }
  switch (kind) {
    case 'violation':
      return isViolated(validation, property!, system) ? undefined : `these steps do not violate "${property}"`;
    case 'dead-end':
      return deadEnd ? undefined : `after these steps there is still ${possibleAfter(validation)}`;
    case 'unhandled':
    case 'endless':
      return error ? undefined : 'the last of these steps does not break off';
    case 'not-quiet':
      return restlessIn(validation).length > 0 ? undefined : 'everything is at rest after these steps';
    case 'unbalanced':
      return totalOf(sums!.left) === totalOf(sums!.right) ? 'these steps leave the sums equal' : undefined;
    default:
      return kind satisfies never;
  }
}

/** Along the run; or a monitor still waits at its end, where everything else is at rest. */
function isViolated({ violated, tables, path }: Validation, found: string, system: System): boolean {
  // Of one page or another.
  const things = new Things(system.population);
  const family = things.withoutNames(found);
  if (violated.some(({ property }) => things.withoutNames(property) === family)) return true;
  const monitor = tables.actors.slice(tables.actorCount).find(({ name }) => name === found);
  const last = stateAfter(path, path.steps.length);
  return monitor !== undefined && monitor.locals[last[monitor.slot]!]!.snapshot.hasTag('hot');
}

function possibleAfter({ tables, path }: Validation): string {
  const initial = stateAfter(path, path.steps.length);
  const [step] = possibleSteps(new Walker(tables), initial);
  return stepLabel(tables, step!);
}

/** The actors that are not at rest at the end of the run, and the channels that are not empty. */
function restlessIn({ tables, path }: Validation): string[] {
  const last = stateAfter(path, path.steps.length);
  const actors = tables.actors.slice(0, tables.actorCount).filter(({ slot }) => !tables.atRest(slot, last[slot]!));
  const channels = tables.channels.filter(({ slot }) => last[slot] !== 0);
  return [...new Set([...actors, ...channels].map(({ name }) => name))];
}

type Sums = NonNullable<Confirmed['sums']>;

/** Of a balance: how often each of its messages was taken in a run. */
function sumsOf({ kind, property }: StressFinding, definition: StressDefinition, { steps }: Trace): Sums | null {
  const balance = kind === 'unbalanced' && definition.balances?.find(({ name }) => name === property);
  if (!balance) return null;
  const taken = steps.flatMap(({ messages }) => messages.filter(({ fate }) => fate === 'taken'));
  const countOf = (counter: string) => {
    const pattern = definition.counters![counter]!;
    return { counter, count: taken.filter(({ to, event }) => selects(pattern, to, event)).length };
  };
  return { left: balance.left.map(countOf), right: balance.right.map(countOf) };
}

function totalOf(counters: Sums['left']): number {
  return counters.reduce((sum, { count }) => sum + count, 0);
}

/** The trace, as short and as easy to follow as it can be had, once more on live actors. */
function told(
  validation: Validation,
  { kind, property: balance }: StressFinding,
  system: System,
  subject: Subject,
  options: { readonly explain: boolean },
): Partial<Confirmed> {
  const { tables, error } = validation;
  const goal = goalOf(validation, kind);
  const short = goal ? shorten(tables, statesUpTo(validation, goal), goal) : validation.path;
  const ending = goal?.kind === 'violation' ? { property: goal.property, deadEnd: goal.deadEnd } : {};
  const explained = goal && options.explain ? explain(tables, short, ending, { isShortest: false }) : undefined;
  const trace = traceOf(tables, explained?.path ?? short);
  const schedule = scheduleOf(trace);
  confirmEnd(replaySchedule(system, schedule), goal);
  const args = argumentsOf(subject);
  return {
    reproduced: true,
    property: ending.property ?? balance ?? null,
    deadEnd: ending.deadEnd ?? false,
    error: error ? { code: error.code, message: error.message, hint: error.hint } : null,
    trace: { schedule, ...trace },
    explanation: explained ? { ...explained.explanation, text: explanationText(explained.explanation, trace) } : null,
    replay: `npx faultline replay ${args} ${schedule === '' ? "''" : schedule}`,
    check: goal ? `npx faultline check ${args}` : null,
  };
}

/** What the shortened run has to end in; nothing for what no state of the model violates: balances, and what is never at rest. */
function goalOf({ tables, path, error, violated }: Validation, kind: StressFinding['kind']): Goal | undefined {
  if (error) return { kind: 'model-error', error, inStep: true };
  if (kind === 'dead-end') {
    const last = stateAfter(path, path.steps.length);
    return { kind: 'violation', property: deadEndProperties(tables, last)[0]!, deadEnd: true };
  }
  if (kind !== 'violation' || violated.length === 0) return undefined;
  // Of several at once, the one that `check` would name.
  const state = stateAfter(path, violated[0]!.after);
  return { kind: 'violation', property: new Checks(tables).violatedIn(state)!, deadEnd: false };
}

/** The states up to the end, or to the first that violates anything. */
function statesUpTo({ path, violated }: Validation, goal: Goal): Int32Array[] {
  const isState = goal.kind === 'violation' && !goal.deadEnd;
  const steps = isState ? violated[0]!.after : path.steps.length - (path.failed ? 1 : 0);
  return Array.from({ length: steps + 1 }, (_, after) => stateAfter(path, after));
}

function stateAfter({ initial, steps }: Path, count: number): Int32Array {
  return count === 0 ? initial : steps[count - 1]!.state;
}

/** What is shown is not what was found, but what was made of it. */
function confirmEnd({ violated, error }: ReturnType<typeof replaySchedule>, goal: Goal | undefined): void {
  const isSame =
    goal === undefined ||
    (goal.kind === 'violation' ? violated.includes(goal.property) : error?.code === goal.error.code);
  if (!isSame) throw new ReplayError('the shortened run does not end in what was found', '');
}

/** Traces of other checkers, on models that were exported from here, as schedules. */
import type { System } from '../system/system.ts';
import { enabledSteps, type PathStep, possibleSteps } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { ReplayError } from '../trace/replay.ts';
import { scheduleOf } from '../trace/trace.ts';
import { labelOfStep } from './model.ts';
import { FRONTIER_LINE } from './promela.ts';

/** A trace as another checker tells it. */
export interface ForeignTrace {
  /** Which of several ways to start it begins with; undefined when it does not say, for there is one. */
  readonly start?: number;
  readonly labels: readonly string[];
  /** How many of these come before those that go round for ever; undefined when the trace just ends. */
  readonly cycleStart?: number;
  /** It ends at the edge of the exported model, where the checker knows nothing any more: no violation. */
  readonly isFrontier: boolean;
}

/**
 * What `spin -t MODEL.pml` and `./pan -r` print: the exported model says each step.
 *
 * @throws ReplayError when it is something else, or has no trace
 */
export function traceFromSpin(output: string): ForeignTrace {
  const labels = labelsFromSpin(output);
  const start = output.search(START_OF_CYCLE);
  const before = start < 0 ? undefined : labelsIn(output.slice(0, start)).length;
  // In a cycle without steps it is only seen, again and again, that nobody has to take one: the run stops there.
  const cycle = before === undefined ? {} : { cycleStart: before };
  return { labels, ...cycle, isFrontier: new RegExp(`^\\s*${FRONTIER_LINE}`, 'm').test(output) };
}

/**
 * What a verifier of Rumur prints about an error, as text or as XML.
 *
 * @throws ReplayError when it is something else, or has no trace
 */
export function traceFromRumur(output: string): ForeignTrace {
  const labels = labelsFromRumur(output);
  const [, start] = /Startstate (?:"|&quot;)start (\d+)(?:"|&quot;)/.exec(output) ?? [];
  return {
    ...(start !== undefined && { start: Number(start) }),
    labels,
    isFrontier: /invariant (?:"|&quot;)frontier(?:"|&quot;)/i.test(output),
  };
}

const START_OF_CYCLE = /<<<<<START OF CYCLE>>>>>/;
/** SPIN says this of every trace that it tells, also of one without steps. */
const HAS_TRACE = /trail ends after|START OF CYCLE/;

/** The steps of `traceFromSpin`. */
export function labelsFromSpin(output: string): string[] {
  if (isRawTrail(output)) {
    throw new ReplayError(
      'this is a raw trail, whose numbers mean nothing without the model',
      'have SPIN say the steps: spin -t -k FILE.trail MODEL.pml > steps.txt',
    );
  }
  if (!/spin|pan:|proc/i.test(output)) throw notFrom('SPIN', 'spin -t MODEL.pml > steps.txt', output);
  const labels = labelsIn(output);
  if (labels.length > 0 || HAS_TRACE.test(output)) return labels;
  throw new ReplayError(
    `the output of SPIN has no trace: got ${sizeOf(output)} without a step, expected what it says of an error`,
    'after an error: spin -t MODEL.pml > steps.txt, or ./pan -r > steps.txt; a run of ./pan alone has no steps',
  );
}

function labelsIn(output: string): string[] {
  return [...output.matchAll(/^\s*faultline: (.*?)\r?$/gm)].map(([, label]) => label!);
}

function sizeOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '').length;
  return lines === 1 ? '1 line' : `${lines} lines`;
}

/** What `pan` itself writes: numbers that only SPIN can read, with the model beside it. */
export function isRawTrail(text: string): boolean {
  return /^\s*(-?\d+:-?\d+:-?\d+\s+)+$/.test(text);
}

/** The steps of `traceFromRumur`. */
export function labelsFromRumur(output: string): string[] {
  if (!/<rumur_run>|State Space Explored|Startstate/.test(output))
    throw notFrom('Rumur', './model > output.txt', output);
  if (!/Startstate/.test(output)) {
    throw new ReplayError(
      `the output of Rumur has no trace: got ${sizeOf(output)} without a step, expected what it says of an error`,
      'it has a trace when its verifier finds an error: ./model > output.txt',
    );
  }
  const text = [...output.matchAll(/^Rule "(.*)" fired\.\r?$/gm)];
  const xml = [...output.matchAll(/<transition>Rule &quot;(.*?)&quot;<\/transition>/g)];
  return text.length > 0 ? text.map(([, label]) => label!) : xml.map(([, label]) => withoutEntities(label!));
}

function withoutEntities(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

function notFrom(tool: string, how: string, output: string): ReplayError {
  const got = output.trim() === '' ? 'the file is empty' : 'it looks like something else';
  return new ReplayError(`this is no output of ${tool}: ${got}`, `expected what is written by: ${how}`);
}

const LISTED_MAX = 40;
const ANOTHER_MODEL = 'is this the trace of another variant, or of other parameters?';

/**
 * The schedule of the steps with these labels.
 *
 * @param start with which of several ways to start they begin
 * @throws ReplayError when the model does not allow one of them
 */
export function scheduleFromLabels(system: System, labels: readonly string[], start = 0): string {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  if (start >= system.starts.length) {
    throw new ReplayError(`the trace begins with the way to start ${start}, which there is not`, ANOTHER_MODEL);
  }
  walker.start(start);
  const initial = walker.current.slice();
  const matching = (state: Int32Array, label: string) =>
    enabledSteps(walker, state, (step) => isCalled(labelOfStep(tables, step), label));
  // Where labels read alike, one of several steps is meant; which one, what follows tells.
  const chosen: { readonly step: PathStep; readonly others: PathStep[] }[] = [];
  let farthest = 0;
  while (chosen.length < labels.length) {
    const state = chosen.at(-1)?.step.state ?? initial;
    let [step, ...others] = matching(state, labels[chosen.length]!);
    farthest = Math.max(farthest, chosen.length);
    while (!step && chosen.length > 0) {
      const last = chosen.pop()!;
      [step, ...others] = last.others;
    }
    if (!step) throw impossible(tables, walker, initial, labels, farthest);
    chosen.push({ step, others });
  }
  return scheduleOf({ start, steps: chosen.map(({ step }) => step) });
}

/**
 * The schedule of a trace, with its cycle.
 *
 * @throws ReplayError when the model does not allow one of its steps
 */
export function scheduleOfForeign(system: System, { start, labels, cycleStart }: ForeignTrace): string {
  const schedule = scheduleFromLabels(system, labels, start);
  if (cycleStart === undefined) return schedule;
  const indices = schedule.split('/');
  return `${indices.slice(0, cycleStart).join('/')}:${indices.slice(cycleStart).join('/')}`;
}

/** Exported labels that would read alike have a number at their end. */
function isCalled(label: string, wanted: string): boolean {
  return label === wanted || label === wanted.replace(/ #\d+$/, '');
}

/** Says what could have happened instead, as far as the first choices of all lead. */
function impossible(
  tables: Tables,
  walker: Walker,
  initial: Int32Array,
  labels: readonly string[],
  at: number,
): ReplayError {
  let state = initial;
  for (const label of labels.slice(0, at)) {
    const [next] = enabledSteps(walker, state, (step) => isCalled(labelOfStep(tables, step), label));
    if (!next) break;
    state = next.state;
  }
  const steps = possibleSteps(walker, state).map((step) => `\n  ${step.index}  ${labelOfStep(tables, step)}`);
  const listed = [...steps.slice(0, LISTED_MAX), ...(steps.length > LISTED_MAX ? ['\n  …'] : [])].join('');
  const count = steps.length === 1 ? '1 step is' : `${steps.length} steps are`;
  return new ReplayError(
    `step ${at + 1} of the trace, ${labels[at]}, is not possible: ${count} enabled there:${listed}`,
    ANOTHER_MODEL,
  );
}

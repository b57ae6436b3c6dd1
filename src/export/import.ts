/** Traces of other checkers, on models that were exported from here, as schedules. */
import type { System } from '../system/system.ts';
import { enabledSteps, type PathStep } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { ReplayError } from '../trace/replay.ts';
import { labelOfStep } from './model.ts';

/** What `spin -t MODEL.pml` and `./pan -r` print: the exported model says each step. */
export function labelsFromSpin(output: string): string[] {
  if (isRawTrail(output)) {
    throw new ReplayError(
      'this is a raw trail, whose numbers mean nothing without the model',
      'have SPIN say the steps: spin -t -k FILE.trail MODEL.pml > steps.txt',
    );
  }
  if (!/spin|pan:|proc/i.test(output)) throw notFrom('SPIN', 'spin -t MODEL.pml > steps.txt');
  return [...output.matchAll(/^\s*faultline: (.*?)\r?$/gm)].map(([, label]) => label!);
}

/** What `pan` itself writes: numbers that only SPIN can read, with the model beside it. */
export function isRawTrail(text: string): boolean {
  return /^\s*(-?\d+:-?\d+:-?\d+\s+)+$/.test(text);
}

/** What a verifier of Rumur prints about an error, as text or as XML. */
export function labelsFromRumur(output: string): string[] {
  if (!/<rumur_run>|State Space Explored|Startstate/.test(output)) throw notFrom('Rumur', './model > output.txt');
  if (!/Startstate/.test(output)) {
    throw new ReplayError('the output of Rumur has no trace', 'it has one when an error is found');
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

function notFrom(tool: string, how: string): ReplayError {
  return new ReplayError(`this is no output of ${tool}`, `as written by: ${how}`);
}

const LISTED_MAX = 40;

/**
 * The schedule of the steps with these labels.
 *
 * @throws ReplayError when the model does not allow one of them
 */
export function scheduleFromLabels(system: System, labels: readonly string[]): string {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  walker.start();
  const initial = walker.current.slice();
  const matching = (state: Int32Array, label: string) =>
    enabledSteps(walker, state).filter((step) => isCalled(labelOfStep(tables, initial, step), label));
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
  return chosen.map(({ step }) => step.index).join('/');
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
    const next = enabledSteps(walker, state).find((step) => isCalled(labelOfStep(tables, initial, step), label));
    if (!next) break;
    state = next.state;
  }
  const steps = enabledSteps(walker, state).map((step) => `\n  ${step.index}  ${labelOfStep(tables, initial, step)}`);
  const listed = [...steps.slice(0, LISTED_MAX), ...(steps.length > LISTED_MAX ? ['\n  …'] : [])].join('');
  const count = steps.length === 1 ? '1 step is' : `${steps.length} steps are`;
  return new ReplayError(
    `step ${at + 1} of the trace, ${labels[at]}, is not possible: ${count} enabled there:${listed}`,
    'is this the trace of another variant, or of other parameters?',
  );
}

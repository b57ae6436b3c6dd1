/** An explanation in sentences, few and short: what is left out is in the data. */
import { eventLabel, labelOf, type Trace } from '../trace/trace.ts';
import { changeTexts } from '../trace/words.ts';
import type { Explanation } from './explain.ts';
import type { ReasonPart } from './false-predicate.ts';
import type { Drive } from './monitor-drive.ts';
import type { Race, RaceOrder, RacingStep } from './race.ts';
import type { FairStep, Staying } from './staying.ts';
import type { Wait } from './waits.ts';
import type { WhyNot } from './why-not.ts';

/** A paragraph: its first line, and what is listed below it. */
export interface Paragraph {
  readonly head: string;
  readonly items: readonly string[];
}

const ORDERS_MAX = 5;
const DRIVES_MAX = 4;
const PARTS_MAX = 4;
const READS_MAX = 4;
const OTHERS_MAX = 2;
const WAITS_MAX = 6;
const FAIR_MAX = 6;
const WANTED_MAX = 2;
const BETWEEN_MAX = 3;
const VALUE_WIDTH = 30;

/**
 * An explanation in words: paragraphs of a head and its items.
 *
 * @example
 * ```ts
 * import { check, explain, explanationText } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * const { explanation } = explain(result.tables, result.path!, { property: result.property }, { isShortest: true })!;
 * explanationText(explanation, result.trace).length > 0; // => true
 * ```
 */
export function explanationText(explanation: Explanation, trace: Trace): Paragraph[] {
  const { race, predicate, drives, waits, staying } = explanation;
  const paragraphs = staying ? [] : raceText(race, trace);
  if (predicate) {
    const since = sinceText(predicate.falseSince);
    paragraphs.push({
      head: `It is false ${since}. These alone make it so, whatever else was the case along the trace:`,
      items: few(predicate.reason.map(partText), PARTS_MAX),
    });
    if (predicate.others.length > 0) {
      paragraphs.push({
        head: `It also looks at ${few(predicate.others.map(partText), OTHERS_MAX).join('; ')}.`,
        items: [],
      });
    }
  }
  if (drives && drives.length > 0) {
    const shown = drives.slice(-DRIVES_MAX);
    const earlier = drives.length - shown.length;
    const head =
      earlier === 0 ? 'What drove the monitor:' : `What drove the monitor, after ${earlier} earlier messages:`;
    paragraphs.push({ head, items: shown.map(driveText) });
  }
  if (waits && waits.length > 0)
    paragraphs.push({ head: 'What is waited for:', items: few(waits.map(waitText), WAITS_MAX) });
  if (staying) paragraphs.push(...stayingText(staying, trace));
  else paragraphs.push({ head: switchesText(explanation, trace.steps.length), items: [] });
  return paragraphs;
}

function stayingText({ fair, excludedBy }: Staying, { cycleStart, stops }: Trace): Paragraph[] {
  // What is waited for in a dead end has been told.
  if (cycleStart === undefined && !stops) return [];
  const what = cycleStart === undefined ? 'goes on' : 'ends the cycle';
  const paragraphs: Paragraph[] = [];
  if (fair.length > 0) {
    paragraphs.push({ head: `Why nobody who has to do something ${what}:`, items: few(fair.map(fairText), FAIR_MAX) });
  }
  for (const strength of ['weak', 'strong'] as const) {
    const steps = excludedBy.filter(({ fairness }) => fairness === strength).map(({ step }) => step);
    if (steps.length === 0) continue;
    const of = few(steps, FAIR_MAX).join(', or of ');
    paragraphs.push({ head: `This run would not count under ${strength} fairness of ${of}.`, items: [] });
  }
  if (excludedBy.length === 0) {
    paragraphs.push({
      head: 'No fairness would exclude this run: it takes whatever is enabled along its cycle.',
      items: [],
    });
  }
  return paragraphs;
}

function fairText({ step, takenIn, enabledAfter, disabledAfter, hindrance }: FairStep): string {
  if (takenIn !== null) return `${step} is taken (step ${takenIn + 1}), and that does not help`;
  const why = hindrance?.text ?? 'it is not enabled';
  if (enabledAfter === null) return `${step}: ${why}`;
  return `${step} is enabled ${afterText(enabledAfter)}, but not ${afterText(disabledAfter!)}: ${why}`;
}

function afterText(steps: number): string {
  return steps === 0 ? 'at the start' : `after step ${steps}`;
}

/**
 * An answer of `whyNot` in words.
 *
 * @example
 * ```ts
 * import { check, whyNot, whyNotText } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * whyNotText(whyNot(result.tables, result.path!, 'north GO')).items.length > 0; // => true
 * ```
 */
export function whyNotText({ name, event, at, answers }: WhyNot): Paragraph {
  const when = at === 0 ? 'at the start' : `after step ${at}`;
  return {
    head: `Why not ${name} ${event}, ${when}:`,
    items: answers.map(
      ({ step, hindrance }) => `${step}: ${hindrance === null ? 'it is enabled there' : hindrance.text}`,
    ),
  };
}

function raceText(race: Race | null, trace: Trace): Paragraph[] {
  const alone = (head: string): Paragraph[] => [{ head, items: [] }];
  if (!race) return alone('These steps have too many interleavings to compare them: the race is not named.');
  const { interleavings, violating, orders, areEnough } = race;
  const end = trace.failed ? 'the error' : 'the violation';
  if (interleavings === 1) return alone('No race: these steps can come in no other order.');
  const all = countText(interleavings);
  if (violating === interleavings) return alone(`No race: all ${all} interleavings of these steps come to ${end}.`);
  const share = `${countText(violating)} of ${all} interleavings of these steps ${violating === 1 ? 'comes' : 'come'} to ${end}`;
  if (orders.length === 0) return alone(`The race: ${share}; which orders decide was not found in time.`);
  const texts = (some: readonly RaceOrder[]) =>
    few(
      some.map((order) => orderText(order, trace)),
      ORDERS_MAX,
    );
  const needed = texts(orders.filter(({ isNeeded }) => isNeeded));
  const others = texts(orders.filter(({ isNeeded }) => !isNeeded));
  const also = areEnough ? '' : ' these orders, and more that was not found in time';
  const paragraphs: Paragraph[] = [
    needed.length === 0
      ? { head: `The race: ${share}, by different orders. This one has`, items: others }
      : { head: `The race: ${share}, which needs${also}`, items: needed },
  ];
  if (needed.length > 0 && others.length > 0) {
    paragraphs.push({ head: 'and, as one way among several,', items: others });
  }
  return paragraphs;
}

function orderText({ first, second, window }: RaceOrder, trace: Trace): string {
  const racing = (one: RacingStep) => racingText(one, trace);
  if (!window) return `${racing(first)} before ${racing(second)}`;
  const { after, between } = window;
  const what = between.length === 1 ? racing(first) : severalText(between, trace);
  return `${what} after ${racing(after)} and before ${racing(second)}`;
}

/** `worker0.RUN (step 6: GUP to page0)`. */
function racingText({ step, meets }: RacingStep, trace: Trace): string {
  const does = meets ? `: ${meets.event.type} to ${meets.to}` : '';
  return `${labelOf(trace.steps[step]!)} (step ${step + 1}${does})`;
}

function severalText(steps: readonly number[], trace: Trace): string {
  const labels = steps.map((step) => labelOf(trace.steps[step]!));
  const shown = labels.length <= BETWEEN_MAX ? labels : [labels[0]!, '…', labels.at(-1)!];
  const numbers = steps.map((step) => step + 1);
  const [from, to] = [numbers[0]!, numbers.at(-1)!];
  return `${shown.join(', ')} (steps ${steps.length > 2 && to - from === steps.length - 1 ? `${from} to ${to}` : numbers.join(', ')})`;
}

function partText({ name, since, reads }: ReasonPart): string {
  const asked = few(
    reads.map(({ question, answer }) => `${question} = ${answer}`),
    READS_MAX,
  );
  return asked.length === 0 ? `${name}, ${sinceText(since)}` : `${name}: ${asked.join(', ')}, ${sinceText(since)}`;
}

function sinceText(step: number | null): string {
  return step === null ? 'from the start on' : `since step ${step + 1}`;
}

function driveText({ step, to, event, before, after }: Drive): string {
  return `step ${step + 1}: ${to} takes ${eventLabel(event)}: ${changeTexts(before, after, VALUE_WIDTH).join(', ')}`;
}

/** How to say that it is meant. */
function restText(state: string): string {
  const rest = /^\w[\w.]*$/.test(state) ? `['${state}']` : '() => true';
  return `if it may stay there, make the state \`type: 'final'\`, or say \`rest: ${rest}\``;
}

function waitText({ name, state, for: wanted }: Wait): string {
  if (wanted.length === 0) return `${name} (${state}): nothing can ever move it; ${restText(state)}`;
  // What several choices of an actor wait for is often the same.
  const hindrances = new Map<string, string[]>();
  for (const { event, hindrance } of wanted) {
    const text = hindrance?.text ?? '';
    hindrances.set(text, [...(hindrances.get(text) ?? []), event]);
  }
  const texts = [...hindrances].map(([text, events]) => {
    const names = events.slice(0, BETWEEN_MAX).join(', ') + (events.length > BETWEEN_MAX ? ', …' : '');
    return text === '' ? `${names}, which nobody sends any more` : `${names}: ${text}`;
  });
  return `${name} (${state}) waits for ${few(texts, WANTED_MAX).join('; ')}`;
}

function switchesText({ switches, calmestOf }: Explanation, length: number): string {
  const count = switches === 1 ? '1 switch' : `${switches} switches`;
  switch (calmestOf) {
    case 'shortest':
      return `${count} between actors, the fewest of all traces of ${length} ${length === 1 ? 'step' : 'steps'} that come to it.`;
    case 'interleavings':
      return `${count} between actors, the fewest of all orders of these steps; other traces were not compared.`;
    case 'none':
      return `${count} between actors; traces with fewer were not looked for.`;
    default:
      return calmestOf satisfies never;
  }
}

function few(texts: readonly string[], max: number): string[] {
  return texts.length <= max ? [...texts] : [...texts.slice(0, max - 1), `and ${texts.length - max + 1} more`];
}

function countText(count: number): string {
  return count < 1e9 ? count.toLocaleString('en-US') : `about ${count.toExponential(0).replace('e+', 'e')}`;
}

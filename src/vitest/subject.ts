/** What the matchers ask, and how they say what they found. */
import type { CheckResult } from '../explore/check.ts';
import { isScenario } from '../system/scenario.ts';
import { isSystem, type System } from '../system/system.ts';
import { renderChart } from '../trace/chart.ts';
import { scheduleOf, type Trace } from '../trace/trace.ts';

/** What vitest wants of a matcher. */
export interface Outcome {
  readonly pass: boolean;
  message(): string;
}

/** A matcher that fails, whether it is negated or not. */
export function failing(isNot: boolean, text: string): Outcome {
  return { pass: isNot, message: () => text };
}

/** @throws TypeError for what is no system; vitest lets the test fail with its message */
export function systemOf(received: unknown, matcher: string): System {
  if (isSystem(received)) return received;
  if (isScenario(received)) {
    const [variant = 'fixed'] = Object.keys(received.variants);
    throw new TypeError(
      `${matcher}: got scenario "${received.name}", expected a system; build one of its variants: expect(scenario.build({}, '${variant}'))`,
    );
  }
  const got = received === null ? 'null' : typeof received === 'object' ? 'an object' : `a ${typeof received}`;
  throw new TypeError(`${matcher}: got ${got}, expected what defineSystem() or scenario.build() returns`);
}

/** @throws RangeError for a number of steps that there cannot be */
export function judgeWithin(within: number | undefined, matcher: string): void {
  if (within === undefined || (Number.isInteger(within) && within >= 0)) return;
  throw new RangeError(`${matcher}: within is ${within}, expected a whole number of steps of at least 0`);
}

/** A verdict in words, with the chart of its trace where it has one. */
export function resultText(result: CheckResult): string {
  switch (result.verdict) {
    case 'holds':
      return `it holds: the whole space was searched, ${count(result.states, 'state')}`;
    case 'violated': {
      const { property, trace } = result;
      if (!trace) return `violated: ${property}\nnothing witnesses it in ${count(result.states, 'state')}`;
      return [`violated: ${property}, in ${count(trace.steps.length, 'step')}`, chartOf(trace, property)].join('\n\n');
    }
    case 'unknown':
      return `unknown: the search stopped after ${count(result.states, 'state')} because ${WHY[result.bound]}; that is no answer`;
    case 'model-error': {
      const { error, trace } = result;
      const lines = [`the model is wrong (${error.code}): ${error.message}`, error.hint];
      return [...lines, ...(trace ? ['', chartOf(trace)] : [])].filter((line) => line !== undefined).join('\n');
    }
    default:
      return result satisfies never;
  }
}

const WHY = {
  states: 'it found as many states as maxStates allows',
  seconds: 'it took as long as maxSeconds allows',
  memory: 'it needed more memory than maxBytes allows',
  walks: 'it made all its random walks, which prove nothing',
  cycles: 'it keeps no whole states, and fair cycles have to be looked for among all of them',
  bits: 'its bit array may have mistaken new states for known ones',
  constraint: 'what nothing witnesses within the constraint may be witnessed behind it',
  interrupted: 'it was interrupted',
} as const;

/** A trace as the text chart of the project, and how to run it again. */
export function chartOf(trace: Trace, property?: string): string {
  const chart = renderChart(trace, { colours: false, ...(property !== undefined && { property }) });
  return `${chart}\nreplay it: replaySchedule(system, '${scheduleOf(trace)}')`;
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

/** What a report says in words: verdicts, properties, sizes. */
import { stopText } from '../trace/trace.ts';
import type { ReportResult } from './report.ts';

const KINDS: Readonly<Record<string, string>> = {
  always: 'true in every reachable state',
  monitor: 'a monitor watches every message of every run',
  reachable: 'some reachable state shows it',
  happens: 'some step contains such a message',
  deadlock: 'something can always happen, unless all are at rest',
};

/** What it means that a property of this kind holds. */
export function kindText(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** A sign beside the word: colour alone would not tell everybody. */
const STATUS: Readonly<Record<string, string>> = {
  holds: '✔ holds',
  witnessed: '✔ witnessed',
  violated: '✘ violated',
  open: '? undecided',
  'not-looked-at': '? not looked at',
  unknown: '? unknown',
  'model-error': '! model error',
};

export function statusText(status: string): string {
  return STATUS[status] ?? status;
}

const BOUNDS: Readonly<Record<string, string>> = {
  states: 'it found as many states as it was allowed to',
  seconds: 'its time was over',
  memory: 'it would have needed more memory than it was allowed to',
  walks: 'it made all its random walks, which can find a violation but prove nothing',
  bits: 'it met no others but those that its bit array may have mistaken for known ones, which proves nothing',
  constraint: 'what nothing witnesses within the constraint may be witnessed behind it',
  interrupted: 'it was interrupted',
};

export function verdictSentence(result: ReportResult): string {
  const { verdict, property, trace, states, depth, bound, error, deadEnd, missProbability } = result;
  const unless = missProbability ? `, unless a state was missed (probability ${missProbability.toPrecision(2)})` : '';
  const searched = `the whole space was searched${unless}, ${counted(states, 'state')}`;
  switch (verdict) {
    case 'holds':
      return `Every property holds: ${searched}, the farthest ${counted(depth, 'step')} away.`;
    case 'violated':
      if (!trace) return `“${property}” is not witnessed: ${searched}, and none shows it. There is no trace to show.`;
      return [
        `“${property}” is violated after ${counted(trace.steps.length, 'step')}`,
        result.search === 'breadth-first' ? '; no shorter trace violates it.' : '.',
        deadEnd ? ' In the last state nothing can happen any more.' : '',
        trace.stops ? ` … ${stopText(trace.stops)}.` : '',
      ].join('');
    case 'unknown':
      return `The search stopped after ${counted(states, 'state')}, ${counted(depth, 'step')} deep, because ${BOUNDS[bound!]}.`;
    case 'model-error':
      return `The model is wrong (${error!.code}): ${error!.message}${error!.hint === '' ? '' : ` ${error!.hint}`}`;
    default:
      return verdict satisfies never;
  }
}

/** How a property is violated beside the one whose trace is shown. */
export function otherViolationText({ property, length }: NonNullable<ReportResult['violations']>[number]): string {
  return length === null ? `“${property}”: nothing witnesses it` : `“${property}”, after ${counted(length, 'step')}`;
}

/** What the catalogue expected, where something else came out. */
export function surprise({ asExpected, expected }: ReportResult): string | null {
  if (asExpected !== false || !expected) return null;
  const what = [expected.verdict, ...expected.properties.map((name) => `“${name}”`)].join(' ');
  return `Not as expected: the scenario expects ${what}${expected.numbers === null ? '' : ` with ${expected.numbers}`}.`;
}

export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

export function counted(count: number, word: string): string {
  return `${number(count)} ${word}${count === 1 ? '' : 's'}`;
}

export function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

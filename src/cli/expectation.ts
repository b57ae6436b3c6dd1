/** What a scenario expects of a variant, and whether a result is that. */
import { isDeepStrictEqual } from 'node:util';
import type { Counts, Expectation } from '../system/scenario.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Subject } from './target.ts';
import { plural } from './text.ts';

type ExpectationDocument = NonNullable<CheckResultDocument['expected']>;

/** Null for a plain system. */
export function expectationOf({ target, variant, parameters, judged }: Subject): ExpectationDocument | null {
  if (!('scenario' in target) || variant === null) return null;
  const { variants, parameters: shape } = target.scenario;
  const expected = describeExpectation(variants[variant]!.expected);
  // Another size has other counts, and so has a system without some of its monitors.
  const isPinned = judged === undefined && isDeepStrictEqual(parameters, shape.parse({}));
  return isPinned ? expected : { ...expected, counts: null, reduced: null, length: null };
}

export function describeExpectation(expected: Expectation): ExpectationDocument {
  const counted = (counts: Counts | undefined) => (counts ? { states: counts[0], steps: counts[1] } : null);
  return {
    verdict: expected.verdict,
    property: 'property' in expected ? expected.property : null,
    properties: 'properties' in expected ? [...expected.properties] : null,
    counts: 'counts' in expected ? counted(expected.counts) : null,
    reduced: 'reduced' in expected ? counted(expected.reduced) : null,
    length: 'length' in expected ? (expected.length ?? null) : null,
  };
}

/** The properties of which a violation is expected. */
export function wantedOf({ property, properties }: ExpectationDocument): readonly string[] {
  return properties ?? (property === null ? [] : [property]);
}

/** Null when nothing is expected of what was judged. */
export function agrees(result: CheckResultDocument): boolean | null {
  const { expected, verdict, property, violations, judged, bound } = result;
  if (!expected) return null;
  if (expected.verdict === 'holds') return verdict === 'holds' && miscount(result) === null;
  const wanted = wantedOf(expected).filter((name) => judged === null || judged.includes(name));
  if (wanted.length === 0) return null;
  if (verdict !== 'violated') return false;
  if (!violations || !expected.properties) return wanted.includes(property!) && miscount(result) === null;
  const isExact = violations.length === wanted.length && violations.every((one) => wanted.includes(one.property));
  // With a bound there may be more of them.
  return isExact && bound === null && miscount(result) === null;
}

/** What was counted otherwise than it is pinned, as `{ expected: '12 states, 20 steps', got: '11 states, 18 steps' }`. */
export function miscount(result: CheckResultDocument): { readonly expected: string; readonly got: string } | null {
  const { expected, verdict, search, store, reductions, states, steps, trace } = result;
  if (!expected || expected.verdict !== verdict || search !== 'breadth-first' || store !== 'exact') return null;
  const used = reductions.filter((one) => one.used).map(({ name }) => name);
  if (used.some((name) => name !== 'symmetry')) return null;
  if (verdict === 'violated') {
    const { length } = expected;
    if (length === null || !trace || trace.steps.length === length) return null;
    return { expected: traceOf(length), got: traceOf(trace.steps.length) };
  }
  const counts = used.length > 0 ? expected.reduced : expected.counts;
  if (!counts || (counts.states === states && counts.steps === steps)) return null;
  return { expected: countsOf(counts), got: countsOf(result) };
}

function traceOf(length: number): string {
  return `a trace of ${plural(length, 'step')}`;
}

function countsOf({ states, steps }: { readonly states: number; readonly steps: number }): string {
  return `${plural(states, 'state')} and ${plural(steps, 'step')}`;
}

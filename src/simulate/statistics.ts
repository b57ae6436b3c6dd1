/** What several runs with different seeds say together: a mean, and how sure it is. */
import { UsageError } from '../system/errors.ts';

export interface Estimate {
  readonly mean: number;
  /** The interval of confidence is `mean - halfWidth` to `mean + halfWidth`; NaN of one run. */
  readonly halfWidth: number;
  /** As a share of 1. */
  readonly confidence: number;
  readonly count: number;
}

/**
 * The mean of independent numbers, with the interval that Student's t gives: each number is the mean of a whole run, and so nearly
 * normal, however skew what it is the mean of.
 *
 * @param values at least two
 * @throws UsageError for fewer: one run says nothing of how sure it is
 *
 * @example
 * ```ts
 * import { estimate } from 'faultline';
 *
 * estimate([1, 2, 3]).mean; // => 2
 * ```
 */
export function estimate(values: readonly number[], confidence = 0.95): Estimate {
  if (values.length < 2)
    throw new UsageError(`an interval of confidence of ${values.length} runs, expected at least 2`);
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const halfWidth = studentQuantile(1 - (1 - confidence) / 2, count - 1) * Math.sqrt(variance / count);
  return { mean, halfWidth, confidence, count };
}

/** Of one run there is a number, and nothing that says how sure it is. */
export function estimateOf(values: readonly number[]): Estimate {
  if (values.length > 1) return estimate(values);
  return { mean: values[0]!, halfWidth: Number.NaN, confidence: 0.95, count: 1 };
}

/**
 * Whether a number is in the interval.
 *
 * @example
 * ```ts
 * import { covers, estimate } from 'faultline';
 *
 * covers(estimate([1, 2, 3]), 2.5); // => true
 * ```
 */
export function covers({ mean, halfWidth }: Estimate, value: number): boolean {
  return Math.abs(value - mean) <= halfWidth;
}

/** Where Student's t with so many degrees of freedom is below with a probability, which is 0.5 to below 1; by bisection. */
export function studentQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (studentBelow(high, degrees) < probability) high *= 2;
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (studentBelow(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The probability that Student's t with a whole number of degrees of freedom is below a `t` from 0: the finite sums of Abramowitz and
 * Stegun, 26.7.3 and 26.7.4.
 */
function studentBelow(t: number, degrees: number): number {
  const angle = Math.atan2(t, Math.sqrt(degrees));
  const cosine2 = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = degrees > 1 ? term : 0;
  for (let power = isOdd ? 2 : 1; power < degrees - 2; power += 2) {
    term *= (cosine2 * power) / (power + 1);
    sum += term;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return 0.5 + within / 2;
}

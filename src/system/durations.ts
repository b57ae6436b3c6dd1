/**
 * How long something takes, as data: a number of time units, or a distribution of them. Whoever writes a `timing` section makes them by
 * these functions; each refuses parameters that give negative times, or none.
 */
import { bad, described } from './shapes.ts';

export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'log-normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'empirical'; readonly values: readonly number[]; readonly weights?: readonly number[] };

/** A number stands for a constant. In the unit of the `timing` section. */
export type Duration = number | Distribution;

/**
 * Always the same, in the unit of the `timing` section.
 *
 * @example
 * ```ts
 * import { constant } from 'faultline';
 *
 * constant(3).kind; // => 'constant'
 * ```
 */
export function constant(value: number): Distribution {
  return checked({ kind: 'constant', value });
}

/**
 * Any time between two, each as likely as any other.
 *
 * @example
 * ```ts
 * import { uniform } from 'faultline';
 *
 * uniform(2, 4).kind; // => 'uniform'
 * ```
 */
export function uniform(from: number, to: number): Distribution {
  return checked({ kind: 'uniform', from, to });
}

/**
 * Of what happens at random with this mean, in the unit of the `timing` section.
 *
 * @example
 * ```ts
 * import { exponential } from 'faultline';
 *
 * exponential(3).kind; // => 'exponential'
 * ```
 */
export function exponential(mean: number): Distribution {
  return checked({ kind: 'exponential', mean });
}

/**
 * @param mean and @param deviation of the times themselves, not of their logarithms
 *
 * @example
 * ```ts
 * import { logNormal } from 'faultline';
 *
 * logNormal(3, 0.5).kind; // => 'log-normal'
 * ```
 */
export function logNormal(mean: number, deviation: number): Distribution {
  return checked({ kind: 'log-normal', mean, deviation });
}

/**
 * Times that were measured: each draw is one of them. @param weights how often each was seen; left out, once
 *
 * @example
 * ```ts
 * import { empirical } from 'faultline';
 *
 * empirical([2, 3, 4]).kind; // => 'empirical'
 * ```
 */
export function empirical(values: readonly number[], weights?: readonly number[]): Distribution {
  return checked({ kind: 'empirical', values, ...(weights && { weights }) });
}

export function meanOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return (distribution.from + distribution.to) / 2;
    case 'empirical': {
      const weights = distribution.weights ?? distribution.values.map(() => 1);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return distribution.values.reduce((total, value, at) => total + value * weights[at]!, 0) / sum;
    }
    default:
      return distribution.mean;
  }
}

/**
 * @param place how an error begins, as `timing: actor "server", DONE: takes`
 * @throws ModelError `bad-definition` for what is no duration, is negative, or is not finite
 */
export function distributionOf(duration: unknown, place: string): Distribution {
  const distribution = typeof duration === 'number' ? { kind: 'constant', value: duration } : duration;
  return checked(distribution as Distribution, place);
}

function checked(distribution: Distribution, place = 'a duration'): Distribution {
  const refuse = (what: string, value: unknown, expected: string): never => {
    throw bad(`${place}: ${what}${described(value)}, expected ${expected}`, HINT);
  };
  const time = (name: string, value: unknown, isMean = false) => {
    const fits = typeof value === 'number' && Number.isFinite(value) && (isMean ? value > 0 : value >= 0);
    if (!fits) refuse(`${name} is `, value, isMean ? 'a time above 0' : 'a time from 0');
  };
  switch (distribution?.kind) {
    case 'constant':
      time('it', distribution.value);
      break;
    case 'uniform':
      time('from', distribution.from);
      time('to', distribution.to);
      if (distribution.to < distribution.from) refuse('to is ', distribution.to, `at least ${distribution.from}`);
      break;
    case 'exponential':
      time('mean', distribution.mean, true);
      break;
    case 'log-normal':
      time('mean', distribution.mean, true);
      time('deviation', distribution.deviation);
      break;
    case 'empirical':
      checkEmpirical(distribution, time, refuse);
      break;
    default:
      refuse('got ', distribution, 'a number or a distribution, as exponential(2)');
  }
  return distribution;
}

const HINT = 'times are numbers of the unit that `timing` names, 0 for what takes none';

function checkEmpirical(
  { values, weights }: Extract<Distribution, { kind: 'empirical' }>,
  time: (name: string, value: unknown) => void,
  refuse: (what: string, value: unknown, expected: string) => never,
): void {
  if (!Array.isArray(values) || values.length === 0) refuse('values is ', values, 'a list of at least one time');
  for (const value of values) time('a value', value);
  if (weights === undefined) return;
  if (weights.length !== values.length)
    refuse('the number of weights is ', weights.length, `${values.length}, one for each value`);
  for (const weight of weights) time('a weight', weight);
  if (!weights.some((weight) => weight > 0)) refuse('the sum of the weights is ', 0, 'a number above 0');
}

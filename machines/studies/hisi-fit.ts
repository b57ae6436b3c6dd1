/**
 * The fit of the study `hisi-sec`. It runs by simulating, comparing and adjusting; what it adjusts, and on which rows:
 *
 * - without IOPF, start-up and the time of a message: SVA on x1 and x100, VFIO on x1 and x1000, so that both rows come out;
 * - the time until a woken thread runs (`wakeUp`), on the same rows with IOPF: one number for two, by least squares of the kept shares;
 * - PREMAP 512: start-up, and the handler's time for a page more (`perPage`), on x1. A message takes ten times as long as one of 1 MB, and
 *   `wakeUp` is that of VFIO.
 */
import { keptOf, type Measured, measuredKept, timeOf } from './hisi-rows.ts';

/** What a series is simulated with; times are in microseconds. */
export interface Fitted {
  readonly startUp: number;
  readonly perMessage: number;
  readonly wakeUp: number;
  readonly perPage: number;
}

/** Simulates rows with IOPF or without, and says how long each took, in microseconds. */
export type Simulate = (rows: readonly Measured[], iopf: boolean, fitted: Fitted) => Promise<readonly number[]>;

const ROUNDS = 3;

/** Rows without IOPF: the two come out, but for what the ends of a run do to a straight line. */
export async function fitBase(rows: readonly [Measured, Measured], first: Fitted, simulate: Simulate): Promise<Fitted> {
  let fitted = first;
  const [short, long] = [timeOf(rows[0], false), timeOf(rows[1], false)];
  for (let round = 1; round < ROUNDS; round++) {
    const [one, other] = (await simulate(rows, false, fitted)) as [number, number];
    const factor = (long - short) / (other - one);
    const startUp = Math.max(0, short - (one - fitted.startUp) * factor);
    fitted = { ...fitted, perMessage: fitted.perMessage * factor, startUp };
  }
  return fitted;
}

/** Start-up alone, so that one row without IOPF comes out: it moves the end of a run by what it is moved itself. */
export async function fitStartUp(row: Measured, first: Fitted, simulate: Simulate): Promise<Fitted> {
  const [time] = (await simulate([row], false, first)) as [number];
  return { ...first, startUp: Math.max(0, first.startUp + timeOf(row, false) - time) };
}

/** One number, so that the kept shares of some rows are as near as they can be: by Gauss and Newton, with slopes by secants. */
export async function fitKept(
  rows: readonly Measured[],
  name: 'wakeUp' | 'perPage',
  first: Fitted,
  simulate: Simulate,
): Promise<Fitted> {
  const base = await simulate(rows, false, first);
  const residualsAt = async (value: number) => {
    const times = await simulate(rows, true, { ...first, [name]: value });
    return times.map((time, at) => keptOf(base[at]!, time) - measuredKept(rows[at]!));
  };
  let before = { value: first[name] * 0.8, residuals: await residualsAt(first[name] * 0.8) };
  let value = first[name];
  for (let round = 0; round < ROUNDS; round++) {
    const residuals = await residualsAt(value);
    const slopes = residuals.map((residual, at) => (residual - before.residuals[at]!) / (value - before.value));
    const step = sum(residuals.map((residual, at) => residual * slopes[at]!)) / sum(slopes.map((slope) => slope ** 2));
    before = { value, residuals };
    value = Math.max(value / 10, value - step);
    if (Math.abs(step) < value / 200) break;
  }
  return { ...first, [name]: value };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * What is drawn at random in tests is drawn from a seed: `FAULTLINE_SEED`, or always the same one. `npm run test:random` draws a
 * new seed and says which.
 */
const FIXED = 20261128;

const asked = process.env.FAULTLINE_SEED;
if (asked !== undefined && !/^\d+$/.test(asked)) {
  throw new Error(`FAULTLINE_SEED: got ${JSON.stringify(asked)}, expected a whole number of at least 0`);
}

/** @param byDefault where a test has a seed of its own as long as none is asked for */
export function seedOr(byDefault: number): number {
  return asked === undefined ? byDefault : Number(asked) % 2 ** 31;
}

export const SEED = seedOr(FIXED);

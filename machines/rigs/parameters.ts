/** Parameters that several races have. */
import { z } from 'zod';

/** A parameter that says how many there are of something. */
export function howMany(
  what: string,
  range: { readonly min?: number; readonly max: number; readonly default: number },
) {
  const { min = 1, max, default: usual } = range;
  return z.number().int().min(min).max(max).default(usual).describe(what);
}

/** A parameter that says whether something is so; by default it is not. */
export function whether(what: string) {
  return z.boolean().default(false).describe(what);
}

/** A parameter of scenarios with pages. */
export const framesParameter = z
  .number()
  .int()
  .min(0)
  .max(16)
  .default(0)
  .describe('frames of memory for these pages; 0 for as many as pages');

/** Parameters that several races have. */
import { z } from 'zod';

/** A parameter of scenarios with pages. */
export const framesParameter = z
  .number()
  .int()
  .min(0)
  .max(16)
  .default(0)
  .describe('frames of memory for these pages; 0 for as many as pages');

/** Mistakes in explanations. */
import type { Mutant } from '../mutant.ts';

export const explain: readonly Mutant[] = [];

/** Mistakes in traces, their replay, and how they are shown. */
import type { Mutant } from '../mutant.ts';

export const trace: readonly Mutant[] = [];

/** All mutants, by folder. */
import type { Mutant } from '../mutant.ts';
import { named } from './named.ts';

export const mutants: readonly Mutant[] = [...named];

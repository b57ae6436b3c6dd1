/**
 * The interrupt thread of `priq-v8.ts` with both that a flush needs: an entry is in the queue until it is handled, and each run of the
 * handler counts as a batch. No version that was posted; it is the fix of B-26.
 */
import { priqV8, priqV8Config } from './priq-v8.ts';
import { priqV8CountsRunsStates } from './priq-v8-counts-runs.ts';
import { priqV8GivesBackLate } from './priq-v8-gives-back-late.ts';

export const priqV8ThreadGivesBackLateAndCountsRuns = priqV8.createMachine({
  id: 'priqV8ThreadGivesBackLateAndCountsRuns',
  ...priqV8Config,
  states: { ...priqV8CountsRunsStates, ...priqV8GivesBackLate },
});

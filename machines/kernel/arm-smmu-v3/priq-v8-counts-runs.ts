/**
 * The interrupt thread of `priq-v8.ts`, but each run of the handler counts as a batch, however short, as in the version of 2018 (v2): where
 * runs are short, no batch is ever full.
 */
import { priqV8, priqV8Config, priqV8States } from './priq-v8.ts';

export const priqV8CountsRunsStates = {
  ...priqV8States,
  ending: priqV8.createStateConfig({
    on: {
      RUN: [
        {
          guard: 'hadOverflow',
          target: 'discarding',
          actions: ['acknowledge', 'restartCount', 'countBatch', 'wake', 'unlock'],
        },
        { target: 'returning', actions: ['acknowledge', 'restartCount', 'countBatch', 'wake', 'unlock'] },
      ],
    },
  }),
};

export const priqV8ThreadCountsRuns = priqV8.createMachine({
  id: 'priqV8ThreadCountsRuns',
  ...priqV8Config,
  states: priqV8CountsRunsStates,
});

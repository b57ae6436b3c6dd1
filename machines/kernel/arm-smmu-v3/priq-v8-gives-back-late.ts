/** The interrupt thread of `priq-v8.ts`, but an entry has its slot until it is handled, and so is in the queue: no version that was posted. */
import { priqV8, priqV8Config, priqV8States } from './priq-v8.ts';

/** What it does otherwise. */
export const priqV8GivesBackLate = {
  reading: priqV8.createStateConfig({
    on: {
      ...priqV8States.reading.on,
      REMOVED: { target: 'handling', actions: ['keepEntry', 'unlock'] },
    },
  }),
  handling: priqV8.createStateConfig({
    on: {
      RUN: [
        {
          guard: 'completesBatch',
          target: 'removing',
          actions: ['report', 'forgetEntry', 'lock', 'giveBack', 'restartCount', 'countBatch', 'wake'],
        },
        { target: 'removing', actions: ['report', 'forgetEntry', 'lock', 'giveBack', 'countHandled'] },
      ],
    },
  }),
};

export const priqV8ThreadGivesBackLate = priqV8.createMachine({
  id: 'priqV8ThreadGivesBackLate',
  ...priqV8Config,
  states: { ...priqV8States, ...priqV8GivesBackLate },
});

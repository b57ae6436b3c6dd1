/**
 * The interrupt thread of `priq.ts`, but it discards as soon as it sees the overflow, before it handles the entries that were stored
 * ahead of it. Nobody shipped it.
 */
import { priq, priqConfig } from './priq.ts';
import { priqNeverDiscardsStates } from './priq-never-discards.ts';

export const priqThreadDiscardsFirst = priq.createMachine({
  id: 'priqThreadDiscardsFirst',
  ...priqConfig,
  states: {
    ...priqNeverDiscardsStates,
    deciding: priq.createStateConfig({
      always: [
        { guard: 'hasNothing', target: 'returning' },
        { guard: 'sawOverflow', target: 'discarding' },
        { target: 'handling' },
      ],
    }),
    discarding: priq.createStateConfig({
      on: {
        RUN: [
          { guard: 'hasEntries', target: 'handling', actions: 'discardPartials' },
          { target: 'releasing', actions: 'discardPartials' },
        ],
      },
    }),
  },
});

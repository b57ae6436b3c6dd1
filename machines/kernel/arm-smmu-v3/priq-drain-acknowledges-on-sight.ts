/**
 * The loop of `priq-drain.ts`, but it acknowledges the overflow as soon as it sees it: the same drain then handles entries of both sides of
 * it. Nobody shipped it.
 */
import { without } from '../../parts/states.ts';
import { priq, priqConfig } from './priq.ts';
import { priqDrainStates } from './priq-drain.ts';

const { syncingProd, readingProd, handling, readingEntry, entryDone } = priqDrainStates;

export const priqDrainThreadAcknowledgesOnSight = priq.createMachine({
  id: 'priqDrainThreadAcknowledgesOnSight',
  ...priqConfig,
  states: {
    ...without(priqDrainStates, 'acknowledging'),
    deciding: priq.createStateConfig({
      always: [
        { guard: 'sawOverflow', target: 'afterOverflow' },
        { guard: 'hasEntries', target: 'handling' },
        { target: 'returning' },
      ],
    }),
    // The same loop once more, which ends with the discard.
    afterOverflow: {
      initial: 'acknowledging',
      states: {
        acknowledging: priq.createStateConfig({
          on: {
            RUN: [
              { guard: 'hasEntries', target: 'handling', actions: ['acknowledge', 'writeCons'] },
              { target: 'syncingProd', actions: ['acknowledge', 'writeCons'] },
            ],
          },
        }),
        syncingProd,
        readingProd,
        deciding: priq.createStateConfig({
          always: [
            { guard: 'sawOverflow', target: 'acknowledging' },
            { guard: 'hasEntries', target: 'handling' },
            { target: '#priqDrainThreadAcknowledgesOnSight.discarding' },
          ],
        }),
        handling,
        readingEntry,
        entryDone,
      },
    },
  },
});

/**
 * The interrupt thread of `priq.ts`, but it acknowledges an overflow and leaves the partial groups where they are. Nobody shipped it: it is
 * what B-09 is about.
 */
import { priq, priqConfig, priqStates } from './priq.ts';

const { discarding: _, ...states } = {
  ...priqStates,
  deciding: priq.createStateConfig({
    always: [
      { guard: 'hasNothing', target: 'returning' },
      { guard: 'hasEntries', target: 'handling' },
      { target: 'releasing' },
    ],
  }),
  entryDone: priq.createStateConfig({
    always: [{ guard: 'hasEntries', target: 'handling' }, { target: 'releasing' }],
  }),
};

/** Without a discard. */
export const priqNeverDiscardsStates = states;

export const priqThreadNeverDiscards = priq.createMachine({
  id: 'priqThreadNeverDiscards',
  ...priqConfig,
  states: priqNeverDiscardsStates,
});

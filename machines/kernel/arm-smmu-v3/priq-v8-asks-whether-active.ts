/**
 * The interrupt thread of `priq-v8.ts`, but it asks whether an overflow is active, OVFLG against OVACKFLG, and so discards whenever it
 * acknowledges: no version that was posted. It is the fix of B-74.
 */
import { priqV8, priqV8Config, priqV8States } from './priq-v8.ts';

export const priqV8ThreadAsksWhetherActive = priqV8.createMachine({
  id: 'priqV8ThreadAsksWhetherActive',
  ...priqV8Config,
  states: {
    ...priqV8States,
    syncing: priqV8.createStateConfig({
      on: {
        SYNCED: [
          { guard: 'isEmpty', target: 'ending', actions: 'noteActiveOverflow' },
          { target: 'removing', actions: 'noteActiveOverflow' },
        ],
      },
    }),
  },
});

/** The interrupt thread of `priq.ts`, but it returns after one pass, without another look at PROD. Nobody shipped it. */
import { without } from '../../parts/states.ts';
import { priq, priqConfig, priqStates } from './priq.ts';

export const priqThreadPassesOnce = priq.createMachine({
  id: 'priqThreadPassesOnce',
  ...priqConfig,
  states: {
    ...without(priqStates, 'recovered'),
    releasing: priq.createStateConfig({
      on: { RUN: { target: 'returning', actions: ['acknowledge', 'writeCons', 'forgetProd'] } },
    }),
  },
});

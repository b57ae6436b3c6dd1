/**
 * The interrupt thread of `priq.ts`, but it moves the read index with one CONS write, and with a second one sets OVACKFLG to what OVFLG is
 * by then. Nobody shipped it.
 */
import { without } from '../../parts/states.ts';
import { priq, priqConfig, priqStates } from './priq.ts';

export const priqThreadSplitsCons = priq.createMachine({
  id: 'priqThreadSplitsCons',
  ...priqConfig,
  states: {
    ...without(priqStates, 'recovered'),
    releasing: priq.createStateConfig({
      on: { RUN: { target: 'acknowledging', actions: ['writeCons', 'forgetProd'] } },
    }),
    acknowledging: priq.createStateConfig({
      on: { RUN: { target: 'readingProdAgain', actions: 'readProd' } },
    }),
    readingProdAgain: priq.createStateConfig({
      on: { PROD: { target: 'awake', actions: ['setProd', 'acknowledge', 'writeCons', 'forgetProd'] } },
    }),
  },
});

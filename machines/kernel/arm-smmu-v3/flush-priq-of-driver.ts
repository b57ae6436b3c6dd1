/**
 * The flush of `flush-priq-v8.ts` in a thread of the device's driver, which stops the device before it lets go of the PASID, and starts it
 * again for the next one.
 */
import { from, send } from '../../parts/call.ts';
import { flushPriq, flushPriqConfig, flushPriqStates } from './flush-priq-v8.ts';

/** What versions of it are made of. */
export const flushPriqOfDriver = flushPriq.extend({
  guards: {
    isEmptyOrOneBatch: from('LOOKED', ({ event }) => event.empty || event.batches >= 1),
  },
  actions: {
    stopDevice: send(({ context }) => context.device!, 'STOP'),
    startDevice: send(({ context }) => context.device!, 'START'),
  },
});

export const flushPriqOfDriverStates = {
  ...flushPriqStates,
  idle: flushPriqOfDriver.createStateConfig({ on: { UNBIND: { target: 'starting', actions: 'stopDevice' } } }),
  flushed: flushPriqOfDriver.createStateConfig({ on: { RUN: { target: 'idle', actions: 'startDevice' } } }),
};

export const flushPriqThreadOfDriver = flushPriqOfDriver.createMachine({
  id: 'flushPriqThreadOfDriver',
  ...flushPriqConfig,
  states: flushPriqOfDriverStates,
});

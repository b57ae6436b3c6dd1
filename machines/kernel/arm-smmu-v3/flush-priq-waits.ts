/**
 * The flush of `flush-priq-of-driver.ts` with wait_event() in place of wait_event_interruptible_locked(), so that no signal ends it: no
 * version that was posted.
 */
import { without } from '../../parts/states.ts';
import { flushPriqOfDriver, flushPriqOfDriverStates } from './flush-priq-of-driver.ts';
import { flushPriqConfig } from './flush-priq-v8.ts';

/** A version that waits for something else replaces `checking`. */
export const flushPriqWaitsStates = {
  ...without(flushPriqOfDriverStates, 'interrupted'),
  waiting: flushPriqOfDriver.createStateConfig({ on: { WAKE: 'woken' } }),
  woken: flushPriqOfDriver.createStateConfig({ on: { RUN: flushPriqOfDriverStates.woken.on.RUN } }),
};

export const flushPriqThreadWaits = flushPriqOfDriver.createMachine({
  id: 'flushPriqThreadWaits',
  ...flushPriqConfig,
  states: flushPriqWaitsStates,
});

/**
 * The thread of `poll-reader.ts` with a poll operation that looks at the list before it calls poll_wait(): what is added between the two wakes
 * nobody. In no kernel; select.c warns that a driver has to call poll_wait() first.
 */
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';
import { pollReaderStates } from './poll-reader.ts';

export const pollReaderChecksFirst = faultReaderParts.createMachine({
  id: 'pollReaderChecksFirst',
  ...faultReaderConfig,
  states: {
    ...pollReaderStates,
    idle: { on: { RUN: { target: 'checking', actions: 'check' } } },
    checking: { on: { READABLE: 'readable', EMPTY: 'waiting' } },
    waiting: { on: { RUN: { target: 'sleeping', actions: 'addWait' } } },
    sleeping: { on: { WAKE: 'woken' } },
    // do_poll() goes over its files again, and this time adds nothing.
    woken: { on: { RUN: { target: 'rechecking', actions: 'check' }, WAKE: {} } },
    rechecking: { on: { READABLE: { target: 'readable', actions: 'removeWait' }, EMPTY: 'sleeping' } },
  },
});

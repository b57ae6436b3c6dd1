/**
 * The thread of `prq-event-thread-v5.0.ts` as it was to v5.12: it copies the private data of the request into its answer, and then clears
 * it there. 1d421058c815 (v5.13) clears first. An answer to a request without private data is the same.
 */
import { prqEventThreadV50Config, prqEventThreadV50Parts, prqEventThreadV50States } from './prq-event-thread-v5.0.ts';

export const prqEventThreadV50ClearsPrivateData = prqEventThreadV50Parts.createMachine({
  id: 'prqEventThreadV50ClearsPrivateData',
  ...prqEventThreadV50Config,
  states: {
    ...prqEventThreadV50States,
    faulting: {
      on: {
        FAULT_HANDLED: [
          { guard: 'mustAnswer', target: 'handling', actions: ['respondWithoutData', 'forgetRequest'] },
          { target: 'handling', actions: 'forgetRequest' },
        ],
      },
    },
  },
});

/**
 * A thread that takes PRI away from a function and from its SMMU: the function first, which stops asking and is waited for, then its STE, then the queue.
 *
 *   `priq-shutdown-queue-first.ts`, `priq-shutdown-ste-first.ts`    in another order
 *
 * Simplification: each line is a step; one function, which stays off.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type PriqShutdownEvent =
  | { type: 'SHUT_DOWN' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface PriqShutdownInput {
  readonly device: string;
  readonly queue: string;
}

/** What versions are made of. */
export const priqShutdownParts = setup({
  types: { input: {} as PriqShutdownInput, context: {} as PriqShutdownInput, events: {} as PriqShutdownEvent },
  actions: {
    disablePri: send('device', 'DISABLE_PRI'),
    awaitStopped: send('device', 'AWAIT_STOPPED'),
    clearSte: send('queue', 'CLEAR_STE'),
    clearPriqen: send('queue', 'CLEAR_PRIQEN'),
  },
});

export const priqShutdownConfig = {
  context: ({ input }: { input: PriqShutdownInput }) => input,
  initial: 'up',
} as const;

export const priqShutdown = priqShutdownParts.createMachine({
  id: 'priqShutdown',
  ...priqShutdownConfig,
  states: {
    up: { on: { SHUT_DOWN: { target: 'stopping', actions: 'disablePri' } } },
    ...straightLine({ stopping: 'awaitStopped', stopped: 'clearSte', detached: 'clearPriqen' }, 'down'),
    down: {},
  },
});

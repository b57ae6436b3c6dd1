/**
 * arm-smmu-v3.c arm_smmu_gerror_handler(), as far as PRIQ_ABT_ERR goes: it prints that events may have been lost, and acknowledges the error.
 *
 *   `gerror-resets-pri.ts`       resets the PRI of the function, too
 *   `gerror-skips-queue.ts`      the same, without a look at what is in the queue
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type GerrorEvent =
  /** The interrupt. */
  | { type: 'GERROR' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface GerrorInput {
  readonly device: string;
  readonly queue: string;
  readonly thread: string;
}

/** What versions are made of. */
export const gerrorParts = setup({
  types: { input: {} as GerrorInput, context: {} as GerrorInput, events: {} as GerrorEvent },
  actions: {
    acknowledge: send('queue', 'ACK_GERROR'),
    disablePri: send('device', 'DISABLE_PRI'),
    awaitEmpty: send('queue', 'AWAIT_EMPTY'),
    awaitThread: send('thread', 'SYNCHRONIZE_IRQ'),
    resetPri: send('device', 'RESET_PRI'),
    enablePri: send('device', 'ENABLE_PRI'),
  },
});

export const gerrorConfig = {
  context: ({ input }: { input: GerrorInput }) => input,
  initial: 'idle',
} as const;

export const gerrorHandler = gerrorParts.createMachine({
  id: 'gerrorHandler',
  ...gerrorConfig,
  states: {
    idle: { on: { GERROR: 'active' } },
    active: { on: { RUN: { target: 'idle', actions: 'acknowledge' } } },
  },
});

/**
 * A process, as a user of its address space: it unmaps memory, and some day it exits (kernel/exit.c exit_mm()).
 *
 * At rest in `running` and `gone`.
 *
 * Simplifications: one thread; one range, which it may unmap again and again.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export type MmUserEvent =
  | { type: 'MUNMAP' }
  | { type: 'EXIT' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' }
  /** mmput() returns. */
  | { type: 'PUT' };

export interface MmUserInput {
  readonly name: string;
  readonly mm: string;
  /** The callback, as this thread runs it. */
  readonly notifier: string;
}

export const mmUser = setup({
  types: { input: {} as MmUserInput, context: {} as MmUserInput, events: {} as MmUserEvent },
  actions: {
    notify: call('notifier', { type: 'INVALIDATE_RANGE_START', event: 'unmap' }),
    putMm: call('mm', 'MMPUT'),
  },
}).createMachine({
  id: 'mmUser',
  context: ({ input }) => input,
  initial: 'running',
  states: {
    running: {
      on: {
        MUNMAP: { target: 'unmapping', actions: 'notify' },
        EXIT: { target: 'exiting', actions: 'putMm' },
      },
    },
    unmapping: { on: { NOTIFIED: 'running' } },
    // In mmput(), for as long as the exit takes, if it is this thread that runs it.
    exiting: { on: { PUT: 'gone' } },
    gone: { type: 'final' },
  },
});

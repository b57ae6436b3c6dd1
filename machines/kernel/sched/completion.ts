/**
 * `struct completion` (kernel/sched/completion.c): something was completed and nobody has waited for it yet, or not.
 *
 * A thread waits by sending WAIT within the step that goes on after it. Where nothing is completed there is no transition for
 * WAIT, so list 'WAIT' as `blocking`. A completion that several wait for, each of whom reinitialises it, loses wake-ups, as in the
 * kernel.
 *
 * Simplifications: completed twice is completed once (who completes asks completion_done() first); complete_all() and time-outs
 * are left out.
 */
import { setup } from 'xstate';

export type CompletionEvent =
  /** `reinit_completion()` */
  | { type: 'REINIT' }
  /** `if (!completion_done(x)) complete(x)` */
  | { type: 'COMPLETE' }
  /** `wait_for_completion()` */
  | { type: 'WAIT' };

export const completion = setup({ types: { events: {} as CompletionEvent } }).createMachine({
  id: 'completion',
  initial: 'pending',
  states: {
    pending: { on: { REINIT: {}, COMPLETE: 'done' } },
    done: { on: { REINIT: 'pending', COMPLETE: {}, WAIT: 'pending' } },
  },
});

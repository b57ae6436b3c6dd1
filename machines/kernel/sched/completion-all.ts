/**
 * `struct completion` that is completed for all who wait (kernel/sched/completion.c complete_all()): it stays so, for whoever waits, until somebody
 * reinitialises it. List 'WAIT' as `blocking`, as with `completion.ts`.
 */
import { setup } from 'xstate';
import type { CompletionEvent } from './completion.ts';

export const completionAll = setup({ types: { events: {} as CompletionEvent } }).createMachine({
  id: 'completionAll',
  initial: 'pending',
  states: {
    pending: { on: { REINIT: {}, COMPLETE: 'done' } },
    done: { on: { REINIT: 'pending', COMPLETE: {}, WAIT: {} } },
  },
});

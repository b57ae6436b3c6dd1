/**
 * `struct completion` of `completion.ts` that is completed by complete_all(): everybody who waits goes on, until somebody reinitialises
 * it. Who was woken and has not run by then finds it pending again and sleeps (do_wait_for_common()). List 'WAIT' as `blocking`.
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

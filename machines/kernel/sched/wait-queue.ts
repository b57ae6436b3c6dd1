/**
 * `wait_queue_head_t` (kernel/sched/wait.c): who has an entry in it gets WAKE when somebody calls wake_up(). Adding, removing and waking take
 * its spinlock, each is one step. An entry stays until its owner removes it.
 *
 * Simplifications: no exclusive entries, so everybody is woken.
 */
import { assign, setup } from 'xstate';
import { from, sendEach } from '../../parts/call.ts';

export type WaitQueueEvent =
  /** add_wait_queue(), prepare_to_wait(), or poll_wait() where the caller's entry is not there yet */
  | { type: 'ADD_WAIT'; by: string }
  /** remove_wait_queue(), finish_wait() */
  | { type: 'REMOVE_WAIT'; by: string }
  /** wake_up_interruptible() */
  | { type: 'WAKE_UP' };

export const waitQueue = setup({
  types: { context: {} as { readonly entries: Readonly<Record<string, true>> }, events: {} as WaitQueueEvent },
  actions: {
    add: assign({
      entries: from('ADD_WAIT', ({ context, event }) => ({ ...context.entries, [event.by]: true as const })),
    }),
    remove: assign({
      entries: from('REMOVE_WAIT', ({ context, event }) => {
        const { [event.by]: _, ...entries } = context.entries;
        return entries;
      }),
    }),
    wakeAll: sendEach(({ context }) => Object.keys(context.entries).sort(), 'WAKE'),
  },
}).createMachine({
  id: 'waitQueue',
  context: { entries: {} },
  on: {
    ADD_WAIT: { actions: 'add' },
    REMOVE_WAIT: { actions: 'remove' },
    WAKE_UP: { actions: 'wakeAll' },
  },
});

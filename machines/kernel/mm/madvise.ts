/**
 * A thread that takes pages away, once, and has the notifier of their range called before (mm/madvise.c zap_page_range_single(), or an exit, or
 * reclaim): it waits for the callback, and holds nothing that others wait for.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export type MadviseEvent =
  | { type: 'MADVISE' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' };

export const madviseThread = setup({
  types: {
    /** The callback, as this thread runs it. */
    input: {} as { name: string; notifier: string },
    context: {} as { readonly name: string; readonly notifier: string },
    events: {} as MadviseEvent,
  },
  actions: { callNotifier: call('notifier', 'INVALIDATE_RANGE') },
}).createMachine({
  id: 'madviseThread',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { MADVISE: { target: 'waiting', actions: 'callNotifier' } } },
    waiting: { on: { NOTIFIED: 'over' } },
    over: { type: 'final' },
  },
});

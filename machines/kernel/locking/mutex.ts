/**
 * A sleeping lock (`struct mutex`), or a spinlock: which of the two is decided by what its holder does while holding it.
 *
 * A thread takes it by sending ACQUIRE within the step that needs it. While the lock is held there is no transition for
 * ACQUIRE, so list 'ACQUIRE' as `blocking`: the thread's step is then not possible until the holder releases. A thread
 * that acquires a lock it already holds blocks for ever, as in the kernel.
 *
 * Simplifications: not fair (any waiter may win), no priorities, no interruptible or timed waits. Use one mutex for a
 * kernel lock only where the holder can be interrupted between two steps; a lock that is taken and released within one
 * step is already expressed by the step being atomic.
 */
import { assign, setup } from 'xstate';

export type MutexEvent =
  /** `mutex_lock()`: `by` is the name of the thread. */
  | { type: 'ACQUIRE'; by: string }
  /** `mutex_unlock()`; from anyone but the holder it has no transition, and so is a model error. */
  | { type: 'RELEASE'; by: string };

export const mutex = setup({
  types: {
    context: {} as { holder: string | null },
    events: {} as MutexEvent,
  },
  guards: {
    isHolder: ({ context, event }) => context.holder === event.by,
  },
  actions: {
    setHolder: assign({ holder: ({ event }) => event.by }),
    clearHolder: assign({ holder: null }),
  },
}).createMachine({
  id: 'mutex',
  context: { holder: null },
  initial: 'free',
  states: {
    free: {
      on: { ACQUIRE: { target: 'held', actions: 'setHolder' } },
    },
    held: {
      on: { RELEASE: { guard: 'isHolder', target: 'free', actions: 'clearHolder' } },
    },
  },
});

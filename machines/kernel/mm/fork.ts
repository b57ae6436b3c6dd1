/**
 * A thread of the process that calls fork(): kernel/fork.c dup_mmap() holds the mmap_lock for writing, and copy_page_range() tells the MMU
 * notifier, because entries become read-only. munmap(), mprotect() and mremap() hold it in the same way.
 *
 *   idle -FORK-> locking -RUN-> copying -RUN-> notifying -NOTIFIED-> copied -RUN-> idle
 *
 * It calls one callback, after the change; `fork-start-end.ts` calls one before as well. List 'ACQUIRE' as `blocking`.
 *
 * Simplifications: one page, which is present; the child ends at once, so the page is not shared when the lock is dropped.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export interface ForkInput {
  readonly name: string;
  readonly mmapLock: string;
  readonly notifier: string;
  readonly page: string;
}

/** What versions of it are made of. */
export const forkParts = setup({
  types: {
    input: {} as ForkInput,
    context: {} as ForkInput,
    events: {} as
      | { type: 'FORK' }
      /** The scheduler lets the thread run. */
      | { type: 'RUN' }
      /** The notifier's callback returns. */
      | { type: 'NOTIFIED' },
  },
  actions: {
    lock: call('mmapLock', 'ACQUIRE'),
    notifyRange: call('notifier', ({ context }) => ({ type: 'INVALIDATE_RANGE', page: context.page })),
    notifyStart: call('notifier', ({ context }) => ({ type: 'INVALIDATE_RANGE_START', page: context.page })),
    notifyEnd: call('notifier', ({ context }) => ({ type: 'INVALIDATE_RANGE_END', page: context.page })),
    unlock: call('mmapLock', 'RELEASE'),
  },
});

export const forkConfig = { context: ({ input }: { input: ForkInput }) => input, initial: 'idle' } as const;

/** Another version replaces a state. */
export const forkStates = {
  idle: forkParts.createStateConfig({ on: { FORK: 'locking' } }),
  // mmap_write_lock()
  locking: forkParts.createStateConfig({ on: { RUN: { target: 'copying', actions: 'lock' } } }),
  copying: forkParts.createStateConfig({ on: { RUN: { target: 'notifying', actions: 'notifyRange' } } }),
  notifying: forkParts.createStateConfig({ on: { NOTIFIED: 'copied' } }),
  copied: forkParts.createStateConfig({ on: { RUN: { target: 'idle', actions: 'unlock' } } }),
};

export const forkThread = forkParts.createMachine({ id: 'forkThread', ...forkConfig, states: forkStates });

/**
 * The end of an address space (kernel/fork.c __mmput(), mm/mmap.c exit_mmap()), run by who dropped the last user, with whatever
 * locks that thread holds:
 *
 *   idle -EXIT_MMAP-> releasing: mmu_notifier_release() -> unmapping: unmap_vmas(), which calls the notifier -> freeing:
 *   free_pgtables(), which takes the VMAs off their anon_vma under its lock -> idle, and mmput() returns
 *
 * List 'ACQUIRE' as `blocking`. At rest in `idle`.
 *
 * Simplifications: one VMA; mmap_lock is left out, nobody has the address space any more.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { call, from, send, tell } from '../../parts/call.ts';

export type ExitMmapEvent =
  /** `for`: whose mmput() it is in; null for a worker's. */
  | { type: 'EXIT_MMAP'; for: string | null }
  /** The scheduler lets that thread run. */
  | { type: 'RUN' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' };

export interface ExitMmapInput {
  readonly name: string;
  readonly mm: string;
  /** Who hears of the release. */
  readonly subscriber: string;
  /** The callback, as this thread runs it. */
  readonly notifier: string;
  readonly anonVma: string;
  readonly anonVmaLock: string;
}

export const exitMmap = setup({
  types: {
    input: {} as ExitMmapInput,
    context: {} as ExitMmapInput & { readonly caller: string | null },
    events: {} as ExitMmapEvent,
  },
  actions: {
    noteCaller: assign(from('EXIT_MMAP', ({ event }) => ({ caller: event.for }))),
    release: send('subscriber', 'RELEASE'),
    notify: call('notifier', { type: 'INVALIDATE_RANGE_START', event: 'unmap' }),
    lock: call('anonVmaLock', 'ACQUIRE'),
    unlink: send('anonVma', 'UNLINK'),
    unlock: call('anonVmaLock', 'RELEASE'),
    tellMm: send('mm', 'EXITED'),
    returnFromMmput: enqueueActions(({ context, enqueue }) => {
      if (context.caller !== null) tell(enqueue, context.caller, { type: 'PUT' });
    }),
    forgetCaller: assign({ caller: null }),
  },
}).createMachine({
  id: 'exitMmap',
  context: ({ input }) => ({ ...input, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { EXIT_MMAP: { target: 'releasing', actions: 'noteCaller' } } },
    releasing: { on: { RUN: { target: 'unmapping', actions: 'release' } } },
    unmapping: { on: { RUN: { target: 'notifying', actions: 'notify' } } },
    notifying: { on: { NOTIFIED: 'freeing' } },
    // unlink_anon_vmas()
    freeing: { on: { RUN: { target: 'freed', actions: ['lock', 'unlink', 'unlock'] } } },
    freed: { on: { RUN: { target: 'idle', actions: ['tellMm', 'returnFromMmput', 'forgetCaller'] } } },
  },
});

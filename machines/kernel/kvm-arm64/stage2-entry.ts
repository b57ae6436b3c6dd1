/**
 * One leaf of a guest's stage-2 page table (arch/arm64/kvm/hyp/pgtable.c), with `kvm->mmu_lock` around it: permission faults of several vCPUs
 * are handled at the same time, under the lock for readers, so an entry is changed by compare and exchange. Dirty logging takes the right to
 * write away (kvm_pgtable_stage2_wrprotect()) under the lock for writers, and flushes the TLBs of all CPUs before it drops it.
 *
 * List 'WRITE_PROTECT' as `blocking`.
 *
 * Simplifications: the page is always there; a writer's section is one step; the lock is not fair.
 */
import { assign, setup } from 'xstate';
import { from, reply, sendEach } from '../../parts/call.ts';

export type Stage2EntryEvent =
  /** A table walk of a CPU; the reply is WALKED. */
  | { type: 'WALK'; by: string }
  /** read_lock(), and the entry as the walker reads it (`ctx->old`); the reply is OLD. */
  | { type: 'READ'; by: string }
  /** stage2_try_set_pte(): cmpxchg() from what was read to a writable entry; the reply is SET, or EAGAIN. */
  | { type: 'TRY_SET'; old: boolean; by: string }
  /** read_unlock() */
  | { type: 'UNLOCK' }
  /** Dirty logging. */
  | { type: 'WRITE_PROTECT' };

export const stage2Entry = setup({
  types: {
    input: {} as { tlbs: readonly string[] },
    context: {} as {
      /** Of all CPUs that run the guest. */
      readonly tlbs: readonly string[];
      /** Whether it allows writes. */
      readonly writable: boolean;
      readonly readers: number;
    },
    events: {} as Stage2EntryEvent,
  },
  guards: {
    isAsRead: from('TRY_SET', ({ context, event }) => context.writable === event.old),
    isUnlocked: ({ context }) => context.readers === 0,
  },
  actions: {
    replyWalked: reply(({ context }) => ({ type: 'WALKED', writable: context.writable })),
    replyOld: reply(({ context }) => ({ type: 'OLD', writable: context.writable })),
    replySet: reply('SET'),
    replyAgain: reply('EAGAIN'),
    lock: assign({ readers: ({ context }) => context.readers + 1 }),
    unlock: assign({ readers: ({ context }) => context.readers - 1 }),
    allowWrites: assign({ writable: true }),
    forbidWrites: assign({ writable: false }),
    flushAll: sendEach(({ context }) => context.tlbs, 'TLBI'),
  },
}).createMachine({
  id: 'stage2Entry',
  context: ({ input }) => ({ ...input, writable: false, readers: 0 }),
  on: {
    WALK: { actions: 'replyWalked' },
    READ: { actions: ['lock', 'replyOld'] },
    TRY_SET: [{ guard: 'isAsRead', actions: ['allowWrites', 'replySet'] }, { actions: 'replyAgain' }],
    UNLOCK: { actions: 'unlock' },
    WRITE_PROTECT: { guard: 'isUnlocked', actions: ['forbidWrites', 'flushAll'] },
  },
});

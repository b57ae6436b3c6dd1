/**
 * The pages that a container has pinned, against the user's limit on locked memory (`mm->locked_vm` and RLIMIT_MEMLOCK,
 * vfio_iommu_type1.c vfio_lock_acct()). Everything here is under the container's lock, so it is one step.
 *
 * CHARGE asks for room for a page that is not mapped. The reply is CHARGED or OVER_LIMIT. The VFIO IOPF series (v1, 2021) refuses at
 * the limit, for the mappings only grow. What its review asked for, a tracker of the least recently mapped page, are other versions:
 *
 *   `locked-memory-evict-oldest.ts`   the least recently mapped page goes
 *   `locked-memory-evict-used.ts`     the least recently mapped page goes that has been used since; without one, the fault waits
 *
 * Simplifications: the limit is in pages and for these pages alone; taking a page away is one step with its invalidation.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';

export type LockedMemoryEvent =
  | { type: 'CHARGE'; page: string; by: string }
  /** The access flag of a page is set. */
  | { type: 'USED'; page: string };

export interface LockedMemoryInput {
  /** In pages. */
  readonly limit: number;
}

export interface Pinned {
  readonly page: string;
  readonly used: boolean;
}

/** What versions of it are made of. */
export const lockedMemoryParts = setup({
  types: {
    input: {} as LockedMemoryInput,
    /** Least recently mapped first. */
    context: {} as LockedMemoryInput & { readonly pinned: readonly Pinned[] },
    events: {} as LockedMemoryEvent,
  },
  guards: {
    hasRoom: ({ context }) => context.pinned.length < context.limit,
    hasUsed: ({ context }) => context.pinned.some(({ used }) => used),
  },
  actions: {
    evictOldest: enqueueActions(({ context: { pinned }, enqueue }) => {
      const [oldest, ...others] = pinned;
      enqueue.assign({ pinned: others });
      tell(enqueue, oldest!.page, { type: 'UNMAP' });
    }),
    evictUsed: enqueueActions(({ context: { pinned }, enqueue }) => {
      const victim = pinned.find(({ used }) => used)!;
      enqueue.assign({ pinned: pinned.filter((pin) => pin !== victim) });
      tell(enqueue, victim.page, { type: 'UNMAP' });
    }),
    pin: assign(
      from('CHARGE', ({ context, event }) => ({ pinned: [...context.pinned, { page: event.page, used: false }] })),
    ),
    markUsed: assign(
      from('USED', ({ context, event }) => ({
        pinned: context.pinned.map((pin) => (pin.page === event.page ? { ...pin, used: true } : pin)),
      })),
    ),
    replyCharged: reply('CHARGED'),
    replyOverLimit: reply('OVER_LIMIT'),
  },
});

export const lockedMemoryConfig = {
  context: ({ input }: { input: LockedMemoryInput }) => ({ ...input, pinned: [] }),
} as const;

export const lockedMemory = lockedMemoryParts.createMachine({
  id: 'lockedMemory',
  ...lockedMemoryConfig,
  on: {
    CHARGE: [
      { guard: 'hasRoom', actions: ['pin', 'replyCharged'] },
      // vfio_lock_acct() -> -ENOMEM
      { actions: 'replyOverLimit' },
    ],
    USED: { actions: 'markUsed' },
  },
});

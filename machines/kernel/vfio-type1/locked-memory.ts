/**
 * The pages that a container has pinned, against the user's limit on locked memory (`mm->locked_vm` and RLIMIT_MEMLOCK,
 * vfio_iommu_type1.c vfio_lock_acct()). Everything here is under the container's lock, so it is one step.
 *
 * CHARGE asks for room for a page that is not mapped. The reply is CHARGED or OVER_LIMIT. What happens at the limit is the
 * input `atLimit`; the VFIO IOPF series (v1, 2021) refuses, the others are what its review asked for, a tracker of the least
 * recently mapped page.
 *
 * Simplifications: the limit is in pages and for these pages alone; taking a page away is one step with its invalidation.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';

export type AtLimit =
  /** The mappings only grow: no more room, ever. */
  | 'refuse'
  /** The least recently mapped page goes. */
  | 'evict-oldest'
  /**
   * The least recently mapped page goes that has been used since it was mapped; without one, the fault waits. List 'CHARGE' as
   * `blocking`.
   */
  | 'evict-used';

export type LockedMemoryEvent =
  | { type: 'CHARGE'; page: string; by: string }
  /** The access flag of a page is set. */
  | { type: 'USED'; page: string };

interface Wiring {
  /** In pages. */
  limit: number;
  atLimit: AtLimit;
}

interface Pinned {
  readonly page: string;
  readonly used: boolean;
}

export const lockedMemory = setup({
  types: {
    input: {} as Wiring,
    /** Least recently mapped first. */
    context: {} as Wiring & { readonly pinned: readonly Pinned[] },
    events: {} as LockedMemoryEvent,
  },
  guards: {
    hasRoom: ({ context }) => context.pinned.length < context.limit,
    refuses: ({ context }) => context.atLimit === 'refuse',
    canEvict: ({ context }) => victimOf(context) !== undefined,
  },
  actions: {
    evict: enqueueActions(({ context, enqueue }) => {
      const victim = victimOf(context)!;
      enqueue.assign({ pinned: context.pinned.filter(({ page }) => page !== victim) });
      tell(enqueue, victim, { type: 'UNMAP' });
    }),
    pin: assign(
      from('CHARGE', ({ context, event }) => ({ pinned: [...context.pinned, { page: event.page, used: false }] })),
    ),
    markUsed: assign(
      from('USED', ({ context, event }) => ({
        pinned: context.pinned.map((pin) => (pin.page === event.page ? { ...pin, used: true } : pin)),
      })),
    ),
    reply: reply((_, { type }: { type: 'CHARGED' | 'OVER_LIMIT' }) => ({ type })),
  },
}).createMachine({
  id: 'lockedMemory',
  context: ({ input }) => ({ ...input, pinned: [] }),
  on: {
    CHARGE: [
      { guard: 'hasRoom', actions: ['pin', { type: 'reply', params: { type: 'CHARGED' } }] },
      // vfio_lock_acct() -> -ENOMEM
      { guard: 'refuses', actions: { type: 'reply', params: { type: 'OVER_LIMIT' } } },
      { guard: 'canEvict', actions: ['evict', 'pin', { type: 'reply', params: { type: 'CHARGED' } }] },
    ],
    USED: { actions: 'markUsed' },
  },
});

function victimOf({ atLimit, pinned }: Wiring & { pinned: readonly Pinned[] }): string | undefined {
  return (atLimit === 'evict-used' ? pinned.find(({ used }) => used) : pinned[0])?.page;
}

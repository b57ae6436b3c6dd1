/**
 * What a container has mapped for faults, the least recently mapped page first, and how much of the user's limit on locked memory
 * (RLIMIT_MEMLOCK, vfio_iommu_type1.c vfio_lock_acct()) it has charged: the tracker that the review of VFIO's IOPF series asked for, and its
 * author agreed to (v1, January 2021). Nobody posted it. `locked-memory.ts` is an account that takes pages back by itself, in one step.
 *
 * The list is under the container's lock, so whoever sends CHARGE or TAKE_OLDEST holds it. A page that is taken off the list stays
 * charged until its pin is dropped. List 'TAKE_OLDEST' and 'AWAIT_ROOM' as `blocking`: a thread that looks whether there is something to
 * evict finds nothing below the limit, and a step in which it only looks is left out; who waits for room sleeps.
 *
 * Simplification: the limit is in pages, and for these pages alone.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type MappedListEvent =
  /** vfio_lock_acct() for one page more, which goes to the end of the list; the reply is CHARGED or OVER_LIMIT. */
  | { type: 'CHARGE'; page: string; by: string }
  /** Takes the least recently mapped page off the list, where the limit is reached; the reply is OLDEST. */
  | { type: 'TAKE_OLDEST'; by: string }
  /** vfio_lock_acct() for one page less. */
  | { type: 'UNCHARGE' }
  /** Sleeps until a page can be charged. */
  | { type: 'AWAIT_ROOM' };

export interface MappedListInput {
  /** In pages. */
  readonly limit: number;
}

export const mappedList = setup({
  types: {
    input: {} as MappedListInput,
    /** Least recently mapped first. */
    context: {} as MappedListInput & { readonly mapped: readonly string[]; readonly charged: number },
    events: {} as MappedListEvent,
  },
  guards: {
    hasRoom: ({ context }) => context.charged < context.limit,
    isFull: ({ context }) => context.charged >= context.limit && context.mapped.length > 0,
  },
  actions: {
    charge: assign(
      from('CHARGE', ({ context, event }) => ({
        mapped: [...context.mapped, event.page],
        charged: context.charged + 1,
      })),
    ),
    replyOldest: reply(({ context }) => ({ type: 'OLDEST', page: context.mapped[0]! })),
    takeOldestOff: assign({ mapped: ({ context }) => context.mapped.slice(1) }),
    uncharge: assign({ charged: ({ context }) => context.charged - 1 }),
    replyCharged: reply('CHARGED'),
    replyOverLimit: reply('OVER_LIMIT'),
  },
}).createMachine({
  id: 'mappedList',
  context: ({ input }) => ({ ...input, mapped: [], charged: 0 }),
  on: {
    // -ENOMEM at the limit
    CHARGE: [{ guard: 'hasRoom', actions: ['charge', 'replyCharged'] }, { actions: 'replyOverLimit' }],
    TAKE_OLDEST: { guard: 'isFull', actions: ['replyOldest', 'takeOldestOff'] },
    UNCHARGE: { actions: 'uncharge' },
    AWAIT_ROOM: { guard: 'hasRoom' },
  },
});

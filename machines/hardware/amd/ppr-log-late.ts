/**
 * The peripheral page request log of an AMD IOMMU in which an entry may be written after the interrupt that tells of it: the tail has
 * moved, PPRInt is set, and the slot in memory is as it was ("Hardware bug: Interrupt may arrive before the entry is written to memory",
 * amd/ppr.c amd_iommu_poll_ppr_log(); erratum 733). The entries come in the order in which their places were given.
 *
 * Slots are memory: what software has not written zero to is still there on the next lap.
 *
 * List 'PAGE_REQUEST' as `blocking`.
 *
 * Simplifications: an entry is written at once, though it has two words; otherwise those of `ppr-log.ts`.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PprLogLateEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The oldest entry that is under way comes to its slot. */
  | { type: 'WRITE_ENTRY' }
  /** As in `ppr-log.ts`. */
  | { type: 'READ_STATUS'; by: string }
  | { type: 'READ_POINTERS'; by: string }
  /** The slot at the head is read; the reply is SLOT, with null for an entry of zeros. */
  | { type: 'READ_SLOT'; by: string }
  /** Software writes zeros to the slot at the head. */
  | { type: 'ZERO_SLOT' }
  | { type: 'WRITE_HEAD' };

interface Entry {
  readonly slot: number;
  readonly request: PasidRequest;
}

export const pprLogLate = setup({
  types: {
    input: {} as { entries: number; thread: string },
    context: {} as {
      /** The interrupt thread. */
      readonly thread: string;
      /** The memory; null is an entry of zeros. */
      readonly slots: readonly (PasidRequest | null)[];
      /** The slot at the head, and how many there are to the tail. */
      readonly head: number;
      readonly count: number;
      /** What is not in memory yet, oldest first. */
      readonly late: readonly Entry[];
      readonly pprInt: boolean;
    },
    events: {} as PprLogLateEvent,
  },
  guards: {
    hasRoom: ({ context: { count, slots } }) => count < slots.length,
    isLate: ({ context }) => context.late.length > 0,
  },
  actions: {
    add: assign(
      from('PAGE_REQUEST', ({ context: { head, count, slots, late }, event: { type: _, ...request } }) => ({
        late: [...late, { slot: (head + count) % slots.length, request }],
        count: count + 1,
        pprInt: true,
      })),
    ),
    raiseInterrupt: send('thread', 'IRQ'),
    write: assign(({ context: { slots, late } }) => {
      const [entry, ...later] = late;
      return { slots: slots.with(entry!.slot, entry!.request), late: later };
    }),
    replyStatus: reply(({ context }) => ({ type: 'STATUS', pprInt: context.pprInt })),
    clearPprInt: assign({ pprInt: false }),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.count })),
    replySlot: reply(({ context: { slots, head } }) => ({ type: 'SLOT', request: slots[head]! })),
    zeroSlot: assign({ slots: ({ context: { slots, head } }) => slots.with(head, null) }),
    moveHead: assign(({ context: { head, count, slots } }) => ({ head: (head + 1) % slots.length, count: count - 1 })),
  },
}).createMachine({
  id: 'pprLogLate',
  context: ({ input: { entries, thread } }) => ({
    thread,
    slots: Array<null>(entries).fill(null),
    head: 0,
    count: 0,
    late: [],
    pprInt: false,
  }),
  on: {
    PAGE_REQUEST: { guard: 'hasRoom', actions: ['add', 'raiseInterrupt'] },
    WRITE_ENTRY: { guard: 'isLate', actions: 'write' },
    READ_STATUS: { actions: ['replyStatus', 'clearPprInt'] },
    READ_POINTERS: { actions: 'replyPointers' },
    READ_SLOT: { actions: 'replySlot' },
    ZERO_SLOT: { actions: 'zeroSlot' },
    WRITE_HEAD: { actions: 'moveHead' },
  },
});

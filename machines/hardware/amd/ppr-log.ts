/**
 * The peripheral page request log of an AMD IOMMU with its head and tail, and the PPRInt bit of the status register: the
 * hardware adds at the tail, sets the bit and raises an interrupt. Software clears the bit, and moves the head as it
 * pleases.
 *
 * List 'PAGE_REQUEST' and 'EMPTY' as `blocking`.
 *
 * Simplifications: it never overflows, because a function without a credit waits (B-36 is about the other case); an entry
 * is readable as soon as the tail has moved; what is logged does not depend on the PASID's page table (we have not read
 * the specification on that).
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PprLogEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The status register is read, and PPRInt written with 1, which clears it; the reply is STATUS. */
  | { type: 'READ_STATUS'; by: string }
  /** Head and tail are read; the reply is POINTERS, with the number of entries between them. */
  | { type: 'READ_POINTERS'; by: string }
  /** The entry at the head is copied and the head moved over it; the reply is ENTRY. */
  | { type: 'TAKE_ENTRY'; by: string }
  /** Waits until the head is where the tail is. No kernel does. */
  | { type: 'EMPTY' };

const ring = entriesIn('requests');

export const pprLog = setup({
  types: {
    input: {} as { entries: number; thread: string },
    context: {} as {
      readonly capacity: number;
      /** The interrupt thread. */
      readonly thread: string;
      readonly requests: readonly PasidRequest[];
      readonly pprInt: boolean;
    },
    events: {} as PprLogEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isEmpty: ring.isEmpty,
  },
  actions: {
    add: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    setPprInt: assign({ pprInt: true }),
    raiseInterrupt: send('thread', 'IRQ'),
    replyStatus: reply(({ context }) => ({ type: 'STATUS', pprInt: context.pprInt })),
    clearPprInt: assign({ pprInt: false }),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests.length })),
    replyEntry: reply(({ context }) => ({ type: 'ENTRY', request: context.requests[0]! })),
    moveHead: ring.drop(),
  },
}).createMachine({
  id: 'pprLog',
  context: ({ input }) => ({ capacity: input.entries, thread: input.thread, requests: [], pprInt: false }),
  on: {
    PAGE_REQUEST: { guard: 'hasRoom', actions: ['add', 'setPprInt', 'raiseInterrupt'] },
    READ_STATUS: { actions: ['replyStatus', 'clearPprInt'] },
    READ_POINTERS: { actions: 'replyPointers' },
    TAKE_ENTRY: { actions: ['replyEntry', 'moveHead'] },
    // That it is not refused is what the caller waited for.
    EMPTY: { guard: 'isEmpty' },
  },
});

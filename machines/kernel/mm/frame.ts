/**
 * One page frame of host memory (`struct page`): free, or allocated to a page, with the references that GUP took.
 *
 * Memory does not know who may use it: an access by a device is taken in any state. Whether the frame belonged to the
 * page that the device meant is a question for an observer (`../../monitors/stale-translation.ts`).
 *
 * Simplifications: the reference of the owner (page table, swap cache) is not counted, only those beyond it; no data, so
 * that reading and writing are the same; no large folios.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type FrameEvent =
  /** The allocator hands the frame out. */
  | { type: 'ALLOCATE'; page: string }
  /** get_page() and put_page(). */
  | { type: 'GET' }
  | { type: 'PUT' }
  /** The owner gives the frame up, unless somebody else still holds a reference; the reply is FREED or BUSY. */
  | { type: 'FREE'; by: string }
  /** A device reads or writes; `page` is the page that it means. */
  | { type: 'ACCESS'; by: string; page: string; write: boolean };

export const frame = setup({
  types: {
    input: {} as { name: string; freeList: string },
    context: {} as { name: string; freeList: string; page: string | null; references: number },
    events: {} as FrameEvent,
  },
  guards: {
    isUnreferenced: ({ context }) => context.references === 0,
  },
  actions: {
    setOwner: assign(from('ALLOCATE', ({ event }) => ({ page: event.page }))),
    clearOwner: assign({ page: null }),
    takeReference: assign({ references: ({ context }) => context.references + 1 }),
    dropReference: assign({ references: ({ context }) => context.references - 1 }),
    goToFreeList: send('freeList', ({ context }) => ({ type: 'ADD', frame: context.name })),
    replyFreed: reply('FREED'),
    replyBusy: reply('BUSY'),
  },
}).createMachine({
  id: 'frame',
  context: ({ input }) => ({ ...input, page: null, references: 0 }),
  initial: 'free',
  states: {
    free: {
      on: {
        ALLOCATE: { target: 'allocated', actions: 'setOwner' },
        ACCESS: { actions: [] },
      },
    },
    allocated: {
      on: {
        GET: { actions: 'takeReference' },
        PUT: { actions: 'dropReference' },
        FREE: [
          // vmscan.c __remove_mapping(): the count is frozen only when nobody else holds a reference.
          { guard: 'isUnreferenced', target: 'free', actions: ['clearOwner', 'goToFreeList', 'replyFreed'] },
          { actions: 'replyBusy' },
        ],
        ACCESS: { actions: [] },
      },
    },
  },
});

/**
 * One page of a process's anonymous memory: its CPU page table entry, and where its data is.
 *
 *   swapped out -GUP-> present -UNMAP (reclaim)-> in the swap cache -REMOVE-> swapped out, the frame is free
 *                         ^------------GUP------------'
 *
 * Clearing the entry and freeing the frame are two events, and between them a fault may bring the same frame back: then
 * reclaim has to leave it alone.
 *
 * Simplifications: GUP with the fault that it may cause is one step (nobody can tell: until the entry is written, nobody
 * sees the frame); writing to swap and reading back always work; no CoW, no migration; the CPU itself never touches the
 * page, so only GUP makes it present; one process maps it.
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../../parts/call.ts';

export type PageEvent =
  /** get_user_pages(): the reply is GOT, with a reference taken on the frame, or NO_MEMORY. */
  | { type: 'GUP'; by: string }
  | { type: 'FRAME'; frame: string; for: string }
  | { type: 'NO_FRAME'; for: string }
  /** Reclaim takes the page off the LRU list; the reply is MAPPED or NOT_MAPPED. There is none for a page without frame. */
  | { type: 'ISOLATE'; by: string }
  /** try_to_unmap(): clears the entry and flushes the CPU's TLB. */
  | { type: 'UNMAP' }
  /** __remove_mapping(): the reply is REMOVED when the frame is free now, else KEPT. */
  | { type: 'REMOVE'; by: string }
  | { type: 'FREED' }
  | { type: 'BUSY' };

export const page = setup({
  types: {
    input: {} as { name: string; freeList: string },
    context: {} as {
      name: string;
      freeList: string;
      frame: string | null;
      /** Who waits for an answer within this step. */
      caller: string | null;
    },
    events: {} as PageEvent,
  },
  actions: {
    allocateFrame: call(
      'freeList',
      from('GUP', ({ context, event }) => ({ type: 'ALLOCATE_FRAME', page: context.name, for: event.by })),
    ),
    setEntry: assign(from('FRAME', ({ event }) => ({ frame: event.frame }))),
    takeReference: send('frame', 'GET'),
    replyGot: send(
      from(['GUP', 'FRAME'], ({ event }) => (event.type === 'FRAME' ? event.for : event.by)),
      ({ context }) => ({ type: 'GOT', frame: context.frame! }),
    ),
    replyNoMemory: send(
      from('NO_FRAME', ({ event }) => event.for),
      'NO_MEMORY',
    ),
    replyMapped: reply('MAPPED'),
    replyNotMapped: reply('NOT_MAPPED'),
    rememberCaller: assign(from('REMOVE', ({ event }) => ({ caller: event.by }))),
    forgetCaller: assign({ caller: null }),
    freeFrame: call('frame', 'FREE'),
    forgetFrame: assign({ frame: null }),
    replyRemoved: send('caller', 'REMOVED'),
    replyKept: send('caller', 'KEPT'),
    refuseRemoval: reply('KEPT'),
  },
}).createMachine({
  id: 'page',
  context: ({ input }) => ({ ...input, frame: null, caller: null }),
  initial: 'swappedOut',
  states: {
    swappedOut: {
      on: {
        // mm/memory.c do_swap_page(), do_anonymous_page(): a major fault.
        GUP: { target: 'faulting', actions: 'allocateFrame' },
      },
    },
    // Left within the step that entered it, as is `removing`.
    faulting: {
      on: {
        FRAME: { target: 'present', actions: ['setEntry', 'takeReference', 'replyGot'] },
        // mm/gup.c faultin_page(): VM_FAULT_OOM becomes -ENOMEM.
        NO_FRAME: { target: 'swappedOut', actions: 'replyNoMemory' },
      },
    },
    present: {
      on: {
        GUP: { actions: ['takeReference', 'replyGot'] },
        ISOLATE: { actions: 'replyMapped' },
        UNMAP: 'swapCache',
        // It was faulted in again since the entry was cleared: the mapping holds a reference (vmscan.c __remove_mapping()).
        REMOVE: { actions: 'refuseRemoval' },
      },
    },
    swapCache: {
      on: {
        // mm/memory.c do_swap_page(): the swap cache still has the frame, a minor fault.
        GUP: { target: 'present', actions: ['takeReference', 'replyGot'] },
        // A page that no page table maps is not unmapped again (vmscan.c shrink_folio_list()), so no notifier is called.
        ISOLATE: { actions: 'replyNotMapped' },
        REMOVE: { target: 'removing', actions: ['rememberCaller', 'freeFrame'] },
      },
    },
    removing: {
      on: {
        FREED: { target: 'swappedOut', actions: ['forgetFrame', 'replyRemoved', 'forgetCaller'] },
        BUSY: { target: 'swapCache', actions: ['replyKept', 'forgetCaller'] },
      },
    },
  },
});

/**
 * One page of a process's anonymous memory: its CPU page table entry, where its data is, and its lock (folio_lock()).
 *
 *   swapped out -GUP, FAULT-> present -UNMAP (reclaim)-> in the swap cache -REMOVE-> swapped out, the frame is free
 *                                ^---------GUP, FAULT---------'
 *
 * Reclaim holds the page's lock from ISOLATE to REMOVE. A fault that finds the page in the swap cache takes the lock as well
 * (mm/memory.c do_swap_page()), so it waits for reclaim; what finds the page present does not. List 'ISOLATE', 'GUP' and 'FAULT' as
 * `blocking`.
 *
 * Simplifications: GUP with the fault that it may cause is one step (nobody can tell: until the entry is written, nobody
 * sees the frame); writing to swap and reading back always work; no CoW (`page-zero.ts` has
 * one), no migration; an access of a CPU that does not fault is
 * not modelled, nobody sees it; one process maps the page.
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../../parts/call.ts';

export type PageEvent =
  /** get_user_pages(): the reply is GOT, with a reference taken on the frame, or NO_MEMORY. */
  | { type: 'GUP'; by: string }
  /** handle_mm_fault() for an access of a CPU. */
  | { type: 'FAULT' }
  | { type: 'FRAME'; frame: string; for: string }
  | { type: 'NO_FRAME'; for: string }
  /** Reclaim takes the page off the LRU list and locks it; the reply is MAPPED or NOT_MAPPED. There is none for a page without frame. */
  | { type: 'ISOLATE'; by: string }
  /** try_to_unmap(): clears the entry and flushes the CPU's TLB. */
  | { type: 'UNMAP' }
  /** __remove_mapping(), and the page is unlocked: the reply is REMOVED when the frame is free now, else KEPT. */
  | { type: 'REMOVE'; by: string }
  | { type: 'FREED' }
  | { type: 'BUSY' }
  /** A CPU reads a page that nobody has written. Only with `page-zero.ts`, as is NOTIFIED. */
  | { type: 'READ' }
  /** The notifier's callback returns. */
  | { type: 'NOTIFIED' };

export interface PageInput {
  readonly name: string;
  readonly freeList: string;
  /** Of versions that call it themselves: the MMU notifier. */
  readonly notifier?: string;
}

/** What versions of it are made of. */
export const pageParts = setup({
  types: {
    input: {} as PageInput,
    context: {} as PageInput & {
      frame: string | null;
      /** Whether reclaim holds the page's lock. */
      locked: boolean;
      /** Who waits for an answer within this step. */
      caller: string | null;
    },
    events: {} as PageEvent,
  },
  guards: {
    isUnlocked: ({ context }) => !context.locked,
  },
  actions: {
    lock: assign({ locked: true }),
    unlock: assign({ locked: false }),
    allocateFrame: call(
      'freeList',
      from('GUP', ({ context, event }) => ({ type: 'ALLOCATE_FRAME', page: context.name, for: event.by })),
    ),
    awaitFrame: call('freeList', ({ context }) => ({ type: 'AWAIT_FRAME', page: context.name, for: context.name })),
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
  },
});

export const pageConfig = {
  context: ({ input }: { input: PageInput }) => ({ ...input, frame: null, locked: false, caller: null }),
  initial: 'swappedOut',
} as const;

/** Another version replaces states. */
export const pageStates = {
  swappedOut: pageParts.createStateConfig({
    on: {
      // mm/memory.c do_swap_page(), do_anonymous_page(): a major fault.
      GUP: { target: 'faulting', actions: 'allocateFrame' },
      FAULT: { target: 'faultingForCpu', actions: 'awaitFrame' },
    },
  }),
  // Left within the step that entered it, as are `faultingForCpu` and `removing`.
  faulting: pageParts.createStateConfig({
    on: {
      FRAME: { target: 'present', actions: ['setEntry', 'takeReference', 'replyGot'] },
      // mm/gup.c faultin_page(): VM_FAULT_OOM becomes -ENOMEM.
      NO_FRAME: { target: 'swappedOut', actions: 'replyNoMemory' },
    },
  }),
  faultingForCpu: pageParts.createStateConfig({
    on: { FRAME: { target: 'present', actions: 'setEntry' } },
  }),
  present: pageParts.createStateConfig({
    on: {
      GUP: { actions: ['takeReference', 'replyGot'] },
      // vmscan.c shrink_folio_list(): folio_trylock()
      ISOLATE: { actions: ['lock', 'replyMapped'] },
      UNMAP: 'swapCache',
    },
  }),
  swapCache: pageParts.createStateConfig({
    on: {
      // mm/memory.c do_swap_page(): the swap cache still has the frame, a minor fault, once it has the page's lock.
      GUP: { guard: 'isUnlocked', target: 'present', actions: ['takeReference', 'replyGot'] },
      FAULT: { guard: 'isUnlocked', target: 'present' },
      // A page that no page table maps is not unmapped again (vmscan.c shrink_folio_list()), so no notifier is called.
      ISOLATE: { guard: 'isUnlocked', actions: ['lock', 'replyNotMapped'] },
      REMOVE: { target: 'removing', actions: ['rememberCaller', 'freeFrame'] },
    },
  }),
  removing: pageParts.createStateConfig({
    on: {
      FREED: { target: 'swappedOut', actions: ['forgetFrame', 'unlock', 'replyRemoved', 'forgetCaller'] },
      // Somebody has a reference to the frame (vmscan.c __remove_mapping()).
      BUSY: { target: 'swapCache', actions: ['unlock', 'replyKept', 'forgetCaller'] },
    },
  }),
};

export const page = pageParts.createMachine({ id: 'page', ...pageConfig, states: pageStates });

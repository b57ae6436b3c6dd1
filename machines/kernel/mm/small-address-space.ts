/**
 * An address space of a few pages, and the thread that unmaps in it: mm/memory.c clears the entries of a range, the TLB flush calls
 * arch_invalidate_secondary_tlbs() with it, and then the pages are freed. A flush of everything, flush_tlb_mm(), says 0 to ULONG_MAX, which is
 * not the end of a page.
 *
 *   idle -ZAP-> cleared -RUN: the notifier-> flushed -RUN: freed-> idle
 *
 * A page is four bytes, so that addresses wrap soon: with 4 pages ULONG_MAX is 15. The last page is above TASK_SIZE, nobody has it.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export const PAGE_BYTES = 4;

/** What the last address of so many pages is: ULONG_MAX. */
export function maxAddress(pages: number): number {
  return pages * PAGE_BYTES - 1;
}

type PageState = 'present' | 'cleared' | 'freed';

export type SmallAddressSpaceEvent =
  /** Unmaps from `start` to `end`, which is outside, as the kernel has it. */
  | { type: 'ZAP'; start: number; end: number }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** A CPU touches a page that was freed: it has another frame. */
  | { type: 'TOUCH'; page: number }
  /** An IOMMU walks; the reply is WALKED. */
  | { type: 'WALK'; page: number; by: string }
  /** A device accesses what it has a translation for. */
  | { type: 'ACCESS_PAGE'; page: number };

export interface SmallAddressSpaceInput {
  readonly pages: number;
  /** Whose arch_invalidate_secondary_tlbs() is called. */
  readonly notifier: string;
}

export const smallAddressSpace = setup({
  types: {
    input: {} as SmallAddressSpaceInput,
    context: {} as {
      readonly notifier: string;
      readonly table: readonly PageState[];
      readonly start: number;
      readonly end: number;
    },
    events: {} as SmallAddressSpaceEvent,
  },
  guards: {
    isFreed: ({ context, event }) =>
      (event.type === 'TOUCH' || event.type === 'ACCESS_PAGE') && context.table[event.page] === 'freed',
  },
  actions: {
    clear: assign(
      from('ZAP', ({ context: { table }, event: { start, end } }) => ({
        start,
        end,
        table: table.map((state, page) => {
          const isInside = page * PAGE_BYTES >= start && page * PAGE_BYTES < end;
          return isInside && state === 'present' ? 'cleared' : state;
        }),
      })),
    ),
    invalidate: send('notifier', ({ context: { start, end } }) => ({ type: 'INVALIDATE_SECONDARY_TLBS', start, end })),
    free: assign(({ context: { table } }) => ({
      start: 0,
      end: 0,
      table: table.map((state) => (state === 'cleared' ? 'freed' : state)),
    })),
    mapAgain: assign({
      table: from('TOUCH', ({ context: { table }, event }) =>
        table.map((state, page) => (page === event.page ? 'present' : state)),
      ),
    }),
    replyWalked: reply(
      from('WALK', ({ context: { table }, event: { page } }) => ({
        type: 'WALKED',
        page,
        present: table[page] === 'present',
      })),
    ),
  },
}).createMachine({
  id: 'smallAddressSpace',
  context: ({ input: { pages, notifier } }) => ({
    notifier,
    table: Array.from({ length: pages - 1 }, () => 'present' as const),
    start: 0,
    end: 0,
  }),
  initial: 'idle',
  on: {
    WALK: { actions: 'replyWalked' },
    TOUCH: { guard: 'isFreed', actions: 'mapAgain' },
    ACCESS_PAGE: [{ guard: 'isFreed', target: '.freedPageAccessed' }, {}],
  },
  states: {
    idle: { on: { ZAP: { target: 'cleared', actions: 'clear' } } },
    cleared: { on: { RUN: { target: 'flushed', actions: 'invalidate' } } },
    flushed: { on: { RUN: { target: 'idle', actions: 'free' } } },
    // The kernel learns nothing of it, and goes on; here it stays, so that the access is what is told. A walk has its answer still.
    freedPageAccessed: { on: { ZAP: {}, RUN: {}, TOUCH: {}, ACCESS_PAGE: {} } },
  },
});

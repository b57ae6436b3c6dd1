/**
 * A page from the page allocator that becomes a table of an I/O page table, as memory has it: what was left in it by whoever had it before, then
 * zeros, then entries that were set. Memory does not mind who writes when: zeros that arrive late wipe out what was set meanwhile.
 *
 * Simplification: what was left looks like an entry everywhere, or like none everywhere.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { FreshTableEntry } from '../../hardware/riscv/table-walker.ts';
import { from, tell } from '../../parts/call.ts';

export type FreshTableEvent =
  /** The zeros are visible. */
  | { type: 'ZERO' }
  /** An entry is set, by a compare-exchange. */
  | { type: 'SET_ENTRY'; index: number }
  /** The reply is ENTRY: left over, none, or set. */
  | { type: 'READ_TABLE'; index: number; by: string };

export const freshTable = setup({
  types: {
    input: {} as { leftOver: 'stale' | 'none' },
    context: {} as {
      readonly leftOver: 'stale' | 'none';
      readonly isZeroed: boolean;
      readonly set: readonly number[];
    },
    events: {} as FreshTableEvent,
  },
  actions: {
    zero: assign({ isZeroed: true, set: [] }),
    setEntry: assign({ set: from('SET_ENTRY', ({ context, event }) => [...context.set, event.index].sort()) }),
    replyEntry: enqueueActions(({ context: { leftOver, isZeroed, set }, event, enqueue }) => {
      assertEvent(event, 'READ_TABLE');
      const entry: FreshTableEntry = set.includes(event.index) ? 'set' : isZeroed ? 'none' : leftOver;
      const message = { type: 'ENTRY', entry };
      tell(enqueue, event.by, message);
    }),
  },
}).createMachine({
  id: 'freshTable',
  context: ({ input }) => ({ ...input, isZeroed: false, set: [] }),
  on: {
    ZERO: { actions: 'zero' },
    SET_ENTRY: { actions: 'setEntry' },
    READ_TABLE: { actions: 'replyEntry' },
  },
});

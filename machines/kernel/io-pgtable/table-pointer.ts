/**
 * The entry of an upper level that points to a table, or to none yet. Whoever wants to link a table there does so by a compare-exchange: the first
 * one wins, the others take what is there.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type TablePointerEvent =
  /** The reply is TABLE, or NO_TABLE. */
  | { type: 'READ_POINTER'; by: string }
  /** cmpxchg(): the reply is TABLE, with the table that is linked now. */
  | { type: 'LINK_TABLE'; table: string; by: string };

export const tablePointer = setup({
  types: { context: {} as { readonly table: string }, events: {} as TablePointerEvent },
  guards: { isLinked: ({ context }) => context.table !== '' },
  actions: {
    link: assign({ table: from('LINK_TABLE', ({ event }) => event.table) }),
    replyTable: reply(({ context }) => ({ type: 'TABLE', table: context.table })),
    replyNoTable: reply('NO_TABLE'),
  },
}).createMachine({
  id: 'tablePointer',
  context: { table: '' },
  on: {
    READ_POINTER: [{ guard: 'isLinked', actions: 'replyTable' }, { actions: 'replyNoTable' }],
    LINK_TABLE: [{ guard: 'isLinked', actions: 'replyTable' }, { actions: ['link', 'replyTable'] }],
  },
});

/**
 * The walker of an IOMMU, for DMA to one address: it reads the entry of the upper level, then that of the table, and takes what it finds there for a
 * translation, or faults where it finds none. Its reads are in order; between them anybody may write.
 *
 * Simplifications: no TLB; that the DMA of an entry that nobody has set hits somebody's memory is `isWild`.
 */
import { assign, setup } from 'xstate';
import { call, from } from '../../parts/call.ts';

/** What is in an entry of a table: what was left there, nothing, or what somebody has set. */
export type FreshTableEntry = 'stale' | 'none' | 'set';

export type TableWalkerEvent =
  /** DMA to the address of this index. */
  | { type: 'DMA'; index: number }
  | { type: 'RUN' }
  | { type: 'TABLE'; table: string }
  | { type: 'NO_TABLE' }
  | { type: 'ENTRY'; entry: FreshTableEntry };

interface Input {
  readonly name: string;
  readonly pointer: string;
}

export const tableWalker = setup({
  types: {
    input: {} as Input,
    context: {} as Input & { readonly index: number; readonly table: string; readonly isWild: boolean },
    events: {} as TableWalkerEvent,
  },
  actions: {
    noteIndex: assign({ index: from('DMA', ({ event }) => event.index) }),
    readPointer: call('pointer', 'READ_POINTER'),
    noteTable: assign({ table: from('TABLE', ({ event }) => event.table) }),
    readEntry: call('table', ({ context }) => ({ type: 'READ_TABLE', index: context.index })),
    translate: assign(from('ENTRY', ({ context, event }) => ({ isWild: context.isWild || event.entry === 'stale' }))),
    forget: assign({ table: '', index: 0 }),
  },
}).createMachine({
  id: 'tableWalker',
  context: ({ input }) => ({ ...input, index: 0, table: '', isWild: false }),
  initial: 'idle',
  states: {
    idle: { on: { DMA: { target: 'walking', actions: ['noteIndex', 'readPointer'] } } },
    // Left within the step that entered it, as is `reading`.
    walking: {
      on: { TABLE: { target: 'descended', actions: 'noteTable' }, NO_TABLE: { target: 'idle', actions: 'forget' } },
    },
    descended: { on: { RUN: { target: 'reading', actions: 'readEntry' } } },
    reading: { on: { ENTRY: { target: 'idle', actions: ['translate', 'forget'] } } },
  },
});

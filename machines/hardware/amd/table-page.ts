/**
 * A page of the host page tables of an AMD IOMMU (AMD I/O Virtualization Technology specification, 2.2.3): entries that lead
 * to a page of memory or to another table, and say of it how many levels it has.
 *
 * Software reads and writes entries, each in one access; hardware walks them (`translation`).
 *
 * Simplifications: a few entries in place of 512; no permissions, no large pages, no paging-structure cache.
 */
import { assign, setup } from 'xstate';
import type { SystemView } from '../../../src/system/property.ts';
import { from, reply } from '../../parts/call.ts';
import type { DeviceTableEntry } from './device-table-entry.ts';

/** An entry that is present. */
export interface TableEntry {
  /** The table, or the page of memory. */
  readonly to: string;
  /** The field Next Level: how many levels the table has; 0 for a page of memory. */
  readonly level: number;
}

export type TablePageEvent =
  /** The reply is ENTRY. */
  { type: 'READ_ENTRY'; index: number; by: string } | { type: 'SET_ENTRY'; index: number; entry: TableEntry | null };

export const tablePage = setup({
  types: {
    input: {} as { entries: readonly (TableEntry | null)[] },
    context: {} as { readonly entries: readonly (TableEntry | null)[] },
    events: {} as TablePageEvent,
  },
  actions: {
    replyEntry: reply(
      from('READ_ENTRY', ({ context, event }) => ({ type: 'ENTRY', entry: context.entries[event.index] ?? null })),
    ),
    setEntry: assign(
      from('SET_ENTRY', ({ context, event }) => ({
        entries: context.entries.map((entry, index) => (index === event.index ? event.entry : entry)),
      })),
    ),
  },
}).createMachine({
  id: 'tablePage',
  context: ({ input }) => input,
  on: {
    READ_ENTRY: { actions: 'replyEntry' },
    SET_ENTRY: { actions: 'setEntry' },
  },
});

/**
 * What an address of a device translates to: the page of memory, or null for an I/O page fault (2.2.3). Levels may be skipped,
 * where the bits of the address that belong to them are 0. An entry leads down: Next Level is lower than the level of its table, or the
 * walk ends in a fault.
 *
 * @param address an index for each level, the lowest first
 */
export function translation(view: SystemView, deviceTableEntry: string, address: readonly number[]): string | null {
  const { root, mode } = view.get(deviceTableEntry).context as DeviceTableEntry;
  let entry: TableEntry | null = { to: root, level: mode };
  for (let levels = address.length; ; ) {
    if (entry.level > levels || address.slice(entry.level, levels).some((index) => index !== 0)) return null;
    if (entry.level === 0) return entry.to;
    levels = entry.level - 1;
    const { entries } = view.get(entry.to).context as { entries: readonly (TableEntry | null)[] };
    entry = entries[address[levels]!] ?? null;
    if (entry === null) return null;
  }
}

/**
 * What an entry of an AMD IOMMU's device table says of a device's page table (AMD I/O Virtualization Technology specification,
 * 2.2.2.1): the Host Page Table Root Pointer, and Mode, which is the number of levels.
 *
 * Simplification: writing the entry and invalidating what the IOMMU has cached of it are one step.
 */
import { assign, setup } from 'xstate';
import { from } from '../../parts/call.ts';

export interface DeviceTableEntry {
  readonly root: string;
  readonly mode: number;
}

export type DeviceTableEntryEvent = { type: 'SET_PAGE_TABLE' } & DeviceTableEntry;

export const deviceTableEntry = setup({
  types: {
    input: {} as DeviceTableEntry,
    context: {} as DeviceTableEntry,
    events: {} as DeviceTableEntryEvent,
  },
  actions: {
    setPageTable: assign(from('SET_PAGE_TABLE', ({ event }) => ({ root: event.root, mode: event.mode }))),
  },
}).createMachine({
  id: 'deviceTableEntry',
  context: ({ input }) => input,
  on: { SET_PAGE_TABLE: { actions: 'setPageTable' } },
});

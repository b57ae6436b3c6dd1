/**
 * A page-table page of the kernel's half of all address spaces, and the entry that leads to it, as two machines: the page is memory, which
 * takes everything in silence when it has been freed (`../../monitors/object-lifetime.ts` sees it).
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type KernelTableEntryEvent =
  /** A walk reads the entry; the reply is PRESENT or NOT_PRESENT. */
  | { type: 'READ_ENTRY'; by: string }
  /** `pmd_clear()` */
  | { type: 'CLEAR' };

export const kernelTableEntry = setup({
  types: { events: {} as KernelTableEntryEvent },
  actions: { replyPresent: reply('PRESENT'), replyNotPresent: reply('NOT_PRESENT') },
}).createMachine({
  id: 'kernelTableEntry',
  initial: 'present',
  states: {
    present: { on: { READ_ENTRY: { actions: 'replyPresent' }, CLEAR: 'cleared' } },
    cleared: { on: { READ_ENTRY: { actions: 'replyNotPresent' } } },
  },
});

export type KernelTablePageEvent =
  /** An IOMMU reads entries of it, and writes accessed bits. */
  | { type: 'WALK' }
  /** `__pagetable_free()`: whoever wants a page may get it. */
  | { type: 'FREE' };

export const kernelTablePage = setup({ types: { events: {} as KernelTablePageEvent } }).createMachine({
  id: 'kernelTablePage',
  initial: 'allocated',
  states: {
    allocated: { on: { WALK: {}, FREE: 'freed' } },
    freed: { on: { WALK: {}, FREE: {} } },
  },
});

/**
 * The walk of an IOMMU through the page table of an address space that it shares with the CPU, with its paging-structure cache (VT-d 6.2):
 * an entry that leads to a page-table page, once read, is kept, and the next walk begins there. A walk reads the page, and sets accessed
 * bits in it, whether the access is allowed in the end or not.
 *
 * The upper half of such a table is the kernel's, so a device that is bound to a process can make the IOMMU walk there.
 *
 * Simplifications: one address, of the kernel, so one upper entry and one page; the leaf entry is not cached, since it is the page that is
 * the matter here; a walk is one step, because an invalidation waits for walks that are under way.
 */
import { assign, setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type PagingStructureCacheEvent =
  /** The PASID-table entry is set, and cleared with its caches (intel/pasid.c). */
  | { type: 'ATTACH' }
  | { type: 'DETACH' }
  /** The device accesses the address. */
  | { type: 'ACCESS' }
  /** The upper entry's replies to READ_ENTRY. */
  | { type: 'PRESENT' }
  | { type: 'NOT_PRESENT' }
  /** `arch_invalidate_secondary_tlbs()` of the driver */
  | { type: 'INVALIDATE' };

export const pagingStructureCache = setup({
  types: {
    input: {} as { name: string; entry: string; page: string },
    context: {} as {
      readonly name: string;
      /** The upper entry in memory, and the page-table page that it leads to. */
      readonly entry: string;
      readonly page: string;
      readonly isCached: boolean;
    },
    events: {} as PagingStructureCacheEvent,
  },
  guards: {
    isCached: ({ context }) => context.isCached,
  },
  actions: {
    readEntry: call('entry', 'READ_ENTRY'),
    cacheEntry: assign({ isCached: true }),
    dropEntry: assign({ isCached: false }),
    walkPage: send('page', 'WALK'),
  },
}).createMachine({
  id: 'pagingStructureCache',
  context: ({ input }) => ({ ...input, isCached: false }),
  initial: 'detached',
  states: {
    detached: {
      on: { ATTACH: 'attached', DETACH: {}, INVALIDATE: {} },
    },
    attached: {
      on: {
        ACCESS: [
          { guard: 'isCached', actions: 'walkPage' },
          { target: 'walking', actions: 'readEntry' },
        ],
        INVALIDATE: { actions: 'dropEntry' },
        DETACH: { target: 'detached', actions: 'dropEntry' },
      },
    },
    // Left within the step that entered it.
    walking: {
      on: { PRESENT: { target: 'attached', actions: ['cacheEntry', 'walkPage'] }, NOT_PRESENT: 'attached' },
    },
  },
});

/**
 * Who unmaps kernel memory and frees the page-table page that mapped it, since v6.19 (vmalloc and huge ioremap: pmd_free_pte_page(),
 * pagetable_free_kernel(), and its worker kernel_pgtable_work_func(); iommu-sva.c iommu_sva_invalidate_kva_range()): the entry is cleared,
 * the TLBs of the CPUs are flushed, and a worker invalidates what the IOMMUs have cached for all address spaces that are bound to devices
 * before it frees the page.
 *
 *   mapped -UNMAP-> cleared -RUN-> invalidated -RUN-> freed
 *
 * `free-kernel-table-v6.18.ts` frees it at once. List 'ACQUIRE' as `blocking`.
 *
 * Simplifications: one page, unmapped once; the CPUs' TLBs are flushed when the entry is cleared; the thread and its worker are one.
 */
import { assertEvent, enqueueActions, setup } from 'xstate';
import { call, send, tell } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type FreeKernelTableEvent =
  | { type: 'UNMAP' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The list's reply to READ_LIST. */
  | { type: 'LISTED'; mms: readonly string[] };

export interface FreeKernelTableInput {
  readonly name: string;
  /** A `kernel-table.ts`: the entry and the page. */
  readonly entry: string;
  readonly page: string;
  /** `iommu_sva_lock`, and what it protects: `../iommu-sva/mm-list.ts` */
  readonly lock: string;
  readonly list: string;
}

/** What versions are made of. */
export const freeKernelTableParts = setup({
  types: {
    input: {} as FreeKernelTableInput,
    context: {} as FreeKernelTableInput,
    events: {} as FreeKernelTableEvent,
  },
  actions: {
    clearEntry: send('entry', 'CLEAR'),
    lock: call('lock', 'ACQUIRE'),
    readList: call('list', 'READ_LIST'),
    invalidateEach: enqueueActions(({ event, enqueue }) => {
      assertEvent(event, 'LISTED');
      for (const mm of event.mms) tell(enqueue, mm, { type: 'INVALIDATE_SECONDARY_TLBS' });
    }),
    unlock: call('lock', 'RELEASE'),
    freePage: send('page', 'FREE'),
  },
});

export const freeKernelTableConfig = {
  context: ({ input }: { input: FreeKernelTableInput }) => input,
  initial: 'mapped',
} as const;

/** Another version replaces states. */
export const freeKernelTableStates = {
  mapped: freeKernelTableParts.createStateConfig({
    on: { UNMAP: { target: 'cleared', actions: 'clearEntry' } },
  }),
  cleared: freeKernelTableParts.createStateConfig({
    on: { RUN: { target: 'invalidating', actions: ['lock', 'readList'] } },
  }),
  // Left within the step that entered it: nobody sees a list half done, for the lock is held.
  invalidating: freeKernelTableParts.createStateConfig({
    on: { LISTED: { target: 'invalidated', actions: ['invalidateEach', 'unlock'] } },
  }),
  ...straightLine({ invalidated: 'freePage' }, 'freed'),
  freed: freeKernelTableParts.createStateConfig({ type: 'final' }),
};

export const freeKernelTable = freeKernelTableParts.createMachine({
  id: 'freeKernelTable',
  ...freeKernelTableConfig,
  states: freeKernelTableStates,
});

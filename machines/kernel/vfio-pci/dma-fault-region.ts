/**
 * The DMA FAULT region of vfio_pci in "SMMUv3 Nested Stage Setup (VFIO part)" (v4 to v13, 2019 to 2021): a ring that the kernel fills and
 * user space reads, with an eventfd, by vfio_pci_iommu_dev_fault_handler() and, in VFIO's series for I/O page faults, by `ops->transfer`. A full ring
 * is an error for who reports the fault.
 *
 * List 'READ_FAULT' as `blocking`: user space waits on its eventfd.
 *
 * Simplifications: head and tail are kept as what is between them; in the series the handler takes no recoverable faults yet
 * (IOMMU_FAULT_DMA_UNRECOV only), which its proof of concept for vSVA changes.
 */
import { setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { from, reply } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';

export type DmaFaultRegionEvent =
  /** `ops->transfer`; the reply is TRANSFERRED, or ENOSPC. */
  | { type: 'TRANSFER'; request: PageRequest; by: string }
  /** User space takes the oldest one and moves the tail; the reply is FAULT. */
  | { type: 'READ_FAULT'; by: string };

const ring = entriesIn('faults', 'entries');

export const dmaFaultRegion = setup({
  types: {
    input: {} as { entries: number },
    context: {} as { readonly entries: number; readonly faults: readonly PageRequest[] },
    events: {} as DmaFaultRegionEvent,
  },
  guards: { hasRoom: ring.hasRoom, isNotEmpty: ring.isNotEmpty },
  actions: {
    add: ring.add(from('TRANSFER', ({ event }) => event.request)),
    replyTransferred: reply('TRANSFERRED'),
    replyFull: reply('ENOSPC'),
    replyOldest: reply(({ context }) => ({ type: 'FAULT', request: context.faults[0]! })),
    dropOldest: ring.drop(),
  },
}).createMachine({
  id: 'dmaFaultRegion',
  context: ({ input }) => ({ entries: input.entries, faults: [] }),
  on: {
    TRANSFER: [{ guard: 'hasRoom', actions: ['add', 'replyTransferred'] }, { actions: 'replyFull' }],
    READ_FAULT: { guard: 'isNotEmpty', actions: ['replyOldest', 'dropOldest'] },
  },
});

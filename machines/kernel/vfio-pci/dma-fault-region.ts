/**
 * The fault region of a device that VFIO gives to user space: "vfio/pci: Register an iommu fault handler" of the nested-stage series of 2019
 * to 2021 (vfio_pci_iommu_dev_fault_handler()), and the same ring in the first iommufd series of 2022. A ring of records with head and tail
 * in memory that the VMM maps, and an eventfd. One record for each page request, whether it is the last of its group or not. A handler that
 * finds no room returns -ENOSPC.
 *
 * List 'READ' as `blocking`: the VMM waits for the eventfd.
 *
 * Simplifications: 512 records there, few here; the VMM's read of a record and its write of the tail are one step; a record is not
 * moved by a second reader.
 */
import { assign, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';

export type DmaFaultRegionEvent =
  /** The fault handler; the reply is APPENDED or ENOSPC. */
  | { type: 'APPEND'; request: PageRequest; by: string }
  /** The VMM takes the oldest record; the reply is RECORD, or RECALLED. */
  | { type: 'READ'; by: string }
  /** What the user has of groups that are not complete is to be forgotten. Only with versions, as is `isRecalled`. */
  | { type: 'RECALL' };

export interface DmaFaultRegionInput {
  readonly capacity: number;
  /** For a version with a second eventfd: whose it is. */
  readonly vmm: string;
}

const ring = entriesIn('records');

/** What versions are made of. */
export const dmaFaultRegionParts = setup({
  types: {
    input: {} as DmaFaultRegionInput,
    context: {} as DmaFaultRegionInput & {
      readonly records: readonly PageRequest[];
      /** After the records that are there, a recall. */
      readonly isRecalled: boolean;
    },
    events: {} as DmaFaultRegionEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isOpen: ({ context }) => !context.isRecalled && context.records.length < context.capacity,
    isNotEmpty: ring.isNotEmpty,
    isRecalled: ({ context }) => context.isRecalled,
  },
  actions: {
    append: ring.add(from('APPEND', ({ event }) => event.request)),
    replyAppended: reply('APPENDED'),
    replyNoSpace: reply('ENOSPC'),
    replyRecord: reply(({ context }) => ({ type: 'RECORD', request: context.records[0]! })),
    drop: ring.drop(),
    noteRecall: assign({ isRecalled: true }),
    replyRecalled: reply('RECALLED'),
    forgetRecall: assign({ isRecalled: false }),
    signalRecall: send('vmm', 'RECALLED'),
  },
});

export const dmaFaultRegionConfig = {
  context: ({ input }: { input: DmaFaultRegionInput }) => ({ ...input, records: [], isRecalled: false }),
};

/** The oldest record goes to the VMM. */
export const readRecord = { guard: 'isNotEmpty', actions: ['replyRecord', 'drop'] } as const;

export const dmaFaultRegion = dmaFaultRegionParts.createMachine({
  id: 'dmaFaultRegion',
  ...dmaFaultRegionConfig,
  on: {
    APPEND: [{ guard: 'hasRoom', actions: ['append', 'replyAppended'] }, { actions: 'replyNoSpace' }],
    READ: readRecord,
  },
});

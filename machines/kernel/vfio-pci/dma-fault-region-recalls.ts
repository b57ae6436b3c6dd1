/**
 * The region of `dma-fault-region.ts` with a recall, which nobody wrote: a flag in the header that says "when you have read all records, forget
 * what is not complete". It stands behind the records of the old groups and ahead of the new ones, because nothing is appended until the VMM
 * has seen it. The ring's own overflow sets it as well: a last record that finds no room is answered by the kernel.
 *
 * `dma-fault-region-recalls-half.ts` and `dma-fault-region-signals.ts` are two ways to get it wrong.
 */
import { dmaFaultRegionConfig, dmaFaultRegionParts, readRecord } from './dma-fault-region.ts';

export const dmaFaultRegionRecalls = dmaFaultRegionParts.createMachine({
  id: 'dmaFaultRegionRecalls',
  ...dmaFaultRegionConfig,
  on: {
    APPEND: [{ guard: 'isOpen', actions: ['append', 'replyAppended'] }, { actions: ['noteRecall', 'replyNoSpace'] }],
    READ: [readRecord, { guard: 'isRecalled', actions: ['replyRecalled', 'forgetRecall'] }],
    RECALL: { actions: 'noteRecall' },
  },
});

/**
 * The region of `dma-fault-region-recalls.ts` that passes on a recall of the IOMMU's driver, in its place among the records, and does not think
 * of its own overflow: where a record finds no room, -ENOSPC is all that happens, as before.
 */
import { dmaFaultRegionConfig, dmaFaultRegionParts, readRecord } from './dma-fault-region.ts';

export const dmaFaultRegionRecallsHalf = dmaFaultRegionParts.createMachine({
  id: 'dmaFaultRegionRecallsHalf',
  ...dmaFaultRegionConfig,
  on: {
    APPEND: [{ guard: 'isOpen', actions: ['append', 'replyAppended'] }, { actions: 'replyNoSpace' }],
    READ: [readRecord, { guard: 'isRecalled', actions: ['replyRecalled', 'forgetRecall'] }],
    RECALL: { actions: 'noteRecall' },
  },
});

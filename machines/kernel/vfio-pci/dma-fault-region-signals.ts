/**
 * The region of `dma-fault-region-recalls.ts` with its recall on a way of its own, an eventfd beside that of the ring: it overtakes the records
 * that it is about.
 *
 * Simplification: the VMM's thread for that eventfd is as quick as it can be, and does its work within the step.
 */
import { dmaFaultRegionConfig, dmaFaultRegionParts, readRecord } from './dma-fault-region.ts';

export const dmaFaultRegionSignals = dmaFaultRegionParts.createMachine({
  id: 'dmaFaultRegionSignals',
  ...dmaFaultRegionConfig,
  on: {
    APPEND: [{ guard: 'isOpen', actions: ['append', 'replyAppended'] }, { actions: ['signalRecall', 'replyNoSpace'] }],
    READ: readRecord,
    RECALL: { actions: 'signalRecall' },
  },
});

/**
 * The MMU notifier of `mmu-notifier-start-end.ts` that unmaps by iommu_unmap_fast() and leaves iommu_iotlb_sync() out: the IOTLB keeps what the page
 * table has no more, and the frame is freed. Nobody posted it.
 */
import { without } from '../../parts/states.ts';
import { vfioMmuNotifierConfig } from './mmu-notifier.ts';
import { startEndParts, startEndStates } from './mmu-notifier-start-end.ts';

export const vfioMmuNotifierWithoutSync = startEndParts.createMachine({
  id: 'vfioMmuNotifierWithoutSync',
  ...vfioMmuNotifierConfig,
  states: {
    ...without(startEndStates, 'syncing', 'synced'),
    unmapping: startEndParts.createStateConfig({
      on: { UNMAPPED: { target: 'idle', actions: ['clearMappedBit', 'unlock', 'replyNotified', 'endCallback'] } },
    }),
  },
});

/**
 * The allocator of PASIDs (ioasid_alloc(), later iommu_global_pasid_ida), reduced to one number, which is the worst case for its
 * being given out again at once. List 'ALLOC_PASID' as `blocking`: whoever would get another number has no interest here.
 */
import { setup } from 'xstate';

export type PasidAllocatorEvent = { type: 'ALLOC_PASID' } | { type: 'FREE_PASID' };

export const pasidAllocator = setup({ types: { events: {} as PasidAllocatorEvent } }).createMachine({
  id: 'pasidAllocator',
  initial: 'free',
  states: {
    free: { on: { ALLOC_PASID: 'allocated' } },
    allocated: { on: { FREE_PASID: 'free' } },
  },
});

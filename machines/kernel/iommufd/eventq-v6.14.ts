/**
 * `struct iommufd_fault` from 3d49020a327c (v6.14) to 738e6f32e61d: the handler takes the spinlock, and a group that waits here is on
 * the pending list of its device as well.
 */
import { faultQueueConfig, faultQueueParts } from './eventq.ts';

export const faultQueueV614 = faultQueueParts.createMachine({
  id: 'faultQueueV614',
  ...faultQueueConfig,
  on: {
    ...faultQueueConfig.on,
    IOPF_HANDLER: { actions: 'appendToDeliver' },
    // iommufd_fault_destroy(), since 3f4818ec1390
    DESTROY: { actions: ['respondToDelivered', 'respondToRead'] },
  },
});

/**
 * `struct iommufd_fault` from v6.11 to v6.13 (iommufd/fault.c): the handler takes the mutex, which a reader holds over a copy that may
 * sleep. A read whose copy fails takes the group off the list all the same.
 */
import { faultQueueConfig, faultQueueParts } from './eventq.ts';

const functions = faultQueueParts.createStateConfig({
  on: {
    ...faultQueueConfig.on,
    IOPF_HANDLER: { actions: ['lockForHandler', 'appendToDeliver', 'unlockAfterHandler'] },
    // xa_erase(), list_del(): nobody has the group any more, it is never answered.
    ERASE: { actions: 'eraseCookie' },
    // iommufd_fault_fops_read(): while (!list_empty(&fault->deliver) ...)
    FETCH_NEXT: [{ guard: 'isReadable', actions: 'fetchOldest' }, { actions: 'replyNoGroup' }],
  },
});

export const faultQueueV611 = faultQueueParts.createMachine({
  id: 'faultQueueV611',
  ...faultQueueConfig,
  ...functions,
});

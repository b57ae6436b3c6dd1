/**
 * `struct iommufd_fault` from v6.11 to v6.13 (iommufd/fault.c): the handler takes the mutex, which a reader holds over a copy that may
 * sleep. A read whose copy fails takes the group off the list all the same. Its destruction answers what nobody has read, and forgets
 * `fault->response` (to 3f4818ec1390, which 6.12.14 and 6.13.3 have as well).
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
    // iommufd_fault_destroy(): list_for_each_entry_safe(group, next, &fault->deliver, node), and no more.
    DESTROY: { actions: 'respondToDelivered' },
  },
});

export const faultQueueV611 = faultQueueParts.createMachine({
  id: 'faultQueueV611',
  ...faultQueueConfig,
  ...functions,
});

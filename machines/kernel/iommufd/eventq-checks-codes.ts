/**
 * `struct iommufd_fault` of `eventq.ts` with the check of the code that user space writes: Success and Invalid only (iommufd/fault.c
 * iommufd_fault_fops_write() since d73cf5ff743b, v6.11). The write of another one fails, and the group keeps its cookie. Where nobody writes
 * anything else it makes no difference.
 */
import { faultQueueConfig, faultQueueParts } from './eventq.ts';

const parts = faultQueueParts.extend({
  guards: { isNoCode: ({ event }) => event.type === 'WRITE' && event.code === 'failure' },
});

export const faultQueueChecksCodes = parts.createMachine({
  id: 'faultQueueChecksCodes',
  ...faultQueueConfig,
  on: {
    ...faultQueueConfig.on,
    WRITE: [{ guard: 'isNoCode', actions: 'refuse' }, { actions: 'eraseAndRespond' }],
  },
});

/** `struct iommufd_eventq` of `eventq-polled.ts` as it is since 3d49020a327c (v6.14): what is put back wakes nobody. */
import { polledQueueConfig, polledQueueFunctions, polledQueueParts } from './eventq-polled.ts';

export const polledQueueV70 = polledQueueParts.createMachine({
  id: 'polledQueueV70',
  ...polledQueueConfig,
  on: { ...polledQueueFunctions, RESTORE: { actions: 'putBack' } },
});

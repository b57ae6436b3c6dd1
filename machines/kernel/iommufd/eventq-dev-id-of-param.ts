/**
 * The queue of `eventq-dev-id.ts` that asks the group for its device (`group->fault_param->dev`), and not the attach handle. In no
 * release: it is the repair that we propose. A device that is closed has its groups answered before its `struct iommufd_device` goes,
 * which is the caller's part.
 */
import { devIdQueueConfig, devIdQueueFunctions, devIdQueueParts } from './eventq-dev-id.ts';

export const devIdQueueOfParam = devIdQueueParts.createMachine({
  id: 'devIdQueueOfParam',
  ...devIdQueueConfig,
  on: { ...devIdQueueFunctions, READ: { guard: 'isReadable', actions: ['followDevice', 'answerFirst'] } },
});

/**
 * The thread of `delivering-thread.ts` where an eventfd tells user space, as in the first RFC of IOMMU faults in iommufd (May 2023): eventfd_signal()
 * when the fault is in the queue, and another fd to read it from. What was merged has one fd, that is read, written and polled.
 */
import { deliveringParts } from './delivering-thread.ts';

export const deliveringThreadEventfd = deliveringParts.createMachine({
  id: 'deliveringThreadEventfd',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { FAULT: { target: 'appended', actions: 'append' } } },
    appended: { on: { RUN: { target: 'idle', actions: 'signal' } } },
  },
});

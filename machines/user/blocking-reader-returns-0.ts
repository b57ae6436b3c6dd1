/**
 * The thread of `blocking-reader.ts` as the kernel is (iommufd/eventq.c iommufd_fault_fops_read() returns 0 where there is nothing, whether the fd
 * blocks or not), with a user that takes 0 for the end of the file, as read(2) has it, and ends.
 */

import { blockingReaderStates } from './blocking-reader.ts';
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const blockingReaderReturns0 = faultReaderParts.createMachine({
  id: 'blockingReaderReturns0',
  ...faultReaderConfig,
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'read' } } },
    reading: { on: { GROUP: { target: 'handling', actions: 'noteGroup' }, NO_GROUP: 'ended' } },
    handling: blockingReaderStates.handling,
    ended: {},
  },
});

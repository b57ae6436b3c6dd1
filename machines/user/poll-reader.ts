/**
 * A user-space thread that polls iommufd's fault queue, reads one group, handles it, answers, and polls again (fs/select.c do_poll(),
 * iommufd/eventq.c iommufd_eventq_fops_poll()): poll_wait() adds its entry, and then it looks at the list; if that is empty it sleeps,
 * unless its entry was woken meanwhile (`pwq->triggered`). Before poll() returns the entry is removed.
 *
 * Simplifications: one group for each call of poll(); a read that finds nothing, because another thread was faster, is followed by poll().
 */
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const pollReaderStates = {
  idle: faultReaderParts.createStateConfig({ on: { RUN: { target: 'waiting', actions: 'addWait' } } }),
  // With its entry in the wait queue, also in the next two.
  waiting: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'checking', actions: 'check' }, WAKE: { actions: 'noteWake' } },
  }),
  // Left within the step that entered it, as is `reading`.
  checking: faultReaderParts.createStateConfig({
    on: {
      READABLE: { target: 'readable', actions: ['removeWait', 'forgetWake'] },
      EMPTY: [{ guard: 'isWoken', target: 'waiting', actions: 'forgetWake' }, { target: 'sleeping' }],
    },
  }),
  sleeping: faultReaderParts.createStateConfig({ on: { WAKE: 'waiting' } }),
  readable: faultReaderParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'read' } } }),
  reading: faultReaderParts.createStateConfig({
    on: { GROUP: { target: 'handling', actions: 'noteGroup' }, NO_GROUP: 'idle' },
  }),
  handling: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['write', 'forgetGroup'] } },
  }),
};

export const pollReader = faultReaderParts.createMachine({
  id: 'pollReader',
  ...faultReaderConfig,
  states: pollReaderStates,
});

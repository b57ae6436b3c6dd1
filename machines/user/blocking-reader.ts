/**
 * A user-space thread in a read that blocks, as include/linux/wait.h wait_event_interruptible() would make it: it adds its entry, looks at the
 * list, and sleeps only if there is nothing and nobody woke it since. No kernel has it: a read of iommufd's fault queue returns 0 where
 * there is nothing (`blocking-reader-returns-0.ts`).
 */
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const blockingReaderStates = {
  // read(2): prepare_to_wait()
  idle: faultReaderParts.createStateConfig({ on: { RUN: { target: 'waiting', actions: 'addWait' } } }),
  waiting: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'read' }, WAKE: { actions: 'noteWake' } },
  }),
  // Left within the step that entered it.
  reading: faultReaderParts.createStateConfig({
    on: {
      // finish_wait()
      GROUP: { target: 'handling', actions: ['noteGroup', 'removeWait', 'forgetWake'] },
      NO_GROUP: [{ guard: 'isWoken', target: 'waiting', actions: 'forgetWake' }, { target: 'sleeping' }],
    },
  }),
  sleeping: faultReaderParts.createStateConfig({ on: { WAKE: 'waiting' } }),
  handling: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['write', 'forgetGroup'] } },
  }),
};

export const blockingReader = faultReaderParts.createMachine({
  id: 'blockingReader',
  ...faultReaderConfig,
  states: blockingReaderStates,
});

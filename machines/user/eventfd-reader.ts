/**
 * A user-space thread that is told of faults by an eventfd: it reads the counter, which sets it to 0, and then reads groups until there is none.
 * Whatever is added after that sets the counter again. Two others do it otherwise: `eventfd-reader-drains-first.ts`,
 * `eventfd-reader-one-group.ts`. List 'READ_COUNT' and 'POLL_COUNT' as `blocking`.
 */
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const eventfdReaderStates = {
  idle: faultReaderParts.createStateConfig({ on: { RUN: { target: 'signalled', actions: 'readCount' } } }),
  signalled: faultReaderParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'read' } } }),
  // Left within the step that entered it.
  reading: faultReaderParts.createStateConfig({
    on: { GROUP: { target: 'handling', actions: 'noteGroup' }, NO_GROUP: 'idle' },
  }),
  handling: faultReaderParts.createStateConfig({
    on: { RUN: { target: 'signalled', actions: ['write', 'forgetGroup'] } },
  }),
};

export const eventfdReader = faultReaderParts.createMachine({
  id: 'eventfdReader',
  ...faultReaderConfig,
  states: eventfdReaderStates,
});

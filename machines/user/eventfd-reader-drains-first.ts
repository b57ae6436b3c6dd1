/** The thread of `eventfd-reader.ts` that polls the eventfd, reads groups until there is none, and sets the counter to 0 then. */
import { eventfdReaderStates } from './eventfd-reader.ts';
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const eventfdReaderDrainsFirst = faultReaderParts.createMachine({
  id: 'eventfdReaderDrainsFirst',
  ...faultReaderConfig,
  states: {
    ...eventfdReaderStates,
    idle: { on: { RUN: { target: 'signalled', actions: 'pollCount' } } },
    reading: { on: { GROUP: { target: 'handling', actions: 'noteGroup' }, NO_GROUP: 'drained' } },
    drained: { on: { RUN: { target: 'idle', actions: 'readCount' } } },
  },
});

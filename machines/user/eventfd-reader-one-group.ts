/** The thread of `eventfd-reader.ts` that reads one group each time: a counter of 2 is read at once, and so is no second time. */
import { eventfdReaderStates } from './eventfd-reader.ts';
import { faultReaderConfig, faultReaderParts } from './fault-reader.ts';

export const eventfdReaderOneGroup = faultReaderParts.createMachine({
  id: 'eventfdReaderOneGroup',
  ...faultReaderConfig,
  states: {
    ...eventfdReaderStates,
    handling: { on: { RUN: { target: 'idle', actions: ['write', 'forgetGroup'] } } },
  },
});

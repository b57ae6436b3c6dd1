/**
 * prq_event_thread() from v5.12 (d5b9e4bfe0d8) to v5.17: a Stop Marker is reported like any request, as the last of a group. How
 * the device was found then is left out (`prq-event-thread.ts`): a version for functions that stay.
 */
import { prqEventConfig, prqEventParts, prqEventStates } from './prq-event-thread.ts';

export const prqEventThreadV512 = prqEventParts.createMachine({
  id: 'prqEventThreadV512',
  ...prqEventConfig,
  states: {
    ...prqEventStates,
    readingDescriptor: prqEventParts.createStateConfig({
      on: { DESCRIPTOR: { target: 'finding', actions: ['keepDescriptor', 'lock', 'find'] } },
    }),
  },
});

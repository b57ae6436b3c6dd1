/**
 * A stream whose transactions the SMMU aborts, each with a record of it in the event queue: a device, or its driver, that has gone wrong
 * (SMMUv3 7.3; fault model "terminate", 3.12.1). The device sees the abort, and not whether it was recorded.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type AbortedStreamEvent = { type: 'STRAY_DMA' };

interface Input {
  /** An `event-queue-registers.ts`. */
  readonly eventQueue: string;
}

export const abortedStream = setup({
  types: { input: {} as Input, context: {} as Input, events: {} as AbortedStreamEvent },
  actions: { record: send('eventQueue', 'RECORD_EVENT') },
}).createMachine({
  id: 'abortedStream',
  context: ({ input }) => input,
  on: { STRAY_DMA: { actions: 'record' } },
});

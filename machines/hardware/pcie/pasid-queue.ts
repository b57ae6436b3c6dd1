/**
 * A work queue of a device, with the PASID of the process that opened it: whatever is submitted accesses memory by that PASID, for as
 * long as the queue is open.
 *
 * List 'DMA' as `blocking`: a queue that was closed takes none.
 *
 * Simplifications: an access is one step, and is lost if it is aborted; no page requests, no stalls (`../smmu/substream.ts`).
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export type PasidQueueEvent =
  | { type: 'DMA' }
  /** From the context descriptor of the PASID. */
  | { type: 'TRANSLATED'; mm: string }
  | { type: 'ABORTED' }
  /** The driver stops the queue, when its file is closed. */
  | { type: 'STOP' };

export interface PasidQueueInput {
  readonly name: string;
  /** Who translates, by this PASID. */
  readonly descriptor: string;
}

export const pasidQueue = setup({
  types: {
    input: {} as PasidQueueInput,
    context: {} as PasidQueueInput,
    events: {} as PasidQueueEvent,
  },
  actions: {
    translate: call('descriptor', 'TRANSLATE_VA'),
  },
}).createMachine({
  id: 'pasidQueue',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { DMA: { target: 'translating', actions: 'translate' }, STOP: 'stopped' } },
    // Left within the step that entered it.
    translating: { on: { TRANSLATED: 'idle', ABORTED: 'failed' } },
    // The last access was aborted.
    failed: { on: { STOP: 'stopped' } },
    stopped: { type: 'final' },
  },
});

/**
 * A thread that unmaps something of a device with ATS and invalidates its device-TLB (intel/cache.c cache_tag_flush_range(),
 * qi_batch_flush_descs()): it does not ask whether the device is there, and does not look at what qi_submit_sync() returns.
 *
 *   mapped -UNMAP-> flushing -RETURNED-> unmapped
 *
 * Simplification: it does it once. A device that is gone has only so much that is mapped.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export interface FlushDevTlbInput {
  readonly name: string;
  /** A version of `qi-submit-v7.0.ts`. */
  readonly submit: string;
}

export const flushDevTlb = setup({
  types: {
    input: {} as FlushDevTlbInput,
    context: {} as FlushDevTlbInput,
    events: {} as { type: 'UNMAP' } | { type: 'RETURNED' },
  },
  actions: { submit: call('submit', { type: 'SUBMIT', drains: false }) },
}).createMachine({
  id: 'flushDevTlb',
  context: ({ input }) => input,
  initial: 'mapped',
  states: {
    mapped: { on: { UNMAP: { target: 'flushing', actions: 'submit' } } },
    flushing: { on: { RETURNED: 'unmapped' } },
    unmapped: {},
  },
});

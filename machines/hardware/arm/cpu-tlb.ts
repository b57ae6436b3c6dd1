/**
 * What the TLB of one CPU holds for one page of a guest. It may hold the entry by which an access faulted for want of a right (Arm ARM, TLB
 * maintenance: permission faults), so that a right that comes later is not seen until somebody invalidates it here.
 *
 * Simplifications: nothing is evicted, which is the worst case for staleness; a CPU walks only for an access.
 */
import { setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type CpuTlbEvent =
  /** A store by the CPU; the reply is STORED, or PERMISSION_FAULT. */
  | { type: 'STORE_TO'; by: string }
  | { type: 'WALKED'; writable: boolean }
  /** TLBI of this CPU, by itself (non-shareable) or by another one (inner shareable). */
  | { type: 'TLBI' };

export const cpuTlb = setup({
  types: {
    input: {} as { name: string; entry: string; cpu: string },
    context: {} as { readonly name: string; readonly entry: string; readonly cpu: string },
    events: {} as CpuTlbEvent,
  },
  guards: { isWritable: from('WALKED', ({ event }) => event.writable) },
  actions: {
    walk: call('entry', 'WALK'),
    fault: send('cpu', 'PERMISSION_FAULT'),
    complete: send('cpu', 'STORED'),
  },
}).createMachine({
  id: 'cpuTlb',
  context: ({ input }) => input,
  initial: 'empty',
  states: {
    empty: {
      on: {
        STORE_TO: { actions: 'walk' },
        WALKED: [
          { guard: 'isWritable', target: 'writable', actions: 'complete' },
          { target: 'readOnly', actions: 'fault' },
        ],
        TLBI: {},
      },
    },
    readOnly: { on: { STORE_TO: { actions: 'fault' }, TLBI: 'empty' } },
    writable: { on: { STORE_TO: { actions: 'complete' }, TLBI: 'empty' } },
  },
});

/**
 * The thread of `attach-v7.0.ts` with the whole of the drain (intel/prq.c intel_iommu_drain_pasid_prq() of 7.0): when nothing of the PASID is
 * in the queue, it submits a device-TLB invalidation and a wait descriptor with Page-request Drain, and goes on when qi_submit_sync() returns,
 * whatever that says. Its driver stops the PASID before.
 *
 *   attached -DETACH-> stopped -RUN-> cleared -RUN-> scanned -RUN-> submitted -RETURNED-> drained -RUN-> erased -RUN-> detached
 *
 * List 'DRAIN' as `blocking`.
 *
 * Simplifications: those of `attach-v7.0.ts`; the invalidations of the tear-down itself, which go the same way before, are left out; no
 * overflow (`drain-overflow-v7.0.ts`).
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';
import type { IommufdAttachEvent } from './attach-v7.0.ts';

export interface AttachSubmitsInput {
  readonly name: string;
  readonly pasid: string;
  /** The function, its PASID table, the page request registers, `group->pasid_array`, iommufd's groups, the attach handle. */
  readonly device: string;
  readonly table: string;
  readonly registers: string;
  readonly array: string;
  readonly groups: string;
  readonly handle: string;
  /** A version of `qi-submit-v7.0.ts`. */
  readonly submit: string;
}

const parts = setup({
  types: {
    input: {} as AttachSubmitsInput,
    context: {} as AttachSubmitsInput,
    events: {} as IommufdAttachEvent | { type: 'RETURNED' },
  },
  actions: {
    stopPasid: send('device', ({ context: { pasid } }) => ({ type: 'STOP_PASID', pasid })),
    startPasid: send('device', ({ context: { pasid } }) => ({ type: 'START_PASID', pasid })),
    setEntry: send('table', ({ context: { pasid } }) => ({ type: 'SET_ENTRY', pasid })),
    clearEntry: send('table', ({ context: { pasid } }) => ({ type: 'CLEAR_ENTRY', pasid })),
    awaitQueue: send('registers', ({ context: { pasid } }) => ({ type: 'DRAIN', pasid })),
    submit: call('submit', { type: 'SUBMIT', drains: true }),
    storeHandle: send('array', ({ context: { pasid, handle } }) => ({ type: 'STORE', pasid, handle })),
    eraseHandle: send('array', ({ context: { pasid } }) => ({ type: 'ERASE', pasid })),
    autoRespond: send('groups', ({ context: { handle } }) => ({ type: 'AUTO_RESPONSE', handle })),
    allocateHandle: send('handle', 'ALLOC'),
    freeHandle: send('handle', 'FREE'),
  },
});

export const attachSubmitsV70 = parts.createMachine({
  id: 'attachSubmitsV70',
  context: ({ input }) => input,
  initial: 'attached',
  states: {
    detached: { on: { ATTACH: { target: 'switched', actions: ['allocateHandle', 'setEntry', 'startPasid'] } } },
    ...straightLine({ switched: 'storeHandle' }, 'attached'),
    attached: { on: { DETACH: { target: 'stopped', actions: 'stopPasid' } } },
    ...straightLine({ stopped: 'clearEntry', cleared: 'awaitQueue', scanned: 'submit' }, 'submitted'),
    // In qi_submit_sync().
    submitted: { on: { RETURNED: 'drained' } },
    ...straightLine({ drained: 'eraseHandle', erased: ['autoRespond', 'freeHandle'] }, 'detached'),
  },
});

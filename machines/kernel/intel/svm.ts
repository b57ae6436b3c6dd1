/**
 * The memory of one `struct intel_svm` (intel/svm.c to v6.4), which leads from a PASID to the mm. Freed memory does not object: it takes
 * everything in silence, and `../../monitors/object-lifetime.ts` sees it.
 *
 * Simplifications: the mm has a user and the address is mapped, so a fault is always handled, in one step. A fault through freed memory
 * fails, so that the thread goes on.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';
import type { DescribedRequest } from './prq-event-thread-v5.0.ts';

export type IntelSvmEvent =
  | { type: 'ALLOC' }
  /** `mmget_not_zero(svm->mm)`, `handle_mm_fault()`, `mmput()`; the reply is FAULT_HANDLED. */
  | { type: 'HANDLE_FAULT'; request: DescribedRequest; by: string }
  | { type: 'FREE' };

export const intelSvm = setup({
  types: { events: {} as IntelSvmEvent },
  actions: {
    replyHandled: reply({ type: 'FAULT_HANDLED', ok: true }),
    replyFailed: reply({ type: 'FAULT_HANDLED', ok: false }),
  },
}).createMachine({
  id: 'intelSvm',
  initial: 'freed',
  states: {
    freed: { on: { ALLOC: 'allocated', HANDLE_FAULT: { actions: 'replyFailed' }, FREE: {} } },
    allocated: { on: { HANDLE_FAULT: { actions: 'replyHandled' }, FREE: 'freed' } },
  },
});

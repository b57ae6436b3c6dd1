/**
 * The `abort_group` of iommu_report_device_fault() (io-pgfault.c, since v6.9): there is no memory for a group, so one on the stack of the
 * reporting thread is linked as pending, answered Failure, and what belongs to it is released. It is no memory that kfree() knows.
 *
 * The same messages as to `group-memory.ts`, and RELEASE.
 */
import { setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { from, send } from '../../parts/call.ts';

export type GroupOnStackEvent =
  /** `iopf_group_alloc()` */
  | { type: 'ALLOC' }
  /** `iopf_group_response()` */
  | { type: 'GROUP_RESPONSE'; code: ResponseCode }
  /** `__iopf_free_group()`: its partial requests, and its reference to the fault parameter. */
  | { type: 'RELEASE' }
  /** `iopf_free_group()`: the same, and `kfree()`. */
  | { type: 'FREE' };

export const groupOnStack = setup({
  types: {
    input: {} as { name: string; index: string; param: string },
    context: {} as { readonly name: string; readonly index: string; readonly param: string },
    events: {} as GroupOnStackEvent,
  },
  actions: {
    respond: send(
      'param',
      from('GROUP_RESPONSE', ({ context: { name, index }, event }) => {
        return { type: 'RESPOND', group: name, index, code: event.code };
      }),
    ),
    putParam: send('param', 'PUT'),
  },
}).createMachine({
  id: 'groupOnStack',
  context: ({ input }) => input,
  initial: 'unused',
  states: {
    unused: { on: { ALLOC: 'linked' } },
    linked: {
      on: {
        GROUP_RESPONSE: { actions: 'respond' },
        RELEASE: { target: 'unused', actions: 'putParam' },
        // iopf_queue_remove_device() does not know which groups are on a stack.
        FREE: { target: 'stackFreed', actions: 'putParam' },
      },
    },
    // Its thread goes on with it, and drops the same reference once more.
    stackFreed: {
      on: { ALLOC: 'linked', GROUP_RESPONSE: { actions: 'respond' }, RELEASE: { actions: 'putParam' }, FREE: {} },
    },
  },
});

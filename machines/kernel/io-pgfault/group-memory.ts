/**
 * The memory of one `struct iopf_group`, as something that can be freed while somebody still points at it.
 *
 * Whoever holds the pointer sends its function here first, because that is what the kernel does first: it follows the
 * pointer. Freed memory does not object, so in `freed` everything is taken in silence; a monitor sees it
 * (`../../monitors/object-lifetime.ts`).
 *
 * Simplification: one place in memory for each index of a device. It is enough, because an index is used again only
 * after its answer, and whoever answers frees the group in the same step, but for a removal that leaves groups to
 * their holders, and then the device is stopped.
 */
import { setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { from, send } from '../../parts/call.ts';

export interface GroupInput {
  readonly name: string;
  /** `group->last_fault.fault.prm.grpid` */
  readonly index: string;
  /** `group->fault_param` */
  readonly param: string;
}

export type IopfGroupMemoryEvent =
  /** `iopf_group_alloc()` */
  | { type: 'ALLOC' }
  /** Somebody reads a field or walks a list through it. */
  | { type: 'READ' }
  /** `iopf_group_dequeue()`, since 738e6f32e61d */
  | { type: 'DEQUEUE' }
  /** `iopf_group_response()` */
  | { type: 'GROUP_RESPONSE'; code: ResponseCode }
  /** `iopf_free_group()` */
  | { type: 'FREE' };

export const iopfGroupMemory = setup({
  types: {
    input: {} as GroupInput,
    context: {} as GroupInput,
    events: {} as IopfGroupMemoryEvent,
  },
  actions: {
    unlink: send('param', ({ context }) => ({ type: 'UNLINK', group: context.name })),
    respond: send(
      'param',
      from('GROUP_RESPONSE', ({ context, event }) => ({
        type: 'RESPOND',
        group: context.name,
        index: context.index,
        code: event.code,
      })),
    ),
    putParam: send('param', 'PUT'),
  },
}).createMachine({
  id: 'iopfGroupMemory',
  context: ({ input }) => input,
  initial: 'freed',
  states: {
    freed: {
      on: { ALLOC: 'allocated', READ: {}, DEQUEUE: {}, GROUP_RESPONSE: {}, FREE: {} },
    },
    allocated: {
      on: {
        READ: {},
        // Only behind a second answer, or a group that nobody has any more: the index is used again while its first group is there, which in the
        // kernel is other memory. Here the new group has its place, and the reference of the first is counted no more.
        ALLOC: { actions: 'putParam' },
        DEQUEUE: { actions: 'unlink' },
        GROUP_RESPONSE: { actions: 'respond' },
        // io-pgfault.c iopf_free_group(): drops the group's reference to the fault parameter.
        FREE: { target: 'freed', actions: 'putParam' },
      },
    },
  },
});

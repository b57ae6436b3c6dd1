/**
 * The interrupt thread as far as it appends groups to a fault queue (iommufd/eventq.c iommufd_fault_iopf_handler()): each of its groups
 * once. What comes before is left out.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export const iopfHandlerThread = setup({
  types: {
    input: {} as { faultQueue: string; groups: readonly string[] },
    context: {} as { readonly faultQueue: string; readonly groups: readonly string[] },
    events: {} as { type: 'HANDLE'; group: string },
  },
  guards: { isNew: ({ context, event }) => context.groups.includes(event.group) },
  actions: {
    append: send(
      'faultQueue',
      from('HANDLE', ({ event }) => ({ type: 'APPEND', group: event.group })),
    ),
    forget: assign({ groups: ({ context, event }) => context.groups.filter((name) => name !== event.group) }),
  },
}).createMachine({
  id: 'iopfHandlerThread',
  context: ({ input }) => input,
  on: { HANDLE: { guard: 'isNew', actions: ['append', 'forget'] } },
});

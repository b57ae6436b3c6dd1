/**
 * A user-space thread that reads one group after the other and answers it (a VMM's), where only the device that the message names
 * matters. List 'READ' as `blocking`.
 */
import { setup } from 'xstate';
import { send } from '../parts/call.ts';

export const readsDevIds = setup({
  types: {
    input: {} as { faultQueue: string },
    context: {} as { readonly faultQueue: string },
    events: {} as { type: 'RUN' },
  },
  actions: { read: send('faultQueue', 'READ') },
}).createMachine({
  id: 'readsDevIds',
  context: ({ input }) => input,
  on: { RUN: { actions: 'read' } },
});

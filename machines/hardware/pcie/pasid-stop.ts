/**
 * A PASID of a function that its driver asks the function to stop using, once (PCIe 6.20.1 and 10.4.1.2). The function posts no
 * more requests for it and, being one that does not wait for the answers that are due, a Stop Marker behind the last of them.
 *
 * List 'STOP_MARKER' as `blocking`.
 *
 * Simplification: no requests of this PASID itself, which `pri.ts` and `page-request-group.ts` have.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type PasidStopEvent =
  /** The driver's PASID stop request. */
  { type: 'STOP_PASID' };

export const pasidStop = setup({
  types: {
    input: {} as { pri: string },
    context: {} as { readonly pri: string },
    events: {} as PasidStopEvent,
  },
  actions: {
    postStopMarker: send('pri', 'POST_STOP_MARKER'),
  },
}).createMachine({
  id: 'pasidStop',
  context: ({ input }) => input,
  initial: 'inUse',
  states: {
    inUse: { on: { STOP_PASID: { target: 'stopped', actions: 'postStopMarker' } } },
    stopped: { type: 'final' },
  },
});

/**
 * The P field of the scalable-mode PASID-table entries of one function, as page requests meet it (VT-d 5.1, 7.1.3
 * condition SPT.2, 7.4.1 table 31): where it is 0, a request that needs a response gets Invalid Request from the hardware,
 * and one that needs none is dropped. Software hears of neither. Otherwise the request goes to the page request queue.
 *
 * A request without PASID uses the entry of RID_PASID; give it a name as any other.
 *
 * Simplifications: the non-recoverable fault that is reported besides is left out; entries are not cached, so that an
 * entry has changed when its invalidation is done.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PasidTableEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** intel/pasid.c `intel_pasid_setup_first_level()` and the like */
  | { type: 'SET_ENTRY'; pasid: string }
  /** intel/pasid.c `intel_pasid_tear_down_entry()`, up to its drain */
  | { type: 'CLEAR_ENTRY'; pasid: string };

export const pasidTable = setup({
  types: {
    input: {} as { name: string; queue: string; present: readonly string[] },
    context: {} as {
      readonly name: string;
      /** The page request queue. */
      readonly queue: string;
      readonly present: readonly string[];
    },
    events: {} as PasidTableEvent,
  },
  guards: {
    isPresent: from('PAGE_REQUEST', ({ context, event }) => context.present.includes(event.pasid)),
    needsResponse: from('PAGE_REQUEST', ({ event }) => event.last),
  },
  actions: {
    pass: send('queue', ({ event }) => event),
    respondInvalid: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event: { index, generation } }) => {
        return { type: 'PRG_RESPONSE', index, code: 'invalid', by: context.name, generation };
      }),
    ),
    setEntry: assign({
      present: from('SET_ENTRY', ({ context, event }) =>
        [...without(context.present, event.pasid), event.pasid].sort(),
      ),
    }),
    clearEntry: assign({
      present: from('CLEAR_ENTRY', ({ context, event }) => without(context.present, event.pasid)),
    }),
  },
}).createMachine({
  id: 'pasidTable',
  context: ({ input }) => input,
  on: {
    PAGE_REQUEST: [
      { guard: 'isPresent', actions: 'pass' },
      { guard: 'needsResponse', actions: 'respondInvalid' },
      // Dropped.
      {},
    ],
    SET_ENTRY: { actions: 'setEntry' },
    CLEAR_ENTRY: { actions: 'clearEntry' },
  },
});

function without(present: readonly string[], pasid: string): string[] {
  return present.filter((other) => other !== pasid);
}

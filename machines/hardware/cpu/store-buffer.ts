/**
 * The store buffer of a CPU, one store deep: a store is visible to others when it leaves the buffer, which it does at any time (DRAIN), when
 * there is another one to be put in, or at a barrier. Device writes that are not ordered after it pass it.
 *
 * That is enough for two CPUs which each store to one place and read the other (litmus test SB; tools/memory-model), and for a store that a
 * device write overtakes. Loads that are done early are steps of whoever loads.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';

export type StoreBufferEvent =
  /** A store by this CPU: what the memory `to` takes when it is visible. */
  | { type: 'STORE'; to: string; value: string }
  | { type: 'DRAIN' }
  /** smp_mb(), or the barrier in writel() */
  | { type: 'BARRIER' };

export interface BufferedStore {
  readonly to: string;
  readonly value: string;
}

export const storeBuffer = setup({
  types: { context: {} as { readonly store: BufferedStore | null }, events: {} as StoreBufferEvent },
  guards: { isFull: ({ context }) => context.store !== null },
  actions: {
    hold: assign({ store: from('STORE', ({ event: { to, value } }) => ({ to, value })) }),
    makeVisible: enqueueActions(({ context, enqueue }) => {
      const { to, value } = context.store!;
      tell(enqueue, to, { type: value });
    }),
    empty: assign({ store: null }),
  },
}).createMachine({
  id: 'storeBuffer',
  context: { store: null },
  on: {
    STORE: [{ guard: 'isFull', actions: ['makeVisible', 'hold'] }, { actions: 'hold' }],
    DRAIN: { guard: 'isFull', actions: ['makeVisible', 'empty'] },
    BARRIER: [{ guard: 'isFull', actions: ['makeVisible', 'empty'] }, {}],
  },
});

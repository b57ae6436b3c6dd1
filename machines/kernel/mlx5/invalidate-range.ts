/**
 * The MMU interval notifier of an ODP MR (mlx5/odp.c mlx5_ib_invalidate_range(), since abb604a1a9c8), in the hands of one thread that calls
 * it: it takes `umem_mutex`, looks whether the MR still has its memory key, and zaps its entries.
 *
 *   idle -INVALIDATE_RANGE-> called -RUN-> zapping -RUN-> idle, and NOTIFIED to the caller
 *
 * `invalidate-range-v6.13.ts` does not look. List 'ACQUIRE' as `blocking`.
 *
 * Simplifications: the range has pages (`npages` is not 0); the sequence of the interval and the unmapping of the pages for DMA are left
 * out, and so is the removal of the notifier, which waits for callbacks, when the MR has gone.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type InvalidateRangeEvent =
  | { type: 'INVALIDATE_RANGE'; by: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** What `umem-odp.ts` replies. */
  | { type: 'MR' }
  | { type: 'NULL' };

export interface InvalidateRangeInput {
  readonly name: string;
  /** A `umem-odp.ts`, its `umem_mutex`, and a `../../hardware/mlx5/umr-qp.ts`. */
  readonly umem: string;
  readonly umemMutex: string;
  readonly qp: string;
}

/** What versions are made of. */
export const invalidateRangeParts = setup({
  types: {
    input: {} as InvalidateRangeInput,
    context: {} as InvalidateRangeInput & { readonly caller: string | null },
    events: {} as InvalidateRangeEvent,
  },
  actions: {
    noteCaller: assign({ caller: from('INVALIDATE_RANGE', ({ event }) => event.by) }),
    lockUmem: call('umemMutex', 'ACQUIRE'),
    readPrivate: call('umem', 'READ_PRIVATE'),
    zapEntries: send('qp', 'UPDATE_XLT'),
    unlockUmem: call('umemMutex', 'RELEASE'),
    returnToCaller: send('caller', 'NOTIFIED'),
    forgetCaller: assign({ caller: null }),
  },
});

export const invalidateRangeConfig = {
  context: ({ input }: { input: InvalidateRangeInput }) => ({ ...input, caller: null }),
  initial: 'idle',
} as const;

/** Another version replaces states. */
export const invalidateRangeStates = {
  idle: invalidateRangeParts.createStateConfig({
    on: { INVALIDATE_RANGE: { target: 'called', actions: 'noteCaller' } },
  }),
  called: invalidateRangeParts.createStateConfig({
    on: { RUN: { target: 'looking', actions: ['lockUmem', 'readPrivate'] } },
  }),
  // Left within the step that entered it.
  looking: invalidateRangeParts.createStateConfig({
    on: { MR: 'zapping', NULL: { target: 'idle', actions: ['unlockUmem', 'returnToCaller', 'forgetCaller'] } },
  }),
  zapping: invalidateRangeParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['zapEntries', 'unlockUmem', 'returnToCaller', 'forgetCaller'] } },
  }),
};

export const invalidateRange = invalidateRangeParts.createMachine({
  id: 'invalidateRange',
  ...invalidateRangeConfig,
  states: invalidateRangeStates,
});

/**
 * One of the transactions that a stream may have at a time, its stalls, and what becomes of a STAG that is used again: `dma-stream.ts` where a record may be lost and
 * stalls may be terminated (SMMUv3 H.a, 3.12.2, 4.7.1, 4.7.2 and 7.2.2).
 *
 *   RESUME          ends the stall that has the STAG now, whichever it was meant for; without one it has no effect
 *   STALL_TERM      terminates what is stalled, whether it has a record or not
 *   STE abort       a transaction that arrives is aborted, and what is stalled stays so
 *
 * The ghost `generation` counts the uses of the STAG, modulo `generations`; the SMMU looks at nothing but the STAG.
 *
 * Simplifications: a transaction that comes later in its place has the same STAG; each transaction faults, and a retry is done; a fault always stalls; the STE takes effect when it is written (CMD_CFGI_STE and
 * CMD_SYNC are in that step).
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type TaggedStreamEvent =
  | { type: 'DMA' }
  /** CMD_RESUME, as it is consumed. */
  | { type: 'RESUME'; retry: boolean; generation: number }
  | { type: 'STALL_TERM' }
  | { type: 'WRITE_STE'; abort: boolean };

export const taggedStream = setup({
  types: {
    input: {} as { name: string; eventQueue: string; generations: number },
    context: {} as {
      readonly name: string;
      readonly eventQueue: string;
      readonly generations: number;
      readonly generation: number;
      readonly aborts: boolean;
      /** For observers only: a CMD_RESUME for one stall has ended another. */
      readonly tookOldAnswer: boolean;
    },
    events: {} as TaggedStreamEvent,
  },
  guards: { isAborted: ({ context }) => context.aborts },
  actions: {
    countUse: assign({ generation: ({ context }) => (context.generation + 1) % context.generations }),
    recordStall: send('eventQueue', ({ context: { name, generation } }) => ({ type: 'STALL', stag: name, generation })),
    forgetStall: send('eventQueue', ({ context }) => ({ type: 'FORGET', stag: context.name })),
    compare: assign({
      tookOldAnswer: from(
        'RESUME',
        ({ context, event }) => context.tookOldAnswer || event.generation !== context.generation,
      ),
    }),
    setAbort: assign({ aborts: from('WRITE_STE', ({ event }) => event.abort) }),
  },
}).createMachine({
  id: 'taggedStream',
  context: ({ input }) => ({ ...input, generation: 0, aborts: false, tookOldAnswer: false }),
  initial: 'idle',
  on: { WRITE_STE: { actions: 'setAbort' } },
  states: {
    idle: {
      on: {
        DMA: [{ guard: 'isAborted' }, { target: 'stalled', actions: ['countUse', 'recordStall'] }],
        // A STAG that nobody has.
        RESUME: {},
        STALL_TERM: {},
      },
    },
    stalled: {
      on: {
        RESUME: { target: 'idle', actions: 'compare' },
        STALL_TERM: { target: 'idle', actions: 'forgetStall' },
      },
    },
  },
});

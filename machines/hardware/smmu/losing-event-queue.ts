/**
 * The event queue of an SMMUv3 whose writes may be aborted: the one way in which the record of a stall is lost (SMMUv3 H.a 7.2.2). Nobody knows of the stall
 * then but SMMU_GERROR, where EVENTQ_ABT_ERR says that some record was lost. `event-queue.ts` has all else.
 *
 * List 'READ' and 'EMPTY' as `blocking`.
 *
 * While the error is not acknowledged nothing is written, and stalls wait without a record; one that is terminated never has one.
 *
 * Simplifications: an abort is of the newest record, and is seen at once; a record has room always.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export interface TaggedRecord {
  readonly stag: string;
  readonly generation: number;
}

export type LosingEventQueueEvent =
  | ({ type: 'STALL' } & TaggedRecord)
  | { type: 'ABORT_WRITE' }
  /** GERRORN */
  | { type: 'ACK_GERROR' }
  /** A stall without a record was terminated. */
  | { type: 'FORGET'; stag: string }
  /** Software takes the oldest record; the reply is RECORD. */
  | { type: 'READ'; by: string }
  | { type: 'EMPTY' };

export const losingEventQueue = setup({
  types: {
    input: {} as { gerror: string },
    context: {} as {
      readonly gerror: string;
      readonly records: readonly TaggedRecord[];
      /** Stalls without a record. */
      readonly unrecorded: readonly TaggedRecord[];
      readonly isAborted: boolean;
    },
    events: {} as LosingEventQueueEvent,
  },
  guards: {
    isAborted: ({ context }) => context.isAborted,
    canAbort: ({ context }) => context.records.length > 0 && !context.isAborted,
    isNotEmpty: ({ context }) => context.records.length > 0,
    isEmpty: ({ context }) => context.records.length === 0,
  },
  actions: {
    add: assign({
      records: from('STALL', ({ context, event: { stag, generation } }) => [...context.records, { stag, generation }]),
    }),
    loseNewest: assign({ records: ({ context }) => context.records.slice(0, -1), isAborted: true }),
    holdBack: assign({
      unrecorded: from('STALL', ({ context, event: { stag, generation } }) => [
        ...context.unrecorded,
        { stag, generation },
      ]),
    }),
    writeUnrecorded: assign(({ context: { records, unrecorded } }) => ({
      records: [...records, ...unrecorded],
      unrecorded: [],
      isAborted: false,
    })),
    forget: assign({
      unrecorded: from('FORGET', ({ context, event }) => context.unrecorded.filter(({ stag }) => stag !== event.stag)),
    }),
    raiseGerror: send('gerror', 'GERROR'),
    replyOldest: reply(({ context }) => ({ type: 'RECORD', ...context.records[0]! })),
    dropOldest: assign({ records: ({ context }) => context.records.slice(1) }),
  },
}).createMachine({
  id: 'losingEventQueue',
  context: ({ input }) => ({ ...input, records: [], unrecorded: [], isAborted: false }),
  on: {
    STALL: [{ guard: 'isAborted', actions: 'holdBack' }, { actions: 'add' }],
    ACK_GERROR: { actions: 'writeUnrecorded' },
    FORGET: { actions: 'forget' },
    ABORT_WRITE: { guard: 'canAbort', actions: ['loseNewest', 'raiseGerror'] },
    READ: { guard: 'isNotEmpty', actions: ['replyOldest', 'dropOldest'] },
    EMPTY: { guard: 'isEmpty' },
  },
});

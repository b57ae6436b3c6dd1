/**
 * The PRI queue of an SMMUv3 with all that it answers by itself, for requests with a PASID (SMMUv3 H.a, 8.1 and 8.2); `pri-queue.ts` has the registers, and
 * only what an overflow does.
 *
 *   stored                          there is room, and no overflow is active
 *   Success, for a last request     full, or an overflow is active: with the PASID where IDR3.PPS = 1, else where STE.PPAR = 1
 *   nothing, for another one        the same
 *   Failure, for every request      PRIQEN = 0, or PRIQ_ABT_ERR is active: without a PASID; nothing is stored
 *   Failure, for a last request     an overflow, with PPS = 0 and an STE that cannot be read: without a PASID
 *   nothing, and an entry is lost   the write of an entry was aborted: PRIQ_ABT_ERR becomes active
 *
 * List 'READ_ENTRY' and 'AWAIT_EMPTY' as `blocking`.
 *
 * Simplifications: PROD and CONS are kept as what is between them, so an acknowledgement and the move of CONS are two messages (B-09 says what that may do); one
 * function; no Stop Markers; no Secure stream; an abort is seen at once, and its entry is the one that was being written.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PriQueueAnswersEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** The write of the newest entry is aborted. */
  | { type: 'ABORT_WRITE' }
  /** Software takes the oldest entry; the reply is ENTRY. */
  | { type: 'READ_ENTRY'; by: string }
  /** Software writes OVACKFLG. */
  | { type: 'ACKNOWLEDGE' }
  | { type: 'AWAIT_EMPTY' }
  /** CR0.PRIQEN := 0 */
  | { type: 'CLEAR_PRIQEN' }
  /** The STE says abort, and its PPAR is 0. */
  | { type: 'CLEAR_STE' }
  /** GERRORN */
  | { type: 'ACK_GERROR' };

export interface PriQueueAnswersInput {
  readonly name: string;
  readonly capacity: number;
  /** SMMU_IDR3.PPS */
  readonly pps: boolean;
  /** STE.PPAR */
  readonly ppar: boolean;
  /** Whether the STE can be read. */
  readonly isSteValid: boolean;
  /** Whom SMMU_GERROR interrupts. */
  readonly gerror?: string;
}

const ring = entriesIn('entries');

export const priQueueAnswers = setup({
  types: {
    input: {} as PriQueueAnswersInput,
    context: {} as PriQueueAnswersInput & {
      readonly entries: readonly PasidRequest[];
      readonly isEnabled: boolean;
      readonly isAborted: boolean;
      readonly hasOverflow: boolean;
    },
    events: {} as PriQueueAnswersEvent,
  },
  guards: {
    isOff: ({ context }) => !context.isEnabled || context.isAborted,
    isWritable: ({ context }) => ring.hasRoom({ context }) && !context.hasOverflow,
    isLast: from('PAGE_REQUEST', ({ event }) => event.last),
    isUnreadable: from('PAGE_REQUEST', ({ context, event }) => event.last && !context.pps && !context.isSteValid),
    canAbort: ({ context }) => ring.isNotEmpty({ context }) && !context.isAborted,
    isNotEmpty: ring.isNotEmpty,
    isEmpty: ring.isEmpty,
  },
  actions: {
    store: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    noteOverflow: assign({ hasOverflow: true }),
    answerFailure: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context: { name }, event: { index, generation } }) => ({
        type: 'PRG_RESPONSE',
        index,
        code: 'failure',
        by: name,
        generation,
      })),
    ),
    answerSuccess: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context: { name, pps, ppar }, event: { index, pasid, generation } }) => ({
        type: 'PRG_RESPONSE',
        index,
        code: 'success',
        by: name,
        generation,
        ...((pps || ppar) && { pasid }),
      })),
    ),
    loseNewest: assign({ entries: ({ context }) => context.entries.slice(0, -1), isAborted: true }),
    raiseGerror: send(({ context }) => context.gerror!, 'GERROR'),
    replyOldest: reply(({ context }) => ({
      type: 'ENTRY',
      request: context.entries[0]!,
      isNewest: context.entries.length === 1,
    })),
    dropOldest: ring.drop(),
    endOverflow: assign({ hasOverflow: false }),
    disable: assign({ isEnabled: false }),
    clearSte: assign({ ppar: false }),
    endAbort: assign({ isAborted: false }),
  },
}).createMachine({
  id: 'priQueueAnswers',
  context: ({ input }) => ({
    ...input,
    entries: [],
    isEnabled: true,
    isAborted: false,
    hasOverflow: false,
  }),
  on: {
    PAGE_REQUEST: [
      // SMMUv3 8.2: whether it is the last of its group or not.
      { guard: 'isOff', actions: 'answerFailure' },
      { guard: 'isWritable', actions: 'store' },
      // SMMUv3 8.1
      { guard: 'isUnreadable', actions: ['noteOverflow', 'answerFailure'] },
      { guard: 'isLast', actions: ['noteOverflow', 'answerSuccess'] },
      { actions: 'noteOverflow' },
    ],
    ABORT_WRITE: { guard: 'canAbort', actions: ['loseNewest', 'raiseGerror'] },
    READ_ENTRY: { guard: 'isNotEmpty', actions: ['replyOldest', 'dropOldest'] },
    ACKNOWLEDGE: { actions: 'endOverflow' },
    AWAIT_EMPTY: { guard: 'isEmpty' },
    CLEAR_PRIQEN: { actions: 'disable' },
    CLEAR_STE: { actions: 'clearSte' },
    ACK_GERROR: { actions: 'endAbort' },
  },
});

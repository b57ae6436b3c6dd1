/**
 * The invalidation queue of a VT-d IOMMU that several threads use at a time, with what an Invalidation Time-out Error (ITE) does to all of
 * them (VT-d 6.5.2.11, 11.4.9.9): when the time of one device-TLB invalidation is over, ITE is set with the requester ID of the function,
 * all wait descriptors that are pending in the hardware are aborted, and nothing is fetched before software has cleared ITE.
 *
 * A submission is a device-TLB invalidation and its wait descriptor; the status of that is memory, which the hardware writes when this and all
 * earlier invalidations are complete, and, if Page-request Drain asks for it, `page-request-buffer.ts` is empty. `invalidation-queue.ts` is
 * the queue with one submission at a time.
 *
 * List 'POLL' and 'WAIT_DESCRIPTOR' as `blocking`: a thread that polls and finds nothing goes round.
 *
 * Simplifications: a submission is fetched when it is made, unless ITE is set; IOTLB invalidations, which need no answer, are left out; the
 * queue is never full; where a function has as many requests as it takes, it is the submission that waits, and not the fetch; ITE is not lost while
 * it is set.
 */
import { assign, setup } from 'xstate';
import { from, reply, send, sendEach } from '../../parts/call.ts';

export interface Submission {
  /** Whose it is; nobody's, when its slots are free and only the completion is to come. */
  readonly by: string | null;
  readonly device: string;
  /** Page-request Drain. */
  readonly drains: boolean;
  readonly isFetched: boolean;
  /** The function has not completed the invalidation. */
  readonly isOpen: boolean;
  /** QI_IN_USE, which is `aborted` where the hardware will not write it any more; QI_DONE; QI_ABORT. */
  readonly status: 'inUse' | 'aborted' | 'done' | 'abort';
}

export type InvalidationQueueAbortsEvent =
  /** Descriptors are written, and the tail is moved over them. */
  | { type: 'SUBMIT'; device: string; drains: boolean; by: string }
  /** From the function, and for a function that does not answer. */
  | { type: 'INVALIDATE_COMPLETION'; device: string }
  | { type: 'TIME_OUT'; device: string }
  /** The hardware comes to a wait descriptor. */
  | { type: 'RUN' }
  /** The status, and then FSTS, is read; the reply is DONE, ABORTED, or ITE with the requester ID. */
  | { type: 'POLL'; by: string }
  /** FSTS.ITE is written with 1, and what was fetched and is QI_IN_USE becomes QI_ABORT. */
  | { type: 'CLEAR_ITE' }
  /** The slots of the caller's submission become QI_FREE. */
  | { type: 'FREE'; by: string };

export const invalidationQueueAborts = setup({
  types: {
    input: {} as { buffer: string },
    context: {} as {
      readonly buffer: string;
      readonly submissions: readonly Submission[];
      /** FSTS.ITE, and the requester ID in IQERCD. */
      readonly ite: string | null;
    },
    events: {} as InvalidationQueueAbortsEvent,
  },
  guards: {
    isStopped: ({ context }) => context.ite !== null,
    isComplete: ({ context }) => complete(context.submissions) !== undefined,
    isCompleteAndDrains: ({ context }) => complete(context.submissions)?.drains === true,
    isDone: from('POLL', ({ context, event }) => statusOf(context.submissions, event.by) === 'done'),
    isAbort: from('POLL', ({ context, event }) => statusOf(context.submissions, event.by) === 'abort'),
  },
  actions: {
    add: assign({
      submissions: from('SUBMIT', ({ context, event: { by, device, drains } }) => {
        const isFetched = context.ite === null;
        return [...context.submissions, { by, device, drains, isFetched, isOpen: true, status: 'inUse' as const }];
      }),
    }),
    request: send(
      from('SUBMIT', ({ event }) => event.device),
      'INVALIDATE_REQUEST',
    ),
    close: assign({
      submissions: from(['INVALIDATE_COMPLETION', 'TIME_OUT'], ({ context, event }) => {
        const at = context.submissions.findIndex((one) => one.isFetched && one.isOpen && one.device === event.device);
        return kept(context.submissions.map((one, index) => (index === at ? { ...one, isOpen: false } : one)));
      }),
    }),
    abort: assign({
      ite: from('TIME_OUT', ({ event }) => event.device),
      submissions: ({ context }) =>
        context.submissions.map((one) => (isInUse(one) ? { ...one, status: 'aborted' as const } : one)),
    }),
    awaitRequests: send('buffer', 'WAIT_DESCRIPTOR'),
    writeStatus: assign({
      submissions: ({ context: { submissions } }) => {
        const at = submissions.findIndex(isInUse);
        return submissions.map((one, index) => (index === at ? { ...one, status: 'done' as const } : one));
      },
    }),
    replyDone: reply('DONE'),
    replyAborted: reply('ABORTED'),
    replyIte: reply(({ context }) => ({ type: 'ITE', device: context.ite! })),
    requestUnfetched: sendEach(
      ({ context }) => context.submissions.filter(({ isFetched }) => !isFetched).map(({ device }) => device),
      'INVALIDATE_REQUEST',
    ),
    clear: assign({
      ite: null,
      submissions: ({ context }) =>
        context.submissions.map((one) => {
          return { ...one, isFetched: true, status: one.status === 'aborted' ? ('abort' as const) : one.status };
        }),
    }),
    free: assign({
      submissions: from(['POLL', 'FREE'], ({ context, event }) =>
        kept(
          context.submissions.map((one) =>
            one.by === event.by ? { ...one, by: null, drains: false, status: 'abort' as const } : one,
          ),
        ),
      ),
    }),
  },
}).createMachine({
  id: 'invalidationQueueAborts',
  context: ({ input }) => ({ ...input, submissions: [], ite: null }),
  on: {
    SUBMIT: [{ guard: 'isStopped', actions: 'add' }, { actions: ['add', 'request'] }],
    INVALIDATE_COMPLETION: { actions: 'close' },
    TIME_OUT: { actions: ['close', 'abort'] },
    RUN: [
      { guard: 'isCompleteAndDrains', actions: ['awaitRequests', 'writeStatus'] },
      { guard: 'isComplete', actions: 'writeStatus' },
    ],
    POLL: [
      { guard: 'isDone', actions: ['replyDone', 'free'] },
      { guard: 'isAbort', actions: ['replyAborted', 'free'] },
      { guard: 'isStopped', actions: 'replyIte' },
    ],
    CLEAR_ITE: { actions: ['requestUnfetched', 'clear'] },
    FREE: { actions: 'free' },
  },
});

function isInUse({ status, isFetched }: Submission): boolean {
  return status === 'inUse' && isFetched;
}

/** The one whose wait descriptor the hardware is at, if all that it waits for is complete. */
function complete(submissions: readonly Submission[]): Submission | undefined {
  const at = submissions.findIndex(isInUse);
  return submissions.slice(0, at + 1).every(({ isOpen }) => !isOpen) ? submissions[at] : undefined;
}

function statusOf(submissions: readonly Submission[], by: string) {
  return submissions.find((one) => one.by === by)?.status;
}

/** Those that somebody polls, or that the function has still to complete. */
function kept(submissions: readonly Submission[]): Submission[] {
  return submissions.filter(({ by, isOpen }) => by !== null || isOpen);
}

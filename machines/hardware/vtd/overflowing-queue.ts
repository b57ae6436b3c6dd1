/**
 * The page request queue of VT-d with its overflow (VT-d 7.4.1, 7.5, 11.4.11): head and tail, and in the status register the bits Pending
 * Page Request (PPR) and Page Request Overflow (PRO).
 *
 *   room, PRO clear   a request is stored at the tail, and PPR is set
 *   full              PRO is set, this request included in what follows
 *   PRO set           a request that is the last of its group is answered Success by the hardware, others are dropped in silence; also
 *                     when software has made room again, until it clears PRO
 *
 * An interrupt goes out where PPR or PRO is set and neither was. The same rules as those of an SMMUv3 (`../smmu/pri-queue.ts`), where one
 * write moves the index and acknowledges; here these are two registers.
 *
 * `descriptor-ring.ts` and `page-request-registers.ts` are this queue where it never overflows.
 *
 * Simplifications: head and tail are kept as what is between them, and as many requests fit as there are entries (in the ring one entry is
 * always free); no PASID; the interrupt is not masked, and is there within the step.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, send, tell } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PageRequest } from '../pcie/page-request.ts';

export type OverflowingQueueEvent =
  | ({ type: 'PAGE_REQUEST' } & PageRequest)
  /** PPR is written with 1, which clears it. */
  | { type: 'CLEAR_PPR' }
  /** PQT and PQH are read; the reply is POINTERS, with the number of requests between them. */
  | { type: 'READ_POINTERS'; by: string }
  /** The request that many places after the head; the reply is ENTRY. */
  | { type: 'READ_ENTRY'; at: number; by: string }
  /** PQH is moved over that many requests. */
  | { type: 'WRITE_HEAD'; requests: number }
  /** PRO is read, then PQT and PQH; the reply is STATUS. */
  | { type: 'READ_STATUS'; by: string }
  /** PRO is written with 1, which clears it. */
  | { type: 'CLEAR_PRO' }
  /** Of an emulated queue (`../../vmm/emulated-prq.ts`): its owner has a request; the reply is STORED or ENOSPC. */
  | { type: 'REQUEST_PAGE'; request: PageRequest; by: string }
  /** The same, for all requests of a group or none of them. */
  | { type: 'REQUEST_PAGES'; requests: readonly PageRequest[]; by: string }
  /** The same: its owner sets PRO, without a request that finds no room. */
  | { type: 'SET_PRO' };

export interface OverflowingQueueInput {
  readonly name: string;
  readonly entries: number;
  /** The interrupt thread. */
  readonly thread: string;
}

const ring = entriesIn('requests', 'entries');

/** What emulations of it are made of. */
export const overflowingQueueParts = setup({
  types: {
    input: {} as OverflowingQueueInput,
    context: {} as OverflowingQueueInput & {
      readonly requests: readonly PageRequest[];
      readonly ppr: boolean;
      readonly pro: boolean;
    },
    events: {} as OverflowingQueueEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isWritable: ({ context }) => !context.pro && context.requests.length < context.entries,
    areWritable: from(
      'REQUEST_PAGES',
      ({ context, event }) => !context.pro && context.requests.length + event.requests.length <= context.entries,
    ),
    isLast: ({ event }) => event.type === 'PAGE_REQUEST' && event.last,
  },
  actions: {
    store: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    storeRequest: ring.add(from('REQUEST_PAGE', ({ event }) => event.request)),
    storeRequests: assign({
      requests: from('REQUEST_PAGES', ({ context, event }) => [...context.requests, ...event.requests]),
    }),
    // VT-d 7.5: no event while one of the two bits is set.
    generateEvent: enqueueActions(({ context, enqueue }) => {
      if (!context.ppr && !context.pro) tell(enqueue, context.thread, { type: 'IRQ' });
    }),
    setPpr: assign({ ppr: true }),
    setPro: assign({ pro: true }),
    answerSuccess: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event: { index, generation } }) => {
        return { type: 'PRG_RESPONSE', index, code: 'success', by: context.name, generation };
      }),
    ),
    clearPpr: assign({ ppr: false }),
    clearPro: assign({ pro: false }),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests.length })),
    replyEntry: reply(
      from('READ_ENTRY', ({ context, event }) => ({ type: 'ENTRY', request: context.requests[event.at]! })),
    ),
    moveHead: ring.drop(from('WRITE_HEAD', ({ event }) => event.requests)),
    replyStatus: reply(({ context: { pro, requests } }) => ({ type: 'STATUS', pro, isEmpty: requests.length === 0 })),
    replyStored: reply('STORED'),
    replyNoSpace: reply('ENOSPC'),
  },
});

/** What software does to the registers. */
export const registersOfQueue = {
  CLEAR_PPR: { actions: 'clearPpr' },
  READ_POINTERS: { actions: 'replyPointers' },
  READ_ENTRY: { actions: 'replyEntry' },
  WRITE_HEAD: { actions: 'moveHead' },
  READ_STATUS: { actions: 'replyStatus' },
  CLEAR_PRO: { actions: 'clearPro' },
} as const;

export const overflowingQueueConfig = {
  context: ({ input }: { input: OverflowingQueueInput }) => ({ ...input, requests: [], ppr: false, pro: false }),
};

export const overflowingQueue = overflowingQueueParts.createMachine({
  id: 'overflowingQueue',
  ...overflowingQueueConfig,
  on: {
    ...registersOfQueue,
    PAGE_REQUEST: [
      { guard: 'isWritable', actions: ['store', 'generateEvent', 'setPpr'] },
      // VT-d 7.4.1: Success for the last request of a group that finds the queue full, or PRO set.
      { guard: 'isLast', actions: ['generateEvent', 'setPro', 'answerSuccess'] },
      { actions: ['generateEvent', 'setPro'] },
    ],
  },
});

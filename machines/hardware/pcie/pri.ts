/**
 * The Page Request Interface of one PCIe function: its credits, its outstanding groups and its status bits.
 *
 * The contexts of the function that want pages (`page-request-group.ts`) post through it; answers come back to it and are
 * handed to the context that owns the index. List 'POST' as `blocking`: without a credit, or when PRI has failed, the
 * context waits.
 *
 * Simplifications: PRI is enabled from the start and never reset; what is posted is at the IOMMU within the same step, unless the system declares a channel for
 * PAGE_REQUEST; PRI of a function is not shared with virtual functions; the answer needs no PASID.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';
import type { PageRequest, PageResponse } from './page-request.ts';

export type PriEvent =
  | ({ type: 'POST' } & Omit<PageRequest, 'device'>)
  | { type: 'POST_STOP_MARKER' }
  /** A device that waits no longer for an answer takes the index for free, and gets no credit back (no PCIe rule allows it). */
  | { type: 'ABANDON'; index: string }
  | ({ type: 'PRG_RESPONSE' } & PageResponse);

export interface OutstandingGroup {
  /** Requests of the group that were posted; each holds one credit. */
  requests: number;
  /** The request with the L bit was among them, so an answer is due. */
  complete: boolean;
}

export const pri = setup({
  types: {
    input: {} as {
      /** The function's own name. */
      device: string;
      /** Where page requests go: the IOMMU's page request queue. */
      iommu: string;
      /** Which actor owns which page request group index. */
      owners: Readonly<Record<string, string>>;
      /** Outstanding Page Request Allocation, written by the OS. */
      credits: number;
    },
    context: {} as {
      device: string;
      iommu: string;
      owners: Readonly<Record<string, string>>;
      credits: number;
      outstanding: Readonly<Record<string, OutstandingGroup>>;
      /** Unexpected Page Request Group Index, status bit 1. */
      uprgi: boolean;
      /** For observers only: an answer came for a group that is begun and not complete. No status bit says so. */
      answeredEarly: boolean;
    },
    events: {} as PriEvent,
  },
  guards: {
    hasCredit: ({ context }) => context.credits > 0,
    isExpected: ({ context, event }) =>
      event.type === 'PRG_RESPONSE' && context.outstanding[event.index]?.complete === true,
    isFailure: ({ context, event }) =>
      event.type === 'PRG_RESPONSE' && event.code === 'failure' && context.outstanding[event.index]?.complete === true,
    isBegun: ({ context, event }) => event.type === 'PRG_RESPONSE' && event.index in context.outstanding,
  },
  actions: {
    takeCredit: assign(
      from('POST', ({ context, event }) => {
        const requests = (context.outstanding[event.index]?.requests ?? 0) + 1;
        return {
          credits: context.credits - 1,
          outstanding: { ...context.outstanding, [event.index]: { requests, complete: event.last } },
        };
      }),
    ),
    sendPageRequest: send(
      'iommu',
      from('POST', ({ context, event }) => {
        const { index, page, last, generation } = event;
        return { type: 'PAGE_REQUEST', device: context.device, index, page, last, generation };
      }),
    ),
    sendStopMarker: send('iommu', ({ context }) => ({ type: 'STOP_MARKER', device: context.device, stopMarker: true })),
    returnCredits: assign(
      from('PRG_RESPONSE', ({ context, event }) => {
        const { [event.index]: group, ...others } = context.outstanding;
        return { credits: context.credits + (group?.requests ?? 0), outstanding: others };
      }),
    ),
    forgetGroup: assign(
      from('ABANDON', ({ context, event }) => {
        const { [event.index]: _, ...outstanding } = context.outstanding;
        return { outstanding };
      }),
    ),
    tellOwner: send(
      from('PRG_RESPONSE', ({ context, event }) => context.owners[event.index]!),
      from('PRG_RESPONSE', ({ event }) => ({ type: 'ANSWERED', code: event.code })),
    ),
    setUprgi: assign({ uprgi: true }),
    noteEarlyAnswer: assign({ answeredEarly: true }),
  },
}).createMachine({
  id: 'pri',
  context: ({ input }) => ({ ...input, outstanding: {}, uprgi: false, answeredEarly: false }),
  initial: 'enabled',
  states: {
    enabled: {
      on: {
        // PCIe 10.4.1: each request takes a credit; no credit, no request.
        POST: { guard: 'hasCredit', actions: ['takeCredit', 'sendPageRequest'] },
        POST_STOP_MARKER: { actions: 'sendStopMarker' },
        ABANDON: { actions: 'forgetGroup' },
        PRG_RESPONSE: [
          // PCIe 10.4.2: Response Failure is catastrophic; RF is set and nothing more is sent until the OS resets PRI.
          { guard: 'isFailure', target: 'failed', actions: ['returnCredits', 'tellOwner'] },
          // The credits of a group come back with its one answer, and its index is free.
          { guard: 'isExpected', actions: ['returnCredits', 'tellOwner'] },
          // An incomplete group matches, so UPRGI is not set; what the function makes of it, PCIe does not say.
          { guard: 'isBegun', actions: 'noteEarlyAnswer' },
          // PCIe 10.5.2.3: an index that no outstanding request has sets UPRGI; the response is otherwise ignored.
          { actions: 'setUprgi' },
        ],
      },
    },
    failed: {
      on: {
        // The other groups of the function may still get their answers, but nobody waits for them any more.
        PRG_RESPONSE: {},
        POST_STOP_MARKER: {},
        ABANDON: {},
      },
    },
  },
});

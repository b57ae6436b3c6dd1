/**
 * One stream of a device that the SMMU translates for (no ATS) and whose faulting transactions it can stall: the device's
 * DMA and, while that is stalled, the SMMU's record of it.
 *
 *   idle -DMA-> translated: the access is done
 *            -> no translation: stalled, an event is recorded -RETRY-> translated again, as if newly arrived
 *                                                             -TERMINATE-> aborted, idle
 *
 * List 'DMA' as `blocking`: a stream with a stalled transaction takes no other.
 *
 * Simplifications: one transaction at a time, so the STAG can be named after the stream; translation and access are one
 * step, because CMD_SYNC after an invalidation waits for the transactions that used the old translation (SMMUv3 3.21.1). A stall
 * that has a record is retried by CMD_RESUME only, though the SMMU may do it on its own at any time (3.12.2.2, see `./event-queue.ts`), and
 * TERMINATE always aborts, though a successful retry may come first (4.7.1): more accesses end well in hardware than here.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type DmaStreamEvent =
  | { type: 'DMA'; page: string; write: boolean }
  | { type: 'TRANSLATION_COMPLETION'; frame: string | null; writable: boolean }
  /** The SMMU tries again: CMD_RESUME with Ac = 1, or on its own before the stall is recorded. */
  | { type: 'RETRY' }
  /** CMD_RESUME with Ac = 0. */
  | { type: 'TERMINATE' };

export const dmaStream = setup({
  types: {
    input: {} as {
      name: string;
      eventQueue: string;
      /** The TLB entry of each page. */
      tlbs: Readonly<Record<string, string>>;
    },
    context: {} as {
      name: string;
      eventQueue: string;
      tlbs: Readonly<Record<string, string>>;
      page: string | null;
      write: boolean;
    },
    events: {} as DmaStreamEvent,
  },
  guards: {
    isTranslated: ({ event }) => event.type === 'TRANSLATION_COMPLETION' && event.frame !== null,
  },
  actions: {
    setAccess: assign(from('DMA', ({ event }) => ({ page: event.page, write: event.write }))),
    clearAccess: assign({ page: null, write: false }),
    translate: call(
      ({ context }) => context.tlbs[context.page!]!,
      ({ context }) => ({ type: 'TRANSLATION_REQUEST', page: context.page!, write: context.write }),
    ),
    accessFrame: call(
      from('TRANSLATION_COMPLETION', ({ event }) => event.frame!),
      ({ context }) => ({ type: 'ACCESS', page: context.page!, write: context.write }),
    ),
    recordStall: send('eventQueue', ({ context }) => ({
      type: 'STALL',
      stag: context.name,
      page: context.page!,
      write: context.write,
    })),
  },
}).createMachine({
  id: 'dmaStream',
  context: ({ input }) => ({ ...input, page: null, write: false }),
  initial: 'idle',
  states: {
    idle: {
      on: { DMA: { target: 'translating', actions: ['setAccess', 'translate'] } },
    },
    // Left within the step that entered it.
    translating: {
      on: {
        TRANSLATION_COMPLETION: [
          { guard: 'isTranslated', target: 'idle', actions: ['accessFrame', 'clearAccess'] },
          // SMMUv3 3.12.2: the transaction is held until it is retried or terminated.
          { target: 'stalled', actions: 'recordStall' },
        ],
      },
    },
    stalled: {
      on: {
        // SMMUv3 H.a 4.7.1: as if the transaction had just arrived; it may fault again, with a new record.
        RETRY: { target: 'translating', actions: 'translate' },
        TERMINATE: { target: 'idle', actions: 'clearAccess' },
      },
    },
  },
});

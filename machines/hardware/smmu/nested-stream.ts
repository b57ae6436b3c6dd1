/**
 * One stream of a device behind an SMMU that translates it in two stages, and stalls its faults at either: `dma-stream.ts` with nested
 * translation. A retry is a new translation, which may get further than the first and end at the other stage (SMMUv3 3.12, 3.12.2): then it is a new
 * stall, with a record of its own, whose S2 says at which stage.
 *
 * List 'DMA' as `blocking`: a stream with a stalled transaction takes no other.
 *
 * Simplifications: one transaction at a time, so the STAG can be named after the stream; every DMA is a read; no TLB.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type NestedStreamEvent =
  | { type: 'DMA'; page: string }
  /** By a `../../kernel/iommu/nested-page.ts`. */
  | { type: 'TRANSLATED'; page: string; present: boolean; faultAt: 1 | 2 | null }
  /** CMD_RESUME, with Ac = 1 and with Ac = 0. */
  | { type: 'RETRY' }
  | { type: 'TERMINATE' };

export const nestedStream = setup({
  types: {
    input: {} as { name: string; eventQueue: string },
    context: {} as { readonly name: string; readonly eventQueue: string; readonly page: string | null },
    events: {} as NestedStreamEvent,
  },
  guards: { isTranslated: from('TRANSLATED', ({ event }) => event.present) },
  actions: {
    setPage: assign({ page: from('DMA', ({ event }) => event.page) }),
    clearPage: assign({ page: null }),
    translate: call(({ context }) => context.page!, 'TRANSLATE'),
    recordStall: send(
      'eventQueue',
      from('TRANSLATED', ({ context, event }) => ({
        type: 'STALL',
        stag: context.name,
        page: context.page!,
        write: false,
        ...(event.faultAt === 2 && { stage2: true }),
      })),
    ),
  },
}).createMachine({
  id: 'nestedStream',
  context: ({ input }) => ({ ...input, page: null }),
  initial: 'idle',
  states: {
    idle: { on: { DMA: { target: 'translating', actions: ['setPage', 'translate'] } } },
    // Left within the step that entered it.
    translating: {
      on: {
        TRANSLATED: [
          // The access.
          { guard: 'isTranslated', target: 'idle', actions: 'clearPage' },
          { target: 'stalled', actions: 'recordStall' },
        ],
      },
    },
    stalled: {
      on: {
        RETRY: { target: 'translating', actions: 'translate' },
        TERMINATE: { target: 'idle', actions: 'clearPage' },
      },
    },
  },
});

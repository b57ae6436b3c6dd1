/**
 * A stream of a device that uses one PASID, with stalls: `dma-stream.ts` where it matters in whose address space a transaction is
 * translated. A stalled transaction keeps its PASID, and nothing else of the process that it was started for: when it is
 * retried, the PASID's context descriptor says what its address means.
 *
 * List 'DMA' as `blocking`: a stream with a stalled transaction takes no other. A driver that waits until its device has done with
 * all transactions before it gives the PASID up sends AWAIT_IDLE; list it too.
 *
 * Simplifications: one transaction at a time, so the STAG can be named after the stream; every DMA is a write; no TLB.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type SubstreamEvent =
  /** `process` is for observers only: whose DMA it is. */
  | { type: 'DMA'; page: string; process: string }
  | { type: 'AWAIT_IDLE' }
  | { type: 'TRANSLATED'; page: string; present: boolean }
  /** The context descriptor is not valid. */
  | { type: 'ABORTED' }
  /** CMD_RESUME, with Ac = 1 and with Ac = 0. */
  | { type: 'RETRY' }
  | { type: 'TERMINATE' };

export interface SubstreamInput {
  readonly name: string;
  /** A `context-descriptor.ts`. */
  readonly descriptor: string;
  readonly eventQueue: string;
}

export const substream = setup({
  types: {
    input: {} as SubstreamInput,
    context: {} as SubstreamInput & { readonly page: string | null },
    events: {} as SubstreamEvent,
  },
  guards: {
    isPresent: ({ event }) => event.type === 'TRANSLATED' && event.present,
  },
  actions: {
    setPage: assign({ page: from('DMA', ({ event }) => event.page) }),
    clearPage: assign({ page: null }),
    translate: call('descriptor', ({ context }) => ({ type: 'TRANSLATE_VA', page: context.page! })),
    recordStall: send('eventQueue', ({ context }) => ({
      type: 'STALL',
      stag: context.name,
      page: context.page!,
      write: true,
    })),
  },
}).createMachine({
  id: 'substream',
  context: ({ input }) => ({ ...input, page: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { DMA: { target: 'translating', actions: ['setPage', 'translate'] }, AWAIT_IDLE: {} },
    },
    // Left within the step that entered it.
    translating: {
      on: {
        TRANSLATED: [
          // The access.
          { guard: 'isPresent', target: 'idle', actions: 'clearPage' },
          // SMMUv3 3.12.2
          { target: 'stalled', actions: 'recordStall' },
        ],
        ABORTED: { target: 'idle', actions: 'clearPage' },
      },
    },
    stalled: {
      on: {
        // SMMUv3 4.6.1: as if the transaction had just arrived.
        RETRY: { target: 'translating', actions: 'translate' },
        TERMINATE: { target: 'idle', actions: 'clearPage' },
      },
    },
  },
});

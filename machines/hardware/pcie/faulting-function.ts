/**
 * A PCIe function reduced to what the kernel's fault software sees of it: page request groups go out, answers come in,
 * and its driver can stop and start it. Where REQUEST comes from another actor, list it as `blocking`: an index that is in
 * use takes no other DMA, nor does a function that is stopped.
 *
 * Simplifications: DMA always misses, so there are no translations and no ATC (`page-request-group.ts` and
 * `atc-entry.ts` have them); every group asks for the same pages; an index may be used again as soon as it has its
 * answer, whatever the answer was; a request is in the IOMMU's queue within the step that posts it, and the function
 * waits (it has no credit) while that queue is full; the ghost `generation` is not used and always 0.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import type { PageRequest, PageResponse } from './page-request.ts';

export type FaultingFunctionEvent =
  /** DMA misses and the function posts the first request of a group that uses this index. */
  | { type: 'REQUEST'; index: string }
  /** The function goes on: it posts the group's next request; the last one has the L bit. */
  | { type: 'RUN'; index: string }
  | ({ type: 'PRG_RESPONSE' } & PageResponse)
  /** The driver stops DMA (PCIe 6.20.1): no new request from now on; what was posted stays posted. */
  | { type: 'STOP' }
  /** The driver resets the function and lets it run again: it forgets the indexes that it had in use. */
  | { type: 'START' };

export interface FaultingFunctionContext {
  readonly name: string;
  /** Where page requests go: the IOMMU's page request queue. */
  readonly queue: string;
  /** What each group asks for, one request per page. */
  readonly pages: readonly string[];
  /** By index: whose DMA it is, if somebody in the system wants to hear that it may be tried again. */
  readonly initiators: Readonly<Record<string, string>>;
  /** How many requests of an index in use were posted; after the last one the index waits for its answer. */
  readonly posted: Readonly<Record<string, number>>;
}

export const faultingFunction = setup({
  types: {
    input: {} as Pick<FaultingFunctionContext, 'name' | 'queue' | 'pages'> & {
      initiators?: FaultingFunctionContext['initiators'];
    },
    context: {} as FaultingFunctionContext,
    events: {} as FaultingFunctionEvent,
  },
  guards: {
    isFree: ({ context, event }) => event.type === 'REQUEST' && !(event.index in context.posted),
    hasMoreToAsk: ({ context, event }) =>
      event.type === 'RUN' && event.index in context.posted && context.posted[event.index]! < context.pages.length,
    isAwaited: ({ context, event }) =>
      event.type === 'PRG_RESPONSE' && context.posted[event.index] === context.pages.length,
  },
  actions: {
    postRequest: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, ['REQUEST', 'RUN']);
      const { name, queue, pages, posted } = context;
      const before = posted[event.index] ?? 0;
      const request: PageRequest = {
        device: name,
        index: event.index,
        page: pages[before]!,
        last: before + 1 === pages.length,
        generation: 0,
      };
      const message = { type: 'PAGE_REQUEST', ...request };
      enqueue.assign({ posted: { ...posted, [event.index]: before + 1 } });
      tell(enqueue, queue, message);
    }),
    freeIndex: assign({
      posted: from('PRG_RESPONSE', ({ context, event }) => {
        const { [event.index]: _, ...others } = context.posted;
        return others;
      }),
    }),
    tellInitiator: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'PRG_RESPONSE');
      const initiator = context.initiators[event.index];
      if (initiator !== undefined) tell(enqueue, initiator, { type: 'ANSWERED' });
    }),
    forgetIndexes: assign({ posted: {} }),
  },
}).createMachine({
  id: 'faultingFunction',
  context: ({ input }) => ({ initiators: {}, ...input, posted: {} }),
  initial: 'running',
  on: {
    PRG_RESPONSE: [
      // PCIe 10.4.2: the group has its answer and its index is free at once.
      { guard: 'isAwaited', actions: ['freeIndex', 'tellInitiator'] },
      // PCIe 10.5.2.3: an answer for an index without a request sets UPRGI; of one for a group that is not complete PCIe says nothing.
      { target: '.unexpectedIndex' },
    ],
  },
  states: {
    running: {
      on: {
        REQUEST: { guard: 'isFree', actions: 'postRequest' },
        RUN: { guard: 'hasMoreToAsk', actions: 'postRequest' },
        STOP: 'stopped',
      },
    },
    // A group may have been cut off in the middle: its first requests are out and its last one never comes.
    stopped: {
      on: { START: { target: 'running', actions: 'forgetIndexes' } },
    },
    // The function goes on in hardware, here it stays, whatever its driver does, so that the answer is what is told.
    unexpectedIndex: { on: { PRG_RESPONSE: {}, REQUEST: {}, RUN: {}, STOP: {}, START: {} } },
  },
});

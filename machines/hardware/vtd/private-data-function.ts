/**
 * A function behind a VT-d IOMMU whose page requests may have private data (Private Data Present, VT-d 7.4.1): two quadwords that software
 * has to put into the Page Group Response as they are, and by which the hardware finds the request that is answered (VT-d 7.6, 7.7). An
 * answer whose private data is that of no request in flight answers none. With private data each request gets an answer of its own, also
 * one that is not the last of its group.
 *
 *   stopped -START_PASID-> running -POST-> running ...
 *
 * List 'PAGE_REQUEST' as `blocking`.
 *
 * Simplifications: DMA always misses; the private data is the number of the request in its group, beginning with 1 (a function whose private
 * data happened to be 0 would not notice that it is cleared); a group has one request or two; that a wrong answer is ignored is our reading
 * of VT-d, which only says what software must do.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import type { PageResponse } from '../pcie/page-request.ts';

export type PrivateDataFunctionEvent =
  /** DMA misses; without `last` the group has a second request. */
  | { type: 'POST'; index: string; last: boolean }
  | ({ type: 'PRG_RESPONSE'; privateData?: number } & PageResponse)
  | { type: 'START_PASID'; pasid: string };

/** A group from its first request until it is complete and all its requests are answered. */
interface Group {
  readonly posted: number;
  readonly complete: boolean;
  /** The private data of what is in flight; 0 is none. */
  readonly awaited: readonly number[];
}

export const privateDataFunction = setup({
  types: {
    input: {} as { name: string; iommu: string; pasid: string; hasPrivateData: boolean },
    context: {} as {
      readonly name: string;
      readonly iommu: string;
      readonly pasid: string;
      readonly hasPrivateData: boolean;
      readonly groups: Readonly<Record<string, Group>>;
    },
    events: {} as PrivateDataFunctionEvent,
  },
  guards: {
    mayPost: from('POST', ({ context: { groups }, event: { index, last } }) => {
      const group = groups[index];
      return group === undefined || (last && !group.complete);
    }),
    isAwaited: from('PRG_RESPONSE', ({ context, event: { index, privateData = 0 } }) => {
      return context.groups[index]?.awaited.includes(privateData) ?? false;
    }),
  },
  actions: {
    post: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'POST');
      const { name, iommu, pasid, hasPrivateData, groups } = context;
      const { index, last } = event;
      const { posted, awaited } = groups[index] ?? { posted: 0, awaited: [] };
      const privateData = hasPrivateData ? posted + 1 : 0;
      // Without private data only the last request of a group is answered.
      const more = hasPrivateData || last ? [privateData] : [];
      enqueue.assign({
        groups: { ...groups, [index]: { posted: posted + 1, complete: last, awaited: [...awaited, ...more] } },
      });
      const request = { type: 'PAGE_REQUEST', device: name, index, pasid, last, generation: 0 };
      const described = hasPrivateData ? { ...request, privateData } : request;
      tell(enqueue, iommu, described);
    }),
    takeAnswer: assign({
      groups: from('PRG_RESPONSE', ({ context: { groups }, event: { index, privateData = 0 } }) => {
        const { [index]: group, ...others } = groups;
        const awaited = group!.awaited.filter((other) => other !== privateData);
        return group!.complete && awaited.length === 0 ? others : { ...others, [index]: { ...group!, awaited } };
      }),
    }),
  },
}).createMachine({
  id: 'privateDataFunction',
  context: ({ input }) => ({ ...input, groups: {} }),
  initial: 'stopped',
  states: {
    stopped: { on: { START_PASID: 'running' } },
    running: {
      on: {
        POST: { guard: 'mayPost', actions: 'post' },
        PRG_RESPONSE: [{ guard: 'isAwaited', actions: 'takeAnswer' }, {}],
      },
    },
  },
});

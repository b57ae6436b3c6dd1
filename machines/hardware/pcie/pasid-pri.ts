/**
 * The Page Request Interface of a function with PASIDs, as its driver and the IOMMU's see it: Enable, the groups that wait, and the status bits
 * RF and UPRGI. PRG Response PASID Required is set: an answer is for a group when it has its index and its PASID (PCIe 10.4.2 and 10.5.2.3).
 *
 *   on -DISABLE_PRI-> off: nothing new is asked for, and what was asked for is still answered (Stopped when nothing waits)
 *   on -Response Failure-> failed (RF), until it is reset
 *
 * List 'AWAIT_STOPPED' as `blocking`.
 *
 * Simplifications: one PASID; groups of any number of requests; no credits; the ghost `generation` counts the uses of an index, modulo two.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import type { PageResponse } from './page-request.ts';
import type { PasidRequest } from './pasid-function.ts';

export type PasidPriEvent =
  /** DMA misses; without `last` the group has another request. */
  | { type: 'POST'; index: string; last: boolean }
  | ({ type: 'PRG_RESPONSE' } & PageResponse)
  | { type: 'DISABLE_PRI' }
  | { type: 'AWAIT_STOPPED' }
  /** pci_reset_pri(): all groups and status bits are forgotten. */
  | { type: 'RESET_PRI' }
  | { type: 'ENABLE_PRI' };

export const pasidPri = setup({
  types: {
    input: {} as { name: string; iommu: string; pasid: string },
    context: {} as {
      readonly name: string;
      readonly iommu: string;
      readonly pasid: string;
      /** By index: whether the last request was posted. */
      readonly groups: Readonly<Record<string, { readonly complete: boolean }>>;
      readonly uses: Readonly<Record<string, number>>;
      readonly uprgi: boolean;
      /** For observers only: an answer to one use of an index was taken for another. */
      readonly tookOldAnswer: boolean;
    },
    events: {} as PasidPriEvent,
  },
  guards: {
    mayPost: from('POST', ({ context, event }) => context.groups[event.index]?.complete !== true),
    isFailure: from('PRG_RESPONSE', ({ event }) => event.code === 'failure'),
    isExpected: from('PRG_RESPONSE', ({ context, event }) => {
      return context.groups[event.index]?.complete === true && event.pasid === context.pasid;
    }),
    isBegun: from('POST', ({ context, event }) => event.last && context.groups[event.index]?.complete === false),
    isStopped: ({ context }) => Object.keys(context.groups).length === 0,
  },
  actions: {
    post: enqueueActions(({ context: { name, iommu, pasid, groups, uses }, event, enqueue }) => {
      assertEvent(event, 'POST');
      const { index, last } = event;
      const generation = index in groups ? uses[index]! : (1 + (uses[index] ?? 1)) % 2;
      enqueue.assign({ groups: { ...groups, [index]: { complete: last } }, uses: { ...uses, [index]: generation } });
      const request: PasidRequest = { device: name, index, pasid, last, generation };
      const message = { type: 'PAGE_REQUEST', ...request };
      tell(enqueue, iommu, message);
    }),
    endGroup: assign(({ context: { groups, uses, tookOldAnswer }, event }) => {
      assertEvent(event, 'PRG_RESPONSE');
      const { [event.index]: _, ...others } = groups;
      return { groups: others, tookOldAnswer: tookOldAnswer || uses[event.index] !== event.generation };
    }),
    setUprgi: assign({ uprgi: true }),
    forget: assign({ groups: {}, uprgi: false }),
  },
}).createMachine({
  id: 'pasidPri',
  context: ({ input }) => ({ ...input, groups: {}, uses: {}, uprgi: false, tookOldAnswer: false }),
  initial: 'on',
  states: {
    on: {
      on: {
        POST: { guard: 'mayPost', actions: 'post' },
        PRG_RESPONSE: [
          // Of a Failure only the index matters: PRI ends.
          { guard: 'isFailure', target: 'failed', actions: 'forget' },
          { guard: 'isExpected', actions: 'endGroup' },
          { actions: 'setUprgi' },
        ],
        DISABLE_PRI: 'off',
      },
    },
    failed: {
      on: {
        // Nobody waits for these any more.
        PRG_RESPONSE: {},
        DISABLE_PRI: {},
        AWAIT_STOPPED: {},
        RESET_PRI: { target: 'off', actions: 'forget' },
      },
    },
    off: {
      on: {
        // A group that is begun is ended.
        POST: { guard: 'isBegun', actions: 'post' },
        PRG_RESPONSE: [
          { guard: 'isFailure', target: 'failed', actions: 'forget' },
          { guard: 'isExpected', actions: 'endGroup' },
          { actions: 'setUprgi' },
        ],
        DISABLE_PRI: {},
        AWAIT_STOPPED: { guard: 'isStopped' },
        RESET_PRI: { actions: 'forget' },
        ENABLE_PRI: 'on',
      },
    },
  },
});

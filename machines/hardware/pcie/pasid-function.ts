/**
 * A PCIe function with PASIDs, reduced to its page requests: groups of one request or of two, each for one PASID.
 *
 * A request goes to the IOMMU within the step that posts it. List 'PAGE_REQUEST' as `blocking`: where the IOMMU has no
 * room the function waits, as it does without a credit. List 'AWAIT_PASID' where a driver waits for the function.
 *
 * An answer is taken for the group that has its index, although its last request is still to come: PCIe calls a response
 * unexpected when it matches no outstanding request (10.5.2.3, from memory). The rest of such a group is posted all the
 * same.
 *
 * Simplifications: DMA always misses, so there is no ATC; addresses are left out; whatever the answer was, the index is
 * free. The ghost `generation` tells one use of an index from the one before.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import { names } from '../../parts/names.ts';
import type { PageRequest, PageResponse } from './page-request.ts';

/** A Page Request Message with its PASID prefix; without the address. */
export type PasidRequest = Pick<PageRequest, 'device' | 'index' | 'last' | 'generation'> & { readonly pasid: string };

/** What the function knows of a group from its first request until it is complete and answered. */
export interface PostedGroup {
  readonly pasid: string;
  readonly complete: boolean;
  readonly answered: boolean;
}

export type PasidFunctionEvent =
  /** DMA under this PASID misses; without `last` the group has a second request. */
  | { type: 'POST'; index: string; pasid: string; last: boolean }
  | ({ type: 'PRG_RESPONSE' } & PageResponse)
  /** The driver stops the PASID (PCIe 6.20.1): what was posted stays posted, and nothing new comes. */
  | { type: 'STOP_PASID'; pasid: string }
  | { type: 'START_PASID'; pasid: string }
  /** PCIe 6.20.1: the function says that the PASID is stopped when all its groups have their answers. */
  | { type: 'AWAIT_PASID'; pasid: string }
  /** `pci_reset_pri()`: all groups are forgotten. */
  | { type: 'RESET_PRI' };

export const pasidFunction = setup({
  types: {
    input: {} as { name: string; iommu: string },
    context: {} as {
      readonly name: string;
      /** Where page requests go. */
      readonly iommu: string;
      readonly groups: Readonly<Record<string, PostedGroup>>;
      readonly stopped: readonly string[];
      /** Ghost: uses of each index, modulo two. */
      readonly uses: Readonly<Record<string, number>>;
    },
    events: {} as PasidFunctionEvent,
  },
  guards: {
    mayPost: from('POST', ({ context: { groups, stopped }, event: { index, pasid, last } }) => {
      const group = groups[index];
      if (stopped.includes(pasid)) return false;
      return group === undefined || (last && !group.complete && group.pasid === pasid);
    }),
    hasNoGroupOf: from('AWAIT_PASID', ({ context, event }) => {
      return Object.values(context.groups).every(({ pasid }) => pasid !== event.pasid);
    }),
    isAwaited: from('PRG_RESPONSE', ({ context, event }) => context.groups[event.index]?.answered === false),
  },
  actions: {
    post: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'POST');
      const { name, iommu, groups, uses } = context;
      const { index, pasid, last } = event;
      const group = groups[index];
      const generation = group ? uses[index]! : (1 + (uses[index] ?? 1)) % 2;
      enqueue.assign({
        groups: withGroup(groups, index, { pasid, complete: last, answered: group?.answered ?? false }),
        uses: { ...uses, [index]: generation },
      });
      const request: PasidRequest = { device: name, index, pasid, last, generation };
      const message = { type: 'PAGE_REQUEST', ...request };
      tell(enqueue, iommu, message);
    }),
    noteAnswer: assign({
      groups: from('PRG_RESPONSE', ({ context: { groups }, event: { index } }) =>
        withGroup(groups, index, { ...groups[index]!, answered: true }),
      ),
    }),
    stop: assign({ stopped: from('STOP_PASID', ({ context, event }) => [...context.stopped, event.pasid]) }),
    start: assign({
      stopped: from('START_PASID', ({ context, event }) => context.stopped.filter((pasid) => pasid !== event.pasid)),
    }),
    forgetGroups: assign({ groups: {} }),
  },
}).createMachine({
  id: 'pasidFunction',
  context: ({ input }) => ({ ...input, groups: {}, stopped: [], uses: {} }),
  on: {
    POST: { guard: 'mayPost', actions: 'post' },
    PRG_RESPONSE: [
      { guard: 'isAwaited', actions: 'noteAnswer' },
      // PCIe 10.5.2.3: sets UPRGI, and is otherwise ignored.
      {},
    ],
    STOP_PASID: { actions: 'stop' },
    START_PASID: { actions: 'start' },
    // That it is not refused is what the driver waited for.
    AWAIT_PASID: { guard: 'hasNoGroupOf' },
    RESET_PRI: { actions: 'forgetGroups' },
  },
});

/** Groups of one request that it may post, with so many indexes. */
export function groupsOfOne(indexes: number, pasid: string) {
  return names('prg', indexes).map((index) => ({ type: 'POST', index, pasid, last: true }) as const);
}

/** Groups of one request or of two. */
export function groupsOfTwo(indexes: number, pasid: string) {
  return groupsOfOne(indexes, pasid).flatMap((last) => [{ ...last, last: false }, last] as const);
}

/** A group that is complete and answered is gone, and its index free. */
function withGroup(groups: Readonly<Record<string, PostedGroup>>, index: string, group: PostedGroup) {
  const { [index]: _, ...others } = groups;
  return group.complete && group.answered ? others : { ...others, [index]: group };
}

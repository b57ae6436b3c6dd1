/**
 * The function of `pasid-function.ts` that numbers its page request groups by PASID, not over all of them: two PASIDs may have a group with
 * one index at the same time. PCIe knows one numbering for a function (10.4.1), so this is a function that does not conform, or one
 * that is made up in software of several others, each with a PASID and a numbering of its own.
 *
 * It tells answers apart by their PASID (PRG Response PASID Required, PCIe 10.5.2.3). For one that it does not wait for it has no transition.
 *
 * Simplifications: as there; no PASID is stopped.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import type { PasidFunctionEvent, PasidRequest, PostedGroup } from './pasid-function.ts';

/** What names a group: no index and no PASID alone. */
const keyOf = ({ index, pasid }: { readonly index: string; readonly pasid?: string }) => `${pasid} ${index}`;

export const pasidFunctionNumbersPerPasid = setup({
  types: {
    input: {} as { name: string; iommu: string },
    context: {} as {
      readonly name: string;
      readonly iommu: string;
      /** By PASID and index, as is `uses`. */
      readonly groups: Readonly<Record<string, PostedGroup>>;
      /** Ghost: uses modulo two. */
      readonly uses: Readonly<Record<string, number>>;
    },
    events: {} as Extract<PasidFunctionEvent, { type: 'POST' | 'PRG_RESPONSE' }>,
  },
  guards: {
    mayPost: from('POST', ({ context, event }) => {
      const group = context.groups[keyOf(event)];
      return group === undefined || (event.last && !group.complete);
    }),
    isAwaited: from('PRG_RESPONSE', ({ context, event }) => context.groups[keyOf(event)]?.complete === true),
  },
  actions: {
    post: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'POST');
      const { name, iommu, groups, uses } = context;
      const { index, pasid, last } = event;
      const key = keyOf(event);
      const generation = key in groups ? uses[key]! : (1 + (uses[key] ?? 1)) % 2;
      enqueue.assign({
        groups: { ...groups, [key]: { pasid, complete: last, answered: false } },
        uses: { ...uses, [key]: generation },
      });
      const request: PasidRequest = { device: name, index, pasid, last, generation };
      tell(enqueue, iommu, { type: 'PAGE_REQUEST', ...request } as { type: string });
    }),
    freeIndex: assign({
      groups: from('PRG_RESPONSE', ({ context, event }) => {
        const { [keyOf(event)]: _, ...others } = context.groups;
        return others;
      }),
    }),
  },
}).createMachine({
  id: 'pasidFunctionNumbersPerPasid',
  context: ({ input }) => ({ ...input, groups: {}, uses: {} }),
  on: {
    POST: { guard: 'mayPost', actions: 'post' },
    PRG_RESPONSE: { guard: 'isAwaited', actions: 'freeIndex' },
  },
});

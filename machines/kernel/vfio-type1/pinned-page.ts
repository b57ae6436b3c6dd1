/**
 * A page of user memory that VFIO pins and maps on demand, as a device sees it: mapped in the IOMMU, and then used, or not.
 * That it was used is the access flag, which the SMMU sets in the page table entry with the first translation (SMMUv3 3.13,
 * HTTU).
 *
 *   unmapped -MAP-> mapped -a device translates-> used -UNMAP-> unmapped
 *
 * It takes the place of a TLB entry (`../../hardware/smmu/tlb.ts`) for a stream, and stands for its own frame.
 *
 * Simplifications: every translation is a walk, so that taking the page away needs no invalidation (`racing-unmap` has that);
 * who decides which page to take away is told of the first use, where it would read the flag.
 */
import { setup } from 'xstate';
import { reply, send } from '../../parts/call.ts';

export type PinnedPageEvent =
  /** A transaction of the stream `by`; the reply is TRANSLATION_COMPLETION. */
  | { type: 'TRANSLATION_REQUEST'; page: string; write: boolean; by: string }
  /** The transaction is done. */
  | { type: 'ACCESS'; by: string; page: string; write: boolean }
  | { type: 'MAP' }
  | { type: 'UNMAP' };

export interface PinnedPageInput {
  name: string;
  /** Who keeps the account of pinned pages. */
  account: string;
}

export const pinnedPage = setup({
  types: {
    input: {} as PinnedPageInput,
    context: {} as PinnedPageInput,
    events: {} as PinnedPageEvent,
  },
  actions: {
    complete: reply(({ context }) => ({ type: 'TRANSLATION_COMPLETION', frame: context.name, writable: true })),
    completeWithout: reply({ type: 'TRANSLATION_COMPLETION', frame: null, writable: false }),
    setAccessFlag: send('account', ({ context }) => ({ type: 'USED', page: context.name })),
  },
}).createMachine({
  id: 'pinnedPage',
  context: ({ input }) => input,
  initial: 'unmapped',
  states: {
    unmapped: {
      on: {
        TRANSLATION_REQUEST: { actions: 'completeWithout' },
        MAP: 'mapped',
      },
    },
    mapped: {
      on: {
        TRANSLATION_REQUEST: { target: 'used', actions: ['setAccessFlag', 'complete'] },
        UNMAP: 'unmapped',
      },
    },
    used: {
      on: {
        TRANSLATION_REQUEST: { actions: 'complete' },
        ACCESS: { actions: [] },
        UNMAP: 'unmapped',
      },
    },
  },
});

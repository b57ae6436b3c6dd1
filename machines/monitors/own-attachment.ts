/**
 * A page request is for the address space that was attached when it was posted. It looks at PAGE_REQUEST of `../hardware/pcie/pasid-function.ts`
 * at the first who takes it, and at ALLOC and IOPF_HANDLER of `../kernel/iommu/attach-handle.ts`, of which there is one.
 */
import { assign, setup } from 'xstate';
import { monitor, type Observed, type Property } from '../../src/system/property.ts';
import type { PasidRequest } from '../hardware/pcie/pasid-function.ts';
import type { PasidGroup } from '../kernel/io-pgfault/v7.0.ts';
import { from } from '../parts/call.ts';

export const HANDLED_AS_POSTED = 'a page request is handled for no later attachment than it was posted under';

/** @param first who takes page requests first */
export function handledAsPosted(first: string): Property {
  return monitor(HANDLED_AS_POSTED, asPosted, { first }, { actors: [first] });
}

type Posted = Observed<{ type: 'PAGE_REQUEST' } & PasidRequest>;
type Attached = Observed<{ type: 'ALLOC' }>;
type Handled = Observed<{ type: 'IOPF_HANDLER'; group: PasidGroup }>;

const asPosted = setup({
  types: {
    input: {} as { first: string },
    context: {} as {
      readonly first: string;
      /** Indexes that were posted under the attachment at hand: the others are from before. */
      readonly posted: readonly string[];
    },
    events: {} as Posted | Attached | Handled,
  },
  guards: {
    isElsewhere: ({ context, event }) => event.to !== context.first,
    isPosted: from('IOPF_HANDLER', ({ context, event }) => context.posted.includes(event.message.group.index)),
  },
  actions: {
    notePosted: assign({
      posted: from('PAGE_REQUEST', ({ context, event }) =>
        [...new Set([...context.posted, event.message.index])].sort(),
      ),
    }),
    forgetPosted: assign({ posted: [] }),
  },
}).createMachine({
  id: 'handledAsPosted',
  context: ({ input }) => ({ ...input, posted: [] }),
  initial: 'own',
  states: {
    own: {
      on: {
        PAGE_REQUEST: [{ guard: 'isElsewhere' }, { actions: 'notePosted' }],
        ALLOC: { actions: 'forgetPosted' },
        IOPF_HANDLER: [{ guard: 'isPosted' }, { target: 'later' }],
      },
    },
    later: { tags: 'violation' },
  },
});

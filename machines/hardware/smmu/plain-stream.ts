/**
 * A device without ATS: the SMMU translates each of its transactions, from the TLB if it is there, and aborts what has no translation.
 *
 * Simplification: translation and access are one step, because CMD_SYNC after a TLBI waits for transactions that used the old translation.
 */
import { setup } from 'xstate';
import { call, from } from '../../parts/call.ts';

export type PlainStreamEvent =
  | { type: 'DMA' }
  | { type: 'TRANSLATION_COMPLETION'; frame: string | null; writable: boolean };

export interface PlainStreamInput {
  readonly name: string;
  readonly page: string;
  /** A `tlb.ts`. */
  readonly iommu: string;
}

export const plainStream = setup({
  types: { input: {} as PlainStreamInput, context: {} as PlainStreamInput, events: {} as PlainStreamEvent },
  guards: { hasFrame: ({ event }) => event.type === 'TRANSLATION_COMPLETION' && event.frame !== null },
  actions: {
    translate: call('iommu', ({ context }) => ({ type: 'TRANSLATION_REQUEST', page: context.page, write: true })),
    access: call(
      from('TRANSLATION_COMPLETION', ({ event }) => event.frame!),
      ({ context }) => ({ type: 'ACCESS', page: context.page, write: true }),
    ),
  },
}).createMachine({
  id: 'plainStream',
  context: ({ input }) => input,
  on: {
    DMA: { actions: 'translate' },
    // Without: F_TRANSLATION, and an abort.
    TRANSLATION_COMPLETION: [{ guard: 'hasFrame', actions: 'access' }, {}],
  },
});

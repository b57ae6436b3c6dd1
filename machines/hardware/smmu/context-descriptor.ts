/**
 * The Context Descriptor of one PASID of one stream (SMMUv3 5.4): whose page table its transactions are translated by, or nobody's
 * (V = 0), and then they are aborted.
 *
 * Simplifications: descriptors are not cached, so that writing one and CMD_CFGI_CD with its CMD_SYNC are one step; an abort leaves
 * no event (F_BAD_CD would be one without a stall).
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type ContextDescriptorEvent =
  | { type: 'INSTALL'; mm: string }
  | { type: 'CLEAR' }
  /** A transaction for this page; the page replies TRANSLATED to the stream, or this one ABORTED. */
  | { type: 'TRANSLATE_VA'; page: string; by: string };

export const contextDescriptor = setup({
  types: {
    input: {} as {
      /** What each address is in each address space (`../../kernel/iommu-sva/page.ts`). */
      pages: Readonly<Record<string, Readonly<Record<string, string>>>>;
    },
    context: {} as {
      readonly pages: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly mm: string | null;
    },
    events: {} as ContextDescriptorEvent,
  },
  actions: {
    setTable: assign({ mm: from('INSTALL', ({ event }) => event.mm) }),
    clearTable: assign({ mm: null }),
    walk: send(
      from('TRANSLATE_VA', ({ context, event }) => context.pages[context.mm!]![event.page]!),
      from('TRANSLATE_VA', ({ event }) => ({ type: 'TRANSLATE', by: event.by })),
    ),
    abort: reply('ABORTED'),
  },
}).createMachine({
  id: 'contextDescriptor',
  context: ({ input }) => ({ pages: input.pages, mm: null }),
  initial: 'invalid',
  states: {
    invalid: {
      on: { INSTALL: { target: 'valid', actions: 'setTable' }, TRANSLATE_VA: { actions: 'abort' } },
    },
    valid: {
      on: { CLEAR: { target: 'invalid', actions: 'clearTable' }, TRANSLATE_VA: { actions: 'walk' } },
    },
  },
});

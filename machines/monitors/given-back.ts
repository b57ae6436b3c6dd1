/**
 * Watches pages of a guest that its drivers take as buffers and give back (KMALLOC, KFREE): no DMA to a page that the guest has given back lands
 * in a frame. The guest may have given the page to somebody else by then.
 */
import { assign, setup } from 'xstate';
import { monitor, type Observed, type Property } from '../../src/system/property.ts';
import { from } from '../parts/call.ts';

export const NO_DMA_TO_GIVEN_BACK_PAGE = 'no DMA reaches a page that the guest has given back';

interface Pages {
  /** The page that each memory is. */
  readonly pages: Readonly<Record<string, string>>;
}

export function noDmaToGivenBackPage(pages: Readonly<Record<string, string>>): Property {
  return monitor(
    NO_DMA_TO_GIVEN_BACK_PAGE,
    givenBack,
    { pages },
    { actors: Object.keys(pages), messages: ['KMALLOC', 'KFREE', 'ACCESS'] },
  );
}

export const givenBack = setup({
  types: {
    input: {} as Pages,
    context: {} as Pages & { readonly taken: readonly string[] },
    events: {} as
      | Observed<{ type: 'KMALLOC' }>
      | Observed<{ type: 'KFREE' }>
      | Observed<{ type: 'ACCESS'; page: string }>,
  },
  guards: {
    isGivenBack: ({ context, event }) => event.type === 'ACCESS' && !context.taken.includes(event.message.page),
  },
  actions: {
    take: assign({
      taken: from('KMALLOC', ({ context, event }) => [...context.taken, context.pages[event.to]!].sort()),
    }),
    giveBack: assign({
      taken: from('KFREE', ({ context, event }) => context.taken.filter((page) => page !== context.pages[event.to])),
    }),
  },
}).createMachine({
  id: 'givenBack',
  context: ({ input }) => ({ ...input, taken: [] }),
  initial: 'clean',
  states: {
    clean: {
      on: {
        KMALLOC: { actions: 'take' },
        KFREE: { actions: 'giveBack' },
        ACCESS: [{ guard: 'isGivenBack', target: 'accessed' }, {}],
      },
    },
    accessed: { tags: 'violation' },
  },
});

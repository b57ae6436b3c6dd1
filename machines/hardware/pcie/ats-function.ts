/**
 * A PCIe function with ATS, its Enable bit and the Address Translation Cache, as far as one page is concerned.
 *
 *   off -ENABLE_ATS-> empty -TRANSLATE_AHEAD-> translating -completion-> cached -DMA-> access to the frame
 *
 * A function may ask for translations at any time and for any reason while the bit is set, long before a DMA needs them: TRANSLATE_AHEAD is a
 * choice. Setting the bit invalidates the ATC; clearing it does not, but nothing is used from it while it is clear. (PCIe 10.2 and 10.5, from
 * memory: the text is not public. That only setting it does is in the message of 8dd8f005bdd4, too.)
 *
 * An IOMMU that says UR to a translation request has no ATS for this function: `unsupported`.
 *
 * List 'DMA' as `blocking`: without a translation in the ATC there is none through it; and 'ENABLE_ATS': that waits for what is under way.
 * Contrast `atc-entry.ts`, which is always on.
 *
 * Simplifications: one page, which it always wants to write; a DMA is one step.
 */
import { assign, setup } from 'xstate';
import { call, from, reply } from '../../parts/call.ts';

export type AtsFunctionEvent =
  /** pci_enable_ats() and pci_disable_ats() */
  | { type: 'ENABLE_ATS' }
  | { type: 'DISABLE_ATS' }
  | { type: 'TRANSLATE_AHEAD' }
  | { type: 'DMA'; page: string }
  | { type: 'TRANSLATION_COMPLETION'; frame: string | null; writable: boolean }
  /** The completion has the status UR. */
  | { type: 'UNSUPPORTED_REQUEST' }
  /** Answered by INVALIDATE_COMPLETION to `by`. */
  | { type: 'INVALIDATE_REQUEST'; by: string };

export interface AtsFunctionInput {
  readonly name: string;
  readonly page: string;
  /** Who answers translation requests. */
  readonly iommu: string;
}

/** What versions of it are made of. */
export const atsFunctionParts = setup({
  types: {
    input: {} as AtsFunctionInput,
    context: {} as AtsFunctionInput & { readonly frame: string | null },
    events: {} as AtsFunctionEvent,
  },
  guards: {
    hasFrame: ({ event }) => event.type === 'TRANSLATION_COMPLETION' && event.frame !== null,
  },
  actions: {
    requestTranslation: call('iommu', ({ context }) => ({
      type: 'TRANSLATION_REQUEST',
      page: context.page,
      write: true,
    })),
    cache: assign({ frame: from('TRANSLATION_COMPLETION', ({ event }) => event.frame) }),
    drop: assign({ frame: null }),
    access: call('frame', ({ context }) => ({ type: 'ACCESS', page: context.page, write: true })),
    completeInvalidation: reply(({ context }) => ({
      type: 'INVALIDATE_COMPLETION',
      by: context.name,
      page: context.page,
    })),
  },
});

/** Another version replaces states. */
export const atsFunctionStates = {
  off: atsFunctionParts.createStateConfig({
    on: {
      ENABLE_ATS: { target: 'empty', actions: 'drop' },
      INVALIDATE_REQUEST: { actions: ['drop', 'completeInvalidation'] },
    },
  }),
  // A request is under way.
  turnedOff: atsFunctionParts.createStateConfig({
    on: {
      TRANSLATION_COMPLETION: 'off',
      UNSUPPORTED_REQUEST: 'unsupported',
      INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
    },
  }),
  empty: atsFunctionParts.createStateConfig({
    on: {
      DISABLE_ATS: 'off',
      TRANSLATE_AHEAD: { target: 'translating', actions: 'requestTranslation' },
      INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
    },
  }),
  translating: atsFunctionParts.createStateConfig({
    on: {
      DISABLE_ATS: 'turnedOff',
      TRANSLATION_COMPLETION: [{ guard: 'hasFrame', target: 'cached', actions: 'cache' }, { target: 'empty' }],
      UNSUPPORTED_REQUEST: 'unsupported',
      INVALIDATE_REQUEST: { target: 'crossed', actions: 'completeInvalidation' },
    },
  }),
  // PCIe 10.3.1: a completion that crosses an Invalidate Request must not be left in the cache.
  crossed: atsFunctionParts.createStateConfig({
    on: {
      DISABLE_ATS: 'turnedOff',
      TRANSLATION_COMPLETION: 'empty',
      UNSUPPORTED_REQUEST: 'unsupported',
      INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
    },
  }),
  cached: atsFunctionParts.createStateConfig({
    on: {
      DISABLE_ATS: 'off',
      DMA: { actions: 'access' },
      INVALIDATE_REQUEST: { target: 'empty', actions: ['drop', 'completeInvalidation'] },
    },
  }),
  // It has to go on without ATS until somebody sets the bit again.
  unsupported: atsFunctionParts.createStateConfig({
    on: {
      DISABLE_ATS: 'off',
      INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
      ENABLE_ATS: { target: 'empty', actions: 'drop' },
    },
  }),
};

export const atsFunctionConfig = {
  context: ({ input }: { input: AtsFunctionInput }) => ({ ...input, frame: null }),
  initial: 'off',
} as const;

export const atsFunction = atsFunctionParts.createMachine({
  id: 'atsFunction',
  ...atsFunctionConfig,
  states: atsFunctionStates,
});

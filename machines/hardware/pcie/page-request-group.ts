/**
 * One DMA context of a PCIe function: a work descriptor that touches one or more pages, and the page request group index
 * that it uses when some of them are missing. A function with n indices is n of these and one `pri.ts`.
 *
 *   idle -DMA-> all pages translate: done
 *            -> some do not: requesting -RUN-> ... -RUN (Last)-> waiting -ANSWERED-> idle
 *
 * After 'success' the context is idle and free to start the same DMA again, which translates again and may miss again
 * (PCIe 10.4.2: Success does not mean mapped). So a retry is one of the things that may happen next, never a certainty.
 *
 * Simplifications: one ATS Translation Request covers the whole descriptor and is answered in the same step; what it
 * finds is not cached (see `atc-entry.ts` for a device that does); after 'invalid' the device is allowed to start the
 * same access again, as a new one.
 */
import { assign, setup } from 'xstate';
import { from, send, sendEach } from '../../parts/call.ts';
import type { ResponseCode } from './page-request.ts';

export type PageRequestGroupEvent =
  /** The driver rings the doorbell: a descriptor that touches these pages, in this order. */
  | { type: 'DMA'; pages: readonly string[] }
  /** The device goes on: it posts its next page request. */
  | { type: 'RUN' }
  /** ATS completion for one page. */
  | { type: 'TRANSLATED'; page: string; present: boolean }
  /** The answer to the group, or that PRI has failed. */
  | { type: 'ANSWERED'; code: ResponseCode };

export const pageRequestGroup = setup({
  types: {
    input: {} as {
      name: string;
      /** The function's PRI. */
      pri: string;
      index: string;
      /** Modulus of the ghost `generation`, see `page-request.ts`. */
      generations: number;
    },
    context: {} as {
      name: string;
      pri: string;
      index: string;
      generations: number;
      generation: number;
      /** Translations that are still to come. */
      awaited: number;
      /** Pages without a translation that are still to be requested, in the order in which the descriptor has them. */
      missing: readonly string[];
    },
    events: {} as PageRequestGroupEvent,
  },
  guards: {
    isPresent: ({ event }) => event.type === 'TRANSLATED' && event.present,
    nothingMissing: ({ context }) => context.awaited === 0 && context.missing.length === 0,
    oneMissing: ({ context }) => context.awaited === 0 && context.missing.length === 1,
    severalMissing: ({ context }) => context.awaited === 0 && context.missing.length > 1,
    isLastRequest: ({ context }) => context.missing.length === 1,
  },
  actions: {
    awaitTranslations: assign({ awaited: from('DMA', ({ event }) => event.pages.length) }),
    requestTranslations: sendEach(
      from('DMA', ({ event }) => event.pages),
      ({ context }) => ({ type: 'TRANSLATE', by: context.name }),
    ),
    countTranslation: assign({ awaited: ({ context }) => context.awaited - 1 }),
    noteMissing: assign({
      missing: from('TRANSLATED', ({ context, event }) => [...context.missing, event.page]),
    }),
    postPageRequest: send('pri', ({ context }) => ({
      type: 'POST',
      index: context.index,
      page: context.missing[0]!,
      last: context.missing.length === 1,
      generation: context.generation,
    })),
    dropRequested: assign({ missing: ({ context }) => context.missing.slice(1) }),
    countUseOfIndex: assign({ generation: ({ context }) => (context.generation + 1) % context.generations }),
  },
}).createMachine({
  id: 'pageRequestGroup',
  context: ({ input }) => ({ ...input, generation: 0, awaited: 0, missing: [] }),
  initial: 'idle',
  states: {
    idle: {
      on: { DMA: { target: 'translating', actions: ['awaitTranslations', 'requestTranslations'] } },
    },
    // Left within the step that entered it.
    translating: {
      on: {
        TRANSLATED: [
          { guard: 'isPresent', actions: 'countTranslation' },
          { actions: ['countTranslation', 'noteMissing'] },
        ],
      },
      always: [
        { guard: 'nothingMissing', target: 'idle' },
        // The first request goes out with the completion that showed the miss.
        { guard: 'oneMissing', target: 'waiting', actions: ['postPageRequest', 'dropRequested'] },
        { guard: 'severalMissing', target: 'requesting', actions: ['postPageRequest', 'dropRequested'] },
      ],
    },
    requesting: {
      on: {
        RUN: [
          // PCIe 10.4.1: exactly one request of a group has the L bit, and it does not pass the earlier ones.
          { guard: 'isLastRequest', target: 'waiting', actions: ['postPageRequest', 'dropRequested'] },
          { actions: ['postPageRequest', 'dropRequested'] },
        ],
      },
    },
    waiting: {
      on: {
        // The index is free at once, also after an automatic answer by the IOMMU.
        ANSWERED: { target: 'idle', actions: 'countUseOfIndex' },
      },
    },
  },
});

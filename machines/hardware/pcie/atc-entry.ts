/**
 * One page in the Address Translation Cache of a PCIe function, and the DMA of the function that goes through it.
 *
 *   empty -DMA-> ATS Translation Request -> completion with a frame -> cached -DMA-> access to the frame
 *                                        -> completion without      -> page request -> answer -> empty
 *
 * It asks for a missing page by a group of one request (`pri.ts` forwards it), so each entry that may ask owns an index.
 * Without `pri` in its input a missing page ends the DMA.
 *
 * Simplifications: an entry holds one page; the DMA itself is one step, so there is no data in flight when an
 * invalidation arrives; entries are never evicted on their own.
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../../parts/call.ts';
import type { ResponseCode } from './page-request.ts';

export type AtcEntryEvent =
  /** The device wants to read, or to write, the page. */
  | { type: 'DMA'; write: boolean }
  /** ATS completion; `frame` is null when there is no translation, or not enough rights for what was asked. */
  | { type: 'TRANSLATION_COMPLETION'; frame: string | null; writable: boolean }
  /** ATS Invalidate Request; answered by INVALIDATE_COMPLETION to `by`. */
  | { type: 'INVALIDATE_REQUEST'; by: string }
  /** The device goes on: it posts its page request. */
  | { type: 'RUN' }
  | { type: 'ANSWERED'; code: ResponseCode };

export const atcEntry = setup({
  types: {
    input: {} as {
      name: string;
      /** Which page this entry is for. */
      page: string;
      /** Who answers ATS Translation Requests: `{ type: 'TRANSLATION_REQUEST', page, write, by }`. */
      iommu: string;
      /** The function's PRI and the index that this entry uses. */
      pri?: string;
      index?: string;
      /** Modulus of the ghost `generation`, see `page-request.ts`. */
      generations?: number;
    },
    context: {} as {
      name: string;
      page: string;
      iommu: string;
      pri: string | null;
      index: string;
      generations: number;
      generation: number;
      frame: string | null;
      writable: boolean;
      /** What the DMA that waits for a translation wants. */
      write: boolean;
    },
    events: {} as AtcEntryEvent,
  },
  guards: {
    isSufficient: ({ context, event }) => event.type === 'DMA' && (context.writable || !event.write),
    hasFrame: ({ event }) => event.type === 'TRANSLATION_COMPLETION' && event.frame !== null,
    canRequestPage: ({ context }) => context.pri !== null,
  },
  actions: {
    rememberAccess: assign(from('DMA', ({ event }) => ({ write: event.write }))),
    requestTranslation: call('iommu', ({ context }) => ({
      type: 'TRANSLATION_REQUEST',
      page: context.page,
      write: context.write,
    })),
    cache: assign(from('TRANSLATION_COMPLETION', ({ event }) => ({ frame: event.frame, writable: event.writable }))),
    drop: assign({ frame: null, writable: false }),
    forgetAccess: assign({ write: false }),
    accessFrame: call(
      'frame',
      from('DMA', ({ context, event }) => ({ type: 'ACCESS', page: context.page, write: event.write })),
    ),
    completeInvalidation: reply(({ context }) => ({
      type: 'INVALIDATE_COMPLETION',
      by: context.name,
      page: context.page,
    })),
    postPageRequest: send('pri', ({ context }) => ({
      type: 'POST',
      index: context.index,
      page: context.page,
      last: true,
      generation: context.generation,
    })),
    countUseOfIndex: assign({ generation: ({ context }) => (context.generation + 1) % context.generations }),
  },
}).createMachine({
  id: 'atcEntry',
  context: ({ input }) => ({
    name: input.name,
    page: input.page,
    iommu: input.iommu,
    pri: input.pri ?? null,
    index: input.index ?? '',
    generations: input.generations ?? 1,
    generation: 0,
    frame: null,
    writable: false,
    write: false,
  }),
  initial: 'empty',
  states: {
    empty: {
      on: {
        DMA: { target: 'translating', actions: ['rememberAccess', 'requestTranslation'] },
        INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
      },
    },
    translating: {
      on: {
        TRANSLATION_COMPLETION: [
          { guard: 'hasFrame', target: 'cached', actions: ['cache', 'forgetAccess'] },
          { guard: 'canRequestPage', target: 'missing' },
          { target: 'empty', actions: 'forgetAccess' },
        ],
        // PCIe 10.3.1: a completion that crosses an Invalidate Request must not be left in the cache.
        INVALIDATE_REQUEST: { target: 'translatingInvalidated', actions: 'completeInvalidation' },
      },
    },
    translatingInvalidated: {
      on: {
        TRANSLATION_COMPLETION: { target: 'empty', actions: 'forgetAccess' },
        INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
      },
    },
    cached: {
      on: {
        DMA: [
          { guard: 'isSufficient', actions: 'accessFrame' },
          // A write through a read-only entry asks again.
          { target: 'translating', actions: ['drop', 'rememberAccess', 'requestTranslation'] },
        ],
        INVALIDATE_REQUEST: { target: 'empty', actions: ['drop', 'completeInvalidation'] },
      },
    },
    missing: {
      on: {
        RUN: { target: 'waiting', actions: 'postPageRequest' },
        INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
      },
    },
    waiting: {
      on: {
        // After Success the device translates again, and may miss again (PCIe 10.4.2).
        ANSWERED: { target: 'empty', actions: ['countUseOfIndex', 'forgetAccess'] },
        INVALIDATE_REQUEST: { actions: 'completeInvalidation' },
      },
    },
  },
});

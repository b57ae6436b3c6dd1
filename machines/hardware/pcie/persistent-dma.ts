/**
 * A DMA of a PCIe function to one page, which the device tries again after every answer that lets it.
 *
 *   idle -DMA-> the page translates: done, idle
 *            -> it does not: a page request -Success-> retrying -RUN-> the page translates or not, and so on
 *                                           -Invalid-> the access is over, idle
 *                                           -4.2 s  -> given up: the access is over, with an error for the driver
 *
 * `page-request-group.ts` leaves it to chance whether a DMA is tried again; here it is certain, so that "the DMA ends" can be
 * asked. Each DMA has a page request group index of its own, and a group of one request.
 *
 * PCIe knows no time limit for an answer. Devices may have one: HiSilicon's accelerators give up after about 4.2 s. What
 * becomes of the index then is the input `patience`.
 *
 * Simplifications: the ATS Translation Request is answered in the same step and its result is used at once, not cached; the
 * time limit is for one answer, not for the whole access.
 */
import { assign, setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import type { ResponseCode } from './page-request.ts';

/** How long the device waits for an answer, and what it does with the index when it waits no longer. */
export type Patience =
  /** As long as it takes. */
  | 'endless'
  /** The access is over after 4.2 s; the index stays in use until its answer comes (PCIe 10.4.2). */
  | 'keeps-index'
  /** The access is over after 4.2 s, and so is the use of the index. */
  | 'reuses-index';

export type PersistentDmaEvent =
  /** The driver rings the doorbell. */
  | { type: 'DMA' }
  /** The device goes on: it translates again. */
  | { type: 'RUN' }
  /** ATS completion. */
  | { type: 'TRANSLATED'; page: string; present: boolean }
  /** The answer to the group, from software or from the SMMU; the device cannot tell which. */
  | { type: 'ANSWERED'; code: ResponseCode };

interface Wiring {
  name: string;
  /** The function's PRI. */
  pri: string;
  index: string;
  page: string;
  patience: Patience;
  /** Modulus of the ghost `generation`, see `page-request.ts`. */
  generations: number;
}

export const persistentDma = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & { generation: number },
    events: {} as PersistentDmaEvent,
  },
  delays: { answerTimeout: 4_200 },
  guards: {
    isPresent: ({ event }) => event.type === 'TRANSLATED' && event.present,
    isSuccess: ({ event }) => event.type === 'ANSWERED' && event.code === 'success',
    waitsForEver: ({ context }) => context.patience === 'endless',
    keepsIndex: ({ context }) => context.patience === 'keeps-index',
  },
  actions: {
    requestTranslation: call('page', 'TRANSLATE'),
    postPageRequest: send('pri', ({ context: { index, page, generation } }) => ({
      type: 'POST',
      index,
      page,
      last: true,
      generation,
    })),
    abandonIndex: send('pri', ({ context }) => ({ type: 'ABANDON', index: context.index })),
    countUseOfIndex: assign({ generation: ({ context }) => (context.generation + 1) % context.generations }),
  },
}).createMachine({
  id: 'persistentDma',
  context: ({ input }) => ({ ...input, generation: 0 }),
  initial: 'idle',
  states: {
    idle: {
      on: { DMA: { target: 'translating', actions: 'requestTranslation' } },
    },
    // Left within the step that entered it.
    translating: {
      on: {
        TRANSLATED: [
          { guard: 'isPresent', target: 'idle' },
          // PCIe 10.4.1; the request goes out with the completion that showed the miss.
          { guard: 'waitsForEver', target: 'waiting.forEver', actions: 'postPageRequest' },
          { target: 'waiting.forSomeTime', actions: 'postPageRequest' },
        ],
      },
    },
    waiting: {
      on: {
        ANSWERED: [
          // PCIe 10.4.2: Success does not mean mapped, so the device translates again before it accesses.
          { guard: 'isSuccess', target: 'retrying', actions: 'countUseOfIndex' },
          // PCIe 10.4.2, Invalid Request: this access must not ask for the page again.
          { target: 'idle', actions: 'countUseOfIndex' },
        ],
      },
      initial: 'forEver',
      states: {
        forEver: {},
        forSomeTime: {
          after: {
            answerTimeout: [
              { guard: 'keepsIndex', target: '#persistentDma.givenUp' },
              { target: '#persistentDma.idle', actions: ['abandonIndex', 'countUseOfIndex'] },
            ],
          },
        },
      },
    },
    retrying: {
      on: { RUN: { target: 'translating', actions: 'requestTranslation' } },
    },
    // The driver knows; the index is not free.
    givenUp: {
      on: { ANSWERED: { target: 'idle', actions: 'countUseOfIndex' } },
    },
  },
});

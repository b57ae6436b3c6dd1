/**
 * A DMA of a PCIe function to one page, which the device tries again after every answer that lets it.
 *
 *   idle -DMA-> the page translates: done, idle
 *            -> it does not: a page request -Success-> retrying -RUN-> the page translates or not, and so on
 *                                           -Invalid-> the access is over, idle
 *
 * `page-request-group.ts` leaves it to chance whether a DMA is tried again; here it is certain, so that "the DMA ends" can be
 * asked. Each DMA has a page request group index of its own, and a group of one request.
 *
 * PCIe knows no time limit for an answer, and this device waits as long as it takes. `persistent-dma-gives-up.ts` and
 * `persistent-dma-reuses-index.ts` do not.
 *
 * Simplifications: the ATS Translation Request is answered in the same step and its result is used at once, not cached.
 */
import { assign, setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import type { ResponseCode } from './page-request.ts';

export type PersistentDmaEvent =
  /** The driver rings the doorbell. */
  | { type: 'DMA' }
  /** The device goes on: it translates again. */
  | { type: 'RUN' }
  /** ATS completion. */
  | { type: 'TRANSLATED'; page: string; present: boolean }
  /** The answer to the group, from software or from the SMMU; the device cannot tell which. */
  | { type: 'ANSWERED'; code: ResponseCode };

export interface PersistentDmaInput {
  name: string;
  /** The function's PRI. */
  pri: string;
  index: string;
  page: string;
  /** Modulus of the ghost `generation`, see `page-request.ts`. */
  generations: number;
}

/** What devices that try again are made of. */
export const persistentDmaParts = setup({
  types: {
    input: {} as PersistentDmaInput,
    context: {} as PersistentDmaInput & { generation: number },
    events: {} as PersistentDmaEvent,
  },
  delays: { answerTimeout: 4_200 },
  guards: {
    isPresent: ({ event }) => event.type === 'TRANSLATED' && event.present,
    isSuccess: ({ event }) => event.type === 'ANSWERED' && event.code === 'success',
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
});

/** A device with a time limit replaces a state. */
export const persistentDmaStates = {
  idle: persistentDmaParts.createStateConfig({
    on: { DMA: { target: 'translating', actions: 'requestTranslation' } },
  }),
  // Left within the step that entered it.
  translating: persistentDmaParts.createStateConfig({
    on: {
      TRANSLATED: [
        { guard: 'isPresent', target: 'idle' },
        // PCIe 10.4.1; the request goes out with the completion that showed the miss.
        { target: 'waiting', actions: 'postPageRequest' },
      ],
    },
  }),
  waiting: persistentDmaParts.createStateConfig({
    on: {
      ANSWERED: [
        // PCIe 10.4.2: Success does not mean mapped, so the device translates again before it accesses.
        { guard: 'isSuccess', target: 'retrying', actions: 'countUseOfIndex' },
        // PCIe 10.4.2, Invalid Request: this access must not ask for the page again.
        { target: 'idle', actions: 'countUseOfIndex' },
      ],
    },
  }),
  retrying: persistentDmaParts.createStateConfig({
    on: { RUN: { target: 'translating', actions: 'requestTranslation' } },
  }),
};

export const persistentDmaConfig = {
  context: ({ input }: { input: PersistentDmaInput }) => ({ ...input, generation: 0 }),
  initial: 'idle',
} as const;

export const persistentDma = persistentDmaParts.createMachine({
  id: 'persistentDma',
  ...persistentDmaConfig,
  states: persistentDmaStates,
});

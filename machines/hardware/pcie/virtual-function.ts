/**
 * A virtual function, reduced to DMA that misses its page, as `faulting-function.ts`: it asks for the page through the PRI that it shares
 * (`shared-pri.ts`).
 *
 *   idle -DMA-> waiting -Success, Invalid-> idle
 *            -> the PRI is off: the access is over, with an error that no page can repair
 *
 * `starved` is that, where it was not this function's own answer that turned the PRI off.
 *
 * Simplifications: one access at a time, with one request.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import type { PageRequest, PageResponse } from './page-request.ts';

export type VirtualFunctionEvent =
  /** Its driver starts a DMA, which misses. */
  | { type: 'DMA' }
  /** The replies of the PRI. */
  | { type: 'ACCEPTED' }
  | { type: 'REFUSED' }
  | ({ type: 'PRG_RESPONSE' } & PageResponse);

export const virtualFunction = setup({
  types: {
    input: {} as { name: string; pri: string; queue: string },
    context: {} as {
      readonly name: string;
      readonly pri: string;
      /** Where page requests go. */
      readonly queue: string;
      /** It got a Response Failure itself. */
      readonly hasFailed: boolean;
    },
    events: {} as VirtualFunctionEvent,
  },
  guards: {
    isFailure: from('PRG_RESPONSE', ({ event }) => event.code === 'failure'),
    hasFailed: ({ context }) => context.hasFailed,
  },
  actions: {
    askPri: call('pri', 'MAY_POST'),
    post: send('queue', ({ context }) => {
      const request: PageRequest = { device: context.name, index: 'prg0', page: 'page0', last: true, generation: 0 };
      return { type: 'PAGE_REQUEST', ...request };
    }),
    failPri: send('pri', 'RESPONSE_FAILURE'),
    noteFailure: assign({ hasFailed: true }),
  },
}).createMachine({
  id: 'virtualFunction',
  context: ({ input }) => ({ ...input, hasFailed: false }),
  initial: 'idle',
  states: {
    idle: { on: { DMA: { target: 'asking', actions: 'askPri' } } },
    // Left within the step that entered it.
    asking: {
      on: {
        ACCEPTED: { target: 'waiting', actions: 'post' },
        REFUSED: [{ guard: 'hasFailed', target: 'idle' }, { target: 'starved' }],
      },
    },
    waiting: {
      on: {
        PRG_RESPONSE: [{ guard: 'isFailure', target: 'idle', actions: ['failPri', 'noteFailure'] }, { target: 'idle' }],
      },
    },
    starved: { on: { DMA: {}, ACCEPTED: {}, REFUSED: {}, PRG_RESPONSE: {} } },
  },
});

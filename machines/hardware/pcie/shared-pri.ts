/**
 * The Page Request Interface of a physical function that has virtual functions: they have none of their own, and share it (PCIe 10.5.2). A
 * Response Failure to a request of one of them turns it off for all (PCIe 10.4.2.1), until somebody resets it, which nobody in Linux
 * does.
 *
 * Simplifications: there is a credit for each index of each function (`pri.ts` counts them); what is outstanding when it is turned off still
 * gets its answer.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type SharedPriEvent =
  /** A function wants to post a request; the reply is ACCEPTED or REFUSED. */
  | { type: 'MAY_POST'; by: string }
  /** A function got a Response Failure. */
  | { type: 'RESPONSE_FAILURE' };

export const sharedPri = setup({
  types: { context: {}, events: {} as SharedPriEvent },
  actions: { accept: reply('ACCEPTED'), refuse: reply('REFUSED') },
}).createMachine({
  id: 'sharedPri',
  context: {},
  initial: 'enabled',
  states: {
    enabled: { on: { MAY_POST: { actions: 'accept' }, RESPONSE_FAILURE: 'failed' } },
    failed: { on: { MAY_POST: { actions: 'refuse' }, RESPONSE_FAILURE: {} } },
  },
});

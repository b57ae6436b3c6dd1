/**
 * A subscriber that has the callback for secondary TLBs alone (`arch_invalidate_secondary_tlbs`, to v6.5 `invalidate_range`), and takes its entry away
 * there. That is enough for hardware that walks the CPU's page table, since what it walks afterwards is the new entry; who fills a table
 * of his own has nothing by which he could know that what he looked up is out of date.
 */
import { setup } from 'xstate';
import { reply, send } from '../../parts/call.ts';
import type { SubscriptionEvent, SubscriptionInput } from './subscription.ts';

export const secondaryTlbCallback = setup({
  types: { input: {} as SubscriptionInput, context: {} as SubscriptionInput, events: {} as SubscriptionEvent },
  actions: { zap: send('entry', 'ZAP'), replySequence: reply({ type: 'SEQUENCE', sequence: 0 }), goOn: reply('GO_ON') },
}).createMachine({
  id: 'secondaryTlbCallback',
  context: ({ input }) => input,
  on: {
    INVALIDATE_RANGE_START: {},
    ARCH_INVALIDATE_SECONDARY_TLBS: { actions: 'zap' },
    INVALIDATE_RANGE_END: {},
    READ_BEGIN: { actions: 'replySequence' },
    READ_RETRY: { actions: 'goOn' },
  },
});

/** MMU notifiers of an address space for which nobody has registered one (mm_has_notifiers() is false): the call returns at once. */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type NoSubscribersEvent = { type: 'INVALIDATE_RANGE'; page: string; by: string };

export const noSubscribers = setup({
  types: { context: {}, events: {} as NoSubscribersEvent },
  actions: { replyNotified: reply('NOTIFIED') },
}).createMachine({
  id: 'noSubscribers',
  context: {},
  on: { INVALIDATE_RANGE: { actions: 'replyNotified' } },
});

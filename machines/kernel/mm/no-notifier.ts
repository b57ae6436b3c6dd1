/** Where nobody has registered an MMU notifier: the call of one returns at once (mmu_notifier.h mm_has_notifiers()). */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export const noNotifier = setup({
  types: { context: {}, events: {} as { type: 'INVALIDATE_RANGE'; page: string; by: string } },
  actions: { replyNotified: reply('NOTIFIED') },
}).createMachine({
  id: 'noNotifier',
  context: {},
  on: { INVALIDATE_RANGE: { actions: 'replyNotified' } },
});

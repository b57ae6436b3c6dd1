/**
 * An interval notifier (mm/mmu_notifier.c mmu_interval_read_begin(), mmu_interval_set_seq(), mmu_interval_read_retry(), mn_itree_inv_start_range(),
 * mn_itree_inv_end()). The subscriptions of an mm have a sequence that is odd while a range of one of them is being invalidated; each subscription
 * has the value of the last invalidation that hit it, which its callback writes under the subscriber's own lock. A reader waits while that one
 * is still going on, and tries again where it finds another value under that lock.
 *
 * List 'READ_BEGIN' as `blocking`. `interval-notifier-without-set-seq.ts` forgets to write.
 *
 * Simplifications: one subscription, which every range hits; a reader that has to wait reads the value when the wait is over, not before it;
 * the list of deferred insertions and removals is left out.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import type { SubscriptionEvent, SubscriptionInput } from './subscription.ts';

export const intervalParts = setup({
  types: {
    input: {} as SubscriptionInput,
    context: {} as SubscriptionInput & {
      /** `subscriptions->invalidate_seq`, and `active_invalidate_ranges`. */
      readonly sequence: number;
      readonly active: number;
      /** `interval_sub->invalidate_seq` */
      readonly own: number;
    },
    events: {} as SubscriptionEvent,
  },
  guards: {
    isNotInvalidating: ({ context: { own, sequence } }) => own !== sequence,
    isLastActive: ({ context }) => context.active === 1,
    isUnchanged: from('READ_RETRY', ({ context, event }) => context.own === event.sequence),
  },
  actions: {
    // `invalidate_seq |= 1`
    begin: assign({
      active: ({ context }) => context.active + 1,
      sequence: ({ context: { sequence } }) => sequence + ((sequence + 1) % 2),
    }),
    setSequence: assign({ own: ({ context }) => context.sequence }),
    zap: send('entry', 'ZAP'),
    finish: assign({ active: 0, sequence: ({ context }) => context.sequence + 1 }),
    leave: assign({ active: ({ context }) => context.active - 1 }),
    replySequence: reply(({ context }) => ({ type: 'SEQUENCE', sequence: context.own })),
    goOn: reply('GO_ON'),
    retry: reply('RETRY'),
  },
});

export const intervalConfig = {
  // It begins even, with a subscription that no invalidation has hit.
  context: ({ input }: { input: SubscriptionInput }) => ({ ...input, sequence: 2, active: 0, own: 1 }),
} as const;

export const intervalStates = {
  INVALIDATE_RANGE_START: { actions: ['begin', 'setSequence', 'zap'] },
  ARCH_INVALIDATE_SECONDARY_TLBS: {},
  INVALIDATE_RANGE_END: [{ guard: 'isLastActive', actions: 'finish' }, { actions: 'leave' }],
  READ_BEGIN: { guard: 'isNotInvalidating', actions: 'replySequence' },
  READ_RETRY: [{ guard: 'isUnchanged', actions: 'goOn' }, { actions: 'retry' }],
} as const;

export const intervalNotifier = intervalParts.createMachine({
  id: 'intervalNotifier',
  ...intervalConfig,
  on: intervalStates,
});

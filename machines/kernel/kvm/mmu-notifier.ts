/**
 * KVM's side of an MMU notifier (virt/kvm/kvm_main.c kvm_mmu_invalidate_begin(), kvm_mmu_invalidate_end(), include/linux/kvm_host.h
 * mmu_invalidate_retry_gfn()): a counter of invalidations in progress, and a sequence that each raises when it ends, in this order, all under
 * `mmu_lock`. A fault samples the sequence before it looks the page up, and under `mmu_lock` tries again where an invalidation is in progress or the
 * sequence has moved.
 *
 * Simplification: the range of what is in progress hits the page always.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import type { SubscriptionEvent, SubscriptionInput } from '../mm/subscription.ts';

export const kvmNotifierParts = setup({
  types: {
    input: {} as SubscriptionInput,
    context: {} as SubscriptionInput & {
      /** `mmu_invalidate_seq` and `mmu_invalidate_in_progress` */
      readonly sequence: number;
      readonly inProgress: number;
    },
    events: {} as SubscriptionEvent,
  },
  guards: {
    mayGoOn: from('READ_RETRY', ({ context, event }) => {
      return context.inProgress === 0 && context.sequence === event.sequence;
    }),
    isUnchanged: from('READ_RETRY', ({ context, event }) => context.sequence === event.sequence),
  },
  actions: {
    begin: assign({ inProgress: ({ context }) => context.inProgress + 1 }),
    zap: send('entry', 'ZAP'),
    end: assign({
      sequence: ({ context }) => context.sequence + 1,
      inProgress: ({ context }) => context.inProgress - 1,
    }),
    replySequence: reply(({ context }) => ({ type: 'SEQUENCE', sequence: context.sequence })),
    goOn: reply('GO_ON'),
    retry: reply('RETRY'),
  },
});

export const kvmNotifierConfig = {
  context: ({ input }: { input: SubscriptionInput }) => ({ ...input, sequence: 0, inProgress: 0 }),
} as const;

export const kvmNotifierStates = {
  INVALIDATE_RANGE_START: { actions: ['begin', 'zap'] },
  ARCH_INVALIDATE_SECONDARY_TLBS: {},
  INVALIDATE_RANGE_END: { actions: 'end' },
  READ_BEGIN: { actions: 'replySequence' },
  READ_RETRY: [{ guard: 'mayGoOn', actions: 'goOn' }, { actions: 'retry' }],
} as const;

export const kvmNotifier = kvmNotifierParts.createMachine({
  id: 'kvmNotifier',
  ...kvmNotifierConfig,
  on: kvmNotifierStates,
});

/**
 * A thread that unmaps a page of an address space that has MMU notifiers (mm/memory.c zap_page_range_single_batched(), mm/mmu_notifier.c):
 *
 *   idle -UNMAP-> begun -RUN-> (start) started -RUN-> (clear the entry, flush) cleared -RUN-> (end) ended -RUN-> (free) idle
 *
 * `mmu_notifier_arch_invalidate_secondary_tlbs()` belongs to the flush of the TLB, and so comes with the change of the entry.
 *
 * `unmap-notifies-nonblock.ts` must not sleep.
 *
 * Simplification: it unmaps so many times and then no more, so that sequence numbers need not wrap.
 */
import { assign, setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type UnmapNotifiesEvent =
  | { type: 'UNMAP' }
  | { type: 'RUN' }
  /** Only of versions that must not sleep: another notifier of the mm would have to. */
  | { type: 'EAGAIN' };

export interface UnmapNotifiesInput {
  readonly page: string;
  readonly subscription: string;
  readonly times: number;
}

/** What versions are made of. */
export const unmapNotifiesParts = setup({
  types: {
    input: {} as UnmapNotifiesInput,
    context: {} as UnmapNotifiesInput,
    events: {} as UnmapNotifiesEvent,
  },
  guards: { hasMore: ({ context }) => context.times > 0 },
  actions: {
    count: assign({ times: ({ context }) => context.times - 1 }),
    start: send('subscription', 'INVALIDATE_RANGE_START'),
    clear: send('page', 'CLEAR'),
    flushSecondary: send('subscription', 'ARCH_INVALIDATE_SECONDARY_TLBS'),
    end: send('subscription', 'INVALIDATE_RANGE_END'),
    free: send('page', 'FREE'),
  },
});

export const unmapNotifiesConfig = {
  context: ({ input }: { input: UnmapNotifiesInput }) => input,
  initial: 'idle',
} as const;

export const unmapNotifiesStates = {
  idle: unmapNotifiesParts.createStateConfig({
    on: { UNMAP: { guard: 'hasMore', target: 'begun', actions: 'count' } },
  }),
  ...straightLine({ begun: 'start', started: ['clear', 'flushSecondary'], cleared: 'end', ended: 'free' }, 'idle'),
};

export const unmapNotifies = unmapNotifiesParts.createMachine({
  id: 'unmapNotifies',
  ...unmapNotifiesConfig,
  states: unmapNotifiesStates,
});

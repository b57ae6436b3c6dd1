/**
 * The sequence count and the count of invalidations in progress that let a shadow page table be filled without a lock
 * over GUP (KVM: `mmu_invalidate_seq` and `mmu_invalidate_in_progress`, see kvm_host.h mmu_invalidate_retry()).
 *
 *   reader: SAMPLE, get the page (may sleep), take the lock, CHECK: no retry, then fill the table and drop the lock
 *   writer: with the same lock: BEGIN and zap; after the CPU's entry has changed, with the lock: END
 *
 * A retry is due when an invalidation is in progress or has ended since the sample.
 *
 * Simplifications: the count only ever grows and all that anybody asks is whether it has grown since a sample, so that is
 * what is kept, for each reader; one invalidation at a time; no range (an invalidation of any page makes every reader
 * retry); the memory barriers are the order of the steps.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type InvalidateSequenceEvent =
  | { type: 'SAMPLE'; by: string }
  | { type: 'BEGIN' }
  | { type: 'END' }
  /** The reply is UNCHANGED or CHANGED; the sample is used up. */
  | { type: 'CHECK'; by: string };

export const invalidateSequence = setup({
  types: {
    context: {} as {
      /** By reader: has an invalidation ended since its sample? */
      samples: Readonly<Record<string, { grown: boolean }>>;
    },
    events: {} as InvalidateSequenceEvent,
  },
  guards: {
    hasGrown: ({ context, event }) => event.type === 'CHECK' && context.samples[event.by]!.grown,
  },
  actions: {
    sample: assign(
      from('SAMPLE', ({ context, event }) => ({ samples: { ...context.samples, [event.by]: { grown: false } } })),
    ),
    growAll: assign(({ context }) => ({
      samples: Object.fromEntries(Object.keys(context.samples).map((reader) => [reader, { grown: true }])),
    })),
    forget: assign(
      from('CHECK', ({ context, event }) => {
        const { [event.by]: _, ...samples } = context.samples;
        return { samples };
      }),
    ),
    replyChanged: reply('CHANGED'),
    replyUnchanged: reply('UNCHANGED'),
  },
}).createMachine({
  id: 'invalidateSequence',
  context: { samples: {} },
  initial: 'quiet',
  states: {
    quiet: {
      on: {
        SAMPLE: { actions: 'sample' },
        BEGIN: 'inProgress',
        CHECK: [{ guard: 'hasGrown', actions: ['forget', 'replyChanged'] }, { actions: ['forget', 'replyUnchanged'] }],
      },
    },
    inProgress: {
      on: {
        SAMPLE: { actions: 'sample' },
        END: { target: 'quiet', actions: 'growAll' },
        CHECK: { actions: ['forget', 'replyChanged'] },
      },
    },
  },
});

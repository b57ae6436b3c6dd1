/**
 * The MMU interval notifier of a range that a GPU shares with a process (amdkfd/kfd_svm.c
 * svm_range_cpu_invalidate_pagetables(), since a29e067bd389, in 2025). An actor is the callback as one thread runs it, with that
 * thread's locks: each RUN is the thread going on, and the reply to `by` is NOTIFIED.
 *
 *   idle -INVALIDATE_RANGE_START-> invalidating -RUN-> idle
 *
 * A range that is unmapped is put on the deferred list, for a worker to take it out of the range list; the worker needs the
 * address space, so a user of it goes along, if there still is one (svm_range_add_list_work()).
 *
 * `svm-range-fa582c6f3684.ts` and `svm-range-367c9b0f1b87.ts` are the versions before. At rest in `idle`.
 *
 * Simplifications: one range; taking it away from the GPU is nothing that anybody here waits for.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type SvmRangeEvent =
  /** `event`: MMU_NOTIFY_UNMAP, or MMU_NOTIFY_CLEAR and MMU_NOTIFY_MIGRATE. */
  | { type: 'INVALIDATE_RANGE_START'; event: 'unmap' | 'migrate'; by: string }
  /** The scheduler lets the calling thread run. */
  | { type: 'RUN' }
  | { type: 'LISTED' }
  | { type: 'NOT_LISTED' }
  | { type: 'GOT_MM' }
  | { type: 'MM_GONE' }
  | { type: 'PUT' };

export interface SvmRangeInput {
  readonly name: string;
  /** `mni->mm` */
  readonly mm: string;
  /** `svms->deferred_range_list` and the worker that empties it. */
  readonly deferredList: string;
}

/** What versions of the callback are made of. */
export const svmRangeParts = setup({
  types: {
    input: {} as SvmRangeInput,
    context: {} as SvmRangeInput & { readonly caller: string | null; readonly isUnmap: boolean },
    events: {} as SvmRangeEvent,
  },
  guards: {
    isUnmap: ({ context }) => context.isUnmap,
  },
  actions: {
    beginCallback: assign(
      from('INVALIDATE_RANGE_START', ({ event }) => ({ caller: event.by, isUnmap: event.event === 'unmap' })),
    ),
    lookInList: call('deferredList', 'IS_LISTED'),
    getMm: send('mm', 'MMGET'),
    getMmNotZero: call('mm', 'MMGET_NOT_ZERO'),
    putMm: call('mm', 'MMPUT'),
    putMmAsync: call('mm', 'MMPUT_ASYNC'),
    addToList: send('deferredList', 'ADD_RANGE'),
    endCallback: send('caller', 'NOTIFIED'),
    forgetCaller: assign({ caller: null, isUnmap: false }),
  },
});

export const svmRangeConfig = {
  context: ({ input }: { input: SvmRangeInput }) => ({ ...input, caller: null, isUnmap: false }),
  initial: 'idle',
} as const;

const end = { target: 'idle', actions: ['endCallback', 'forgetCaller'] } as const;

export const svmRangeStates = {
  idle: svmRangeParts.createStateConfig({
    on: { INVALIDATE_RANGE_START: { target: 'invalidating', actions: 'beginCallback' } },
  }),
  invalidating: svmRangeParts.createStateConfig({
    on: {
      RUN: [
        // svm_range_unmap_from_cpu()
        { guard: 'isUnmap', target: 'adding', actions: 'lookInList' },
        // svm_range_evict()
        end,
      ],
    },
  }),
  // svm_range_add_list_work(), under deferred_list_lock; left within the step that entered it.
  adding: svmRangeParts.createStateConfig({
    on: {
      LISTED: end,
      NOT_LISTED: { actions: 'getMmNotZero' },
      GOT_MM: { target: 'idle', actions: ['addToList', 'endCallback', 'forgetCaller'] },
      // The process exits: its ranges go with it.
      MM_GONE: end,
    },
  }),
};

export const svmRange = svmRangeParts.createMachine({ id: 'svmRange', ...svmRangeConfig, states: svmRangeStates });

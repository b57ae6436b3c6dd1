/**
 * `svms->deferred_range_list` and its worker (amdkfd/kfd_svm.c svm_range_deferred_list_work()), which takes ranges out of the
 * range list with the mmap_lock held for writing, and for that has a user of the mm from who put the range there. And what
 * becomes of the process's own reference: when its mm is released, it waits for this worker, takes its notifiers off and drops
 * the mm (kfd_process_wq_release(), svm_range_list_fini()).
 *
 * The worker drops the user with no lock held, so the exit may as well run in it. At rest in `idle` and `gone`.
 *
 * Simplification: one range.
 */
import { assign, setup } from 'xstate';
import { call, reply, send } from '../../parts/call.ts';

export type DeferredListWorkEvent =
  /** list_empty(&prange->deferred_list): the reply is LISTED or NOT_LISTED. */
  | { type: 'IS_LISTED'; by: string }
  /** A range is added, with a user of the mm. */
  | { type: 'ADD_RANGE' }
  /** The scheduler lets the worker run. */
  | { type: 'RUN' }
  /** mmput() returns. */
  | { type: 'PUT' }
  /** mmu_notifier_ops.release(): the address space goes. */
  | { type: 'RELEASE' };

export interface DeferredListWorkInput {
  readonly name: string;
  readonly mm: string;
}

export const deferredListWork = setup({
  types: {
    input: {} as DeferredListWorkInput,
    context: {} as DeferredListWorkInput & { readonly isListed: boolean; readonly isReleased: boolean },
    events: {} as DeferredListWorkEvent,
  },
  guards: {
    isListed: ({ context }) => context.isListed,
    isReleased: ({ context }) => context.isReleased,
  },
  actions: {
    replyListed: reply('LISTED'),
    replyNotListed: reply('NOT_LISTED'),
    add: assign({ isListed: true }),
    take: assign({ isListed: false }),
    putMm: call('mm', 'MMPUT'),
    noteReleased: assign({ isReleased: true }),
    dropMm: send('mm', 'MMDROP'),
  },
}).createMachine({
  id: 'deferredListWork',
  context: ({ input }) => ({ ...input, isListed: false, isReleased: false }),
  initial: 'idle',
  on: {
    IS_LISTED: [{ guard: 'isListed', actions: 'replyListed' }, { actions: 'replyNotListed' }],
    ADD_RANGE: { actions: 'add' },
    RELEASE: { actions: 'noteReleased' },
  },
  states: {
    idle: {
      on: {
        RUN: [
          { guard: 'isListed', target: 'handling', actions: 'take' },
          { guard: 'isReleased', target: 'gone', actions: 'dropMm' },
        ],
      },
    },
    handling: { on: { RUN: { target: 'putting', actions: 'putMm' } } },
    putting: { on: { PUT: 'idle' } },
    // The notifiers are off: a callback has nothing to do.
    gone: { on: { IS_LISTED: { actions: 'replyListed' }, RUN: {}, PUT: {} } },
  },
});

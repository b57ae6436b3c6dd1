/**
 * `struct mm_struct` with its two counts (include/linux/sched/mm.h, Documentation/mm/active_mm.rst): `mm_users`, those who use
 * the address space, and `mm_count`, those who hold the structure, all users together being one of them.
 *
 *   alive -last MMPUT-> exiting -EXITED-> exited -last MMDROP-> freed
 *
 * mmput() of the last user does not return before the address space is gone: the reply PUT comes when the exit has ended
 * (`exit-mmap.ts`), and everything that the exit waits for, its caller must not hold. MMPUT_ASYNC leaves the exit to a worker.
 *
 * Simplifications: mmgrab() is the input `count`; a structure that is freed takes nothing any more, so who still uses it is
 * reported as a model error.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';

export type MmStructEvent =
  /** mmget(): for who knows that there is a user. */
  | { type: 'MMGET' }
  /** mmget_not_zero(): the reply is GOT_MM or MM_GONE. */
  | { type: 'MMGET_NOT_ZERO'; by: string }
  /** mmput(): the reply is PUT. */
  | { type: 'MMPUT'; by: string }
  /** mmput_async(): the reply is PUT, at once. */
  | { type: 'MMPUT_ASYNC'; by: string }
  /** mmdrop() */
  | { type: 'MMDROP' }
  /** The exit of the address space has ended (kernel/fork.c __mmput()). */
  | { type: 'EXITED' };

export interface MmStructInput {
  /** `mm_users` and `mm_count` at the beginning. */
  readonly users: number;
  readonly count: number;
  /** Who runs the exit. */
  readonly exit: string;
}

export const mmStruct = setup({
  types: {
    input: {} as MmStructInput,
    context: {} as MmStructInput,
    events: {} as MmStructEvent,
  },
  guards: {
    isLastUser: ({ context }) => context.users === 1,
    isLastReference: ({ context }) => context.count === 1,
  },
  actions: {
    getUser: assign({ users: ({ context }) => context.users + 1 }),
    putUser: assign({ users: ({ context }) => context.users - 1 }),
    dropReference: assign({ count: ({ context }) => context.count - 1 }),
    replyGot: reply('GOT_MM'),
    replyGone: reply('MM_GONE'),
    replyPut: reply('PUT'),
    exitForCaller: send(
      'exit',
      from('MMPUT', ({ event }) => ({ type: 'EXIT_MMAP', for: event.by })),
    ),
    exitForNobody: send('exit', { type: 'EXIT_MMAP', for: null }),
  },
}).createMachine({
  id: 'mmStruct',
  context: ({ input }) => input,
  initial: 'alive',
  on: {
    // refcount_t would warn of 0; mm_users is an atomic_t, and counts on.
    MMGET: { actions: 'getUser' },
    MMDROP: [{ guard: 'isLastReference', target: '.freed', actions: 'dropReference' }, { actions: 'dropReference' }],
  },
  states: {
    alive: {
      on: {
        MMGET_NOT_ZERO: { actions: ['getUser', 'replyGot'] },
        MMPUT: [
          { guard: 'isLastUser', target: 'exiting', actions: ['putUser', 'exitForCaller'] },
          { actions: ['putUser', 'replyPut'] },
        ],
        MMPUT_ASYNC: [
          { guard: 'isLastUser', target: 'exiting', actions: ['putUser', 'exitForNobody', 'replyPut'] },
          { actions: ['putUser', 'replyPut'] },
        ],
      },
    },
    exiting: {
      on: {
        MMGET_NOT_ZERO: { actions: 'replyGone' },
        MMPUT: 'exitingTwice',
        // The users' own reference.
        EXITED: [
          { guard: 'isLastReference', target: 'freed', actions: 'dropReference' },
          { target: 'exited', actions: 'dropReference' },
        ],
      },
    },
    // Some still hold the structure.
    exited: { on: { MMPUT: 'exitingTwice' } },
    // The count came to 0 for the second time.
    exitingTwice: {
      on: { MMGET: {}, MMGET_NOT_ZERO: {}, MMPUT: {}, MMPUT_ASYNC: {}, MMDROP: {}, EXITED: {} },
    },
    freed: { type: 'final' },
  },
});

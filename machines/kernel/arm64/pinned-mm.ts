/**
 * `struct mm_struct` as SVA on arm64 works with it: its count of references (mmgrab(), mmdrop()), and the pins of its ASID
 * (arch/arm64/mm/context.c arm64_mm_context_get(), arm64_mm_context_put()), which are a word of the structure and keep nothing alive.
 *
 * Freed memory does not object, so in `freed` everything is taken in silence; a monitor sees it (`../../monitors/object-lifetime.ts`).
 *
 * Simplification: the users of the address space are one reference, which the process has; what its exit does to notifiers is left out.
 */
import { assign, setup } from 'xstate';
import { send } from '../../parts/call.ts';

export type PinnedMmEvent =
  | { type: 'MMGRAB' }
  | { type: 'MMDROP' }
  | { type: 'CONTEXT_GET' }
  | { type: 'CONTEXT_PUT' }
  /** free_mm() */
  | { type: 'FREE' };

interface Input {
  readonly name: string;
}

export const pinnedMm = setup({
  types: {
    input: {} as Input,
    context: {} as Input & {
      /** `mm_count`, and `context.pinned`. */
      readonly count: number;
      readonly pinned: number;
    },
    events: {} as PinnedMmEvent,
  },
  guards: { isLastReference: ({ context }) => context.count === 1 },
  actions: {
    grab: assign({ count: ({ context }) => context.count + 1 }),
    drop: assign({ count: ({ context }) => context.count - 1 }),
    pin: assign({ pinned: ({ context }) => context.pinned + 1 }),
    unpin: assign({ pinned: ({ context }) => context.pinned - 1 }),
    free: send('name', 'FREE'),
  },
}).createMachine({
  id: 'pinnedMm',
  context: ({ input }) => ({ name: input.name, count: 1, pinned: 0 }),
  initial: 'live',
  states: {
    live: {
      on: {
        MMGRAB: { actions: 'grab' },
        // __mmdrop()
        MMDROP: [{ guard: 'isLastReference', actions: ['drop', 'free'] }, { actions: 'drop' }],
        CONTEXT_GET: { actions: 'pin' },
        CONTEXT_PUT: { actions: 'unpin' },
        FREE: 'freed',
      },
    },
    freed: { on: { MMGRAB: {}, MMDROP: {}, CONTEXT_GET: {}, CONTEXT_PUT: {}, FREE: {} } },
  },
});

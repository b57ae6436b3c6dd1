/**
 * The page allocator: the frames that are free. The frame that was freed last is handed out first, as by the per-CPU
 * lists (mm/page_alloc.c), so a frame that a device can still reach is soon somebody else's.
 *
 * With no frame left an allocation fails, as at the limit of a memory cgroup (mm/memcontrol.c try_charge_memcg()).
 *
 * A fault of a CPU waits for a frame instead: list 'AWAIT_FRAME' as `blocking`.
 *
 * Simplifications: no zones, no reserves; an allocation neither reclaims on its own (direct reclaim) nor, but for a CPU, waits for
 * others to. Waiting is a deadlock for who holds a lock that reclaim needs, which is a question of its own (B-58).
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';

export type FreeListEvent =
  /** The reply is FRAME or NO_FRAME; `for` goes back with it and tells the caller on whose behalf it asked. */
  | { type: 'ALLOCATE_FRAME'; page: string; by: string; for: string }
  /** The same of who waits until there is one: the reply is FRAME. */
  | { type: 'AWAIT_FRAME'; page: string; by: string; for: string }
  | { type: 'ADD'; frame: string };

export const freeList = setup({
  types: {
    input: {} as { frames: readonly string[] },
    context: {} as { frames: readonly string[] },
    events: {} as FreeListEvent,
  },
  guards: {
    hasFrame: ({ context }) => context.frames.length > 0,
  },
  actions: {
    handOut: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, ['ALLOCATE_FRAME', 'AWAIT_FRAME']);
      const [frame, ...frames] = context.frames;
      const [allocate, reply] = [
        { type: 'ALLOCATE', page: event.page },
        { type: 'FRAME', frame, for: event.for },
      ];
      enqueue.assign({ frames });
      tell(enqueue, frame!, allocate);
      tell(enqueue, event.by, reply);
    }),
    refuse: reply(from('ALLOCATE_FRAME', ({ event }) => ({ type: 'NO_FRAME', for: event.for }))),
    add: assign(from('ADD', ({ context, event }) => ({ frames: [event.frame, ...context.frames] }))),
  },
}).createMachine({
  id: 'freeList',
  context: ({ input }) => ({ frames: input.frames }),
  on: {
    ALLOCATE_FRAME: [{ guard: 'hasFrame', actions: 'handOut' }, { actions: 'refuse' }],
    // mm/memory.c: VM_FAULT_OOM of a fault in user mode is tried again (mm/oom_kill.c pagefault_out_of_memory()).
    AWAIT_FRAME: { guard: 'hasFrame', actions: 'handOut' },
    ADD: { actions: 'add' },
  },
});

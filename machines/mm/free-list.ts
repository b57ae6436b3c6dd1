/**
 * The page allocator: the frames that are free. The frame that was freed last is handed out first, as by the per-CPU
 * lists (mm/page_alloc.c), so a frame that a device can still reach is soon somebody else's.
 *
 * List 'ALLOCATE_FRAME' as `blocking`: with no frame left the allocation waits for reclaim.
 *
 * Simplifications: no zones, no reserves; an allocation never reclaims on its own (direct reclaim).
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';

export type FreeListEvent =
  /** `for` goes back with the reply, FRAME; it tells the caller on whose behalf it asked. */
  { type: 'ALLOCATE_FRAME'; page: string; by: string; for: string } | { type: 'ADD'; frame: string };

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
      assertEvent(event, 'ALLOCATE_FRAME');
      const [frame, ...frames] = context.frames;
      const [allocate, reply] = [
        { type: 'ALLOCATE', page: event.page },
        { type: 'FRAME', frame, for: event.for },
      ];
      enqueue.assign({ frames });
      enqueue.sendTo(({ system }) => system.get(frame!), allocate);
      enqueue.sendTo(({ system }) => system.get(event.by), reply);
    }),
    add: assign(({ context, event }) => {
      assertEvent(event, 'ADD');
      return { frames: [event.frame, ...context.frames] };
    }),
  },
}).createMachine({
  id: 'freeList',
  context: ({ input }) => ({ frames: input.frames }),
  on: {
    ALLOCATE_FRAME: { guard: 'hasFrame', actions: 'handOut' },
    ADD: { actions: 'add' },
  },
});

/**
 * The MMU notifier of `mmu-notifier-start-end.ts` that leaves a page mapped as long as it is pinned for a device: reclaim cannot free its
 * frame, so devices may go on using it. The series has none of it: there a pinned page is unmapped as every other (v3 patch 3).
 */
import { call, send } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { vfioMmuNotifierConfig, vfioMmuNotifierParts, vfioMmuNotifierStates } from './mmu-notifier.ts';

const parts = vfioMmuNotifierParts.extend({
  guards: {
    isPinned: ({ event }) => event.type === 'RANGE' && event.pinned,
  },
  actions: {
    beginInvalidation: send(({ context }) => context.sequence!, 'BEGIN'),
    endInvalidation: send(({ context }) => context.sequence!, 'END'),
    findRange: call(
      ({ context }) => context.ranges!,
      ({ context }) => ({ type: 'FIND_RANGE', page: context.page! }),
    ),
  },
});

export const vfioMmuNotifierSparesPinned = parts.createMachine({
  id: 'vfioMmuNotifierSparesPinned',
  ...vfioMmuNotifierConfig,
  states: {
    ...without(vfioMmuNotifierStates, 'invalidating'),
    idle: parts.createStateConfig({
      on: {
        INVALIDATE_RANGE_START: { target: 'starting', actions: 'beginCallback' },
        INVALIDATE_RANGE_END: { target: 'ending', actions: 'beginCallback' },
      },
    }),
    starting: parts.createStateConfig({
      on: { RUN: { target: 'findingRange', actions: ['lock', 'beginInvalidation', 'findRange'] } },
    }),
    // Left within the step that entered it.
    findingRange: parts.createStateConfig({
      on: {
        RANGE: [
          { guard: 'isPinned', target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] },
          { target: 'findingDma', actions: 'findDma' },
        ],
      },
    }),
    ending: parts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['lock', 'endInvalidation', 'unlock', 'replyNotified', 'endCallback'] } },
    }),
  },
});

/**
 * One slot of the PRI queue's ring: memory that the SMMU writes and software reads.
 *
 * Simplification: a slot that software has given back is empty, because nobody reads it before the SMMU writes it again.
 */
import { assertEvent, assign, sendTo, setup } from 'xstate';
import type { PriQueueEntry } from './pri-queue.ts';

export type PriQueueSlotEvent =
  /** The SMMU writes the entry. */
  | { type: 'STORE'; entry: PriQueueEntry }
  /** Software reads it; the reply is ENTRY. */
  | { type: 'READ_SLOT'; by: string }
  /** Software has moved the read index past it. */
  | { type: 'RELEASE' };

export const priQueueSlot = setup({
  types: {
    context: {} as { entry: PriQueueEntry | null },
    events: {} as PriQueueSlotEvent,
  },
  actions: {
    keep: assign(({ event }) => {
      assertEvent(event, 'STORE');
      return { entry: event.entry };
    }),
    reply: sendTo(
      ({ system, event }) => {
        assertEvent(event, 'READ_SLOT');
        return system.get(event.by);
      },
      ({ context }) => ({ type: 'ENTRY', entry: context.entry! }),
    ),
    forget: assign({ entry: null }),
  },
}).createMachine({
  id: 'priQueueSlot',
  context: { entry: null },
  initial: 'free',
  states: {
    free: { on: { STORE: { target: 'stored', actions: 'keep' } } },
    stored: {
      on: {
        READ_SLOT: { actions: 'reply' },
        RELEASE: { target: 'free', actions: 'forget' },
      },
    },
  },
});

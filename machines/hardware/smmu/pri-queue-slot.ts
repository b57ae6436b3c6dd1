/**
 * One slot of the PRI queue's ring: memory that the SMMU writes and software reads.
 *
 * Simplification: a slot that software has given back is empty, because nobody reads it before the SMMU writes it again.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';
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
    keep: assign(from('STORE', ({ event }) => ({ entry: event.entry }))),
    reply: reply(({ context }) => ({ type: 'ENTRY', entry: context.entry! })),
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

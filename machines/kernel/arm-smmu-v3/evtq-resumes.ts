/**
 * The thread of `evtq.ts` with the rest of the kernel in it, where only the answers matter: it takes a record, handles the fault, and puts CMD_RESUME with
 * Ac = 1 into the command queue. That is a step of its own, so that the stall may be gone by then.
 */
import { assign, setup } from 'xstate';
import type { TaggedRecord } from '../../hardware/smmu/losing-event-queue.ts';
import { call, from, send } from '../../parts/call.ts';

export type EvtqResumesThreadEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | ({ type: 'RECORD' } & TaggedRecord)
  /** synchronize_irq(): waits until the thread is not at work. List it as `blocking`. */
  | { type: 'SYNCHRONIZE_IRQ' };

export const evtqResumesThread = setup({
  types: {
    input: {} as { name: string; queue: string },
    context: {} as { readonly name: string; readonly queue: string; readonly record: TaggedRecord | null },
    events: {} as EvtqResumesThreadEvent,
  },
  actions: {
    readRecord: call('queue', 'READ'),
    keepRecord: assign({ record: from('RECORD', ({ event: { stag, generation } }) => ({ stag, generation })) }),
    resume: send(
      ({ context }) => context.record!.stag,
      ({ context }) => ({ type: 'RESUME', retry: true, generation: context.record!.generation }),
    ),
    forgetRecord: assign({ record: null }),
  },
}).createMachine({
  id: 'evtqResumesThread',
  context: ({ input }) => ({ ...input, record: null }),
  initial: 'idle',
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'readRecord' }, SYNCHRONIZE_IRQ: {} } },
    // Left within the step that entered it.
    reading: { on: { RECORD: { target: 'handling', actions: 'keepRecord' } } },
    handling: { on: { RUN: { target: 'idle', actions: ['resume', 'forgetRecord'] } } },
  },
});

/**
 * A thread that takes a PASID away from a device: the device is stopped, then arm_smmu_flush_priq() of the unmerged PRI
 * series waits until nothing of the device can be in the queue, then the PASID may be given to another process, and the device
 * starts again.
 *
 *   bound -RUN-> stopped -RUN-> waiting -RUN-> flushed -RUN-> bound
 *
 * List 'AWAIT' as `blocking`.
 */
import { sendTo, setup } from 'xstate';

interface Wiring {
  name: string;
  device: string;
  /** A `batch-counter.ts`. */
  counter: string;
}

export const queueFlushThread = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring,
    events: {} as /** The scheduler lets the thread run. */ { type: 'RUN' } | { type: 'FLUSHED' },
  },
  actions: {
    stopDevice: sendTo(({ system, context }) => system.get(context.device), { type: 'STOP' }),
    noteCount: sendTo(({ system, context }) => system.get(context.counter), { type: 'SAMPLE' }),
    awaitFlush: sendTo(
      ({ system, context }) => system.get(context.counter),
      ({ context }) => ({ type: 'AWAIT', by: context.name }),
    ),
    startDevice: sendTo(({ system, context }) => system.get(context.device), { type: 'START' }),
  },
}).createMachine({
  id: 'queueFlushThread',
  context: ({ input }) => input,
  initial: 'bound',
  states: {
    bound: {
      on: { RUN: { target: 'stopped', actions: 'stopDevice' } },
    },
    stopped: {
      on: { RUN: { target: 'waiting', actions: 'noteCount' } },
    },
    // In wait_event_interruptible_locked().
    waiting: {
      on: { RUN: { target: 'checking', actions: 'awaitFlush' } },
    },
    // Left within the step that entered it, or the step is disabled.
    checking: {
      on: { FLUSHED: 'flushed' },
    },
    flushed: {
      on: { RUN: { target: 'bound', actions: 'startDevice' } },
    },
  },
});

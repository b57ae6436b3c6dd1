/**
 * A thread that takes a PASID away from a device: the device is stopped, then arm_smmu_flush_priq() of the unmerged PRI
 * series waits until nothing of the device can be in the queue, then the PASID may be given to another process, and the device
 * starts again.
 *
 *   bound -RUN-> stopped -RUN-> waiting -RUN-> flushed -RUN-> bound
 *
 * List 'AWAIT' as `blocking`.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

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
    stopDevice: send('device', 'STOP'),
    noteCount: send('counter', 'SAMPLE'),
    awaitFlush: call('counter', 'AWAIT'),
    startDevice: send('device', 'START'),
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

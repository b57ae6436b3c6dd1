/**
 * A thread that takes a device away from its address space and later gives it back: the driver stops the device, the
 * IOMMU driver drains its page request queue and calls iopf_queue_flush_dev(), the PASID may now be freed, and the
 * device leaves the iopf queue (intel/svm.c intel_svm_drain_prq(), io-pgfault.c iopf_queue_flush_dev() and
 * iopf_queue_remove_device(), from v5.12 to v6.8).
 *
 *   bound -UNBIND-> stopped -RUN-> flushing -RUN-> flushed -RUN-> removed -RUN-> bound
 *
 * List 'ACQUIRE', 'DRAIN' and 'FLUSHED' as `blocking`.
 *
 * Simplifications: draining the hardware queue is one wait; the hardware's own drain command, which comes after the
 * flush, is left out because answers reach the device at once here.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type UnbindThreadEvent =
  /** Somebody wants the device's address space back. */
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

interface UnbindInput {
  readonly name: string;
  readonly device: string;
  readonly core: string;
  /** The page request queue of the IOMMU. */
  readonly queue: string;
  /** The work queue of the IOMMU: flush waits for the groups of all its devices. */
  readonly workQueue: string;
  /** The mutex `dev->iommu->lock`. */
  readonly deviceLock: string;
}

const parts = setup({
  types: {
    input: {} as UnbindInput,
    context: {} as UnbindInput,
    events: {} as UnbindThreadEvent,
  },
  actions: {
    stopDevice: send('device', 'STOP'),
    awaitHardwareQueue: send('queue', ({ context }) => ({ type: 'DRAIN', device: context.device })),
    lockDevice: call('deviceLock', 'ACQUIRE'),
    unlockDevice: call('deviceLock', 'RELEASE'),
    startFlush: send('workQueue', 'FLUSH'),
    awaitFlush: send('workQueue', 'FLUSHED'),
    removeDevice: send('core', 'REMOVE_DEVICE'),
    addDevice: send('core', 'ADD_DEVICE'),
    startDevice: send('device', 'START'),
  },
});

/** @param flush what is done while iopf_queue_flush_dev() is called, and when it returns */
function unbindThreadOf<const Before extends readonly Action[], const After extends readonly Action[]>(
  id: string,
  flush: { readonly before: Before; readonly after: After },
) {
  return parts.createMachine({
    id,
    context: ({ input }) => input,
    initial: 'bound',
    states: {
      bound: {
        on: { UNBIND: { target: 'stopped', actions: 'stopDevice' } },
      },
      ...straightLine(
        {
          // iopf_queue_flush_dev() asks its caller for this order: first the low-level queue, then the work queue.
          stopped: ['awaitHardwareQueue', ...flush.before, 'startFlush'],
          // In flush_workqueue().
          flushing: ['awaitFlush', ...flush.after],
          // The caller may give the PASID to another process.
          flushed: 'removeDevice',
          removed: ['addDevice', 'startDevice'],
        },
        'bound',
      ),
    },
  });
}

type Action = 'lockDevice' | 'unlockDevice';

/** Since a74c077b9021 iopf_queue_flush_dev() waits without the device lock. */
export const unbindThread = unbindThreadOf('unbindThread', { before: [], after: [] });

/** From v5.12 to v6.8 it holds the device lock while it waits. */
export const unbindThreadV512 = unbindThreadOf('unbindThreadV512', {
  before: ['lockDevice'],
  after: ['unlockDevice'],
});

/**
 * A thread that takes a device away from its address space and later gives it back, on VT-d since v6.9: the driver stops the device, the
 * IOMMU driver drains its page request queue and calls iopf_queue_flush_dev() (intel_iommu_drain_pasid_prq()), the PASID may now be
 * freed, and the device leaves the iopf queue (iopf_queue_remove_device()). In v6.16.0 the order was another one
 * (`svm-unbind-v6.16.ts`). `svm-unbind-flushes-first.ts` flushes before it drains.
 *
 *   bound -UNBIND-> stopped -RUN-> flushing -RUN-> flushed -RUN-> removed -RUN-> bound
 *
 * VT-d reports to io-pgfault since v5.14 (d5b9e4bfe0d8), where the drain was called intel_svm_drain_prq(): `svm-unbind-v5.14.ts`,
 * `svm-unbind-v5.15.ts`.
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

export interface UnbindInput {
  readonly name: string;
  readonly device: string;
  readonly core: string;
  /** The page request queue of the IOMMU. */
  readonly queue: string;
  /** The work queue of the IOMMU: flush waits for the groups of all its devices. */
  readonly workQueue: string;
  /** The mutex `dev->iommu->lock`, which versions to v6.8 take. */
  readonly deviceLock?: string;
  /** The mutex `pasid_mutex`, which v5.14 takes. */
  readonly pasidMutex?: string;
}

/** What versions are made of. */
export const unbindParts = setup({
  types: {
    input: {} as UnbindInput,
    context: {} as UnbindInput,
    events: {} as UnbindThreadEvent,
  },
  actions: {
    stopDevice: send('device', 'STOP'),
    awaitHardwareQueue: send('queue', ({ context }) => ({ type: 'DRAIN', device: context.device })),
    lockDevice: call(({ context }) => context.deviceLock!, 'ACQUIRE'),
    unlockDevice: call(({ context }) => context.deviceLock!, 'RELEASE'),
    lockPasids: call(({ context }) => context.pasidMutex!, 'ACQUIRE'),
    unlockPasids: call(({ context }) => context.pasidMutex!, 'RELEASE'),
    startFlush: send('workQueue', 'FLUSH'),
    awaitFlush: send('workQueue', 'FLUSHED'),
    removeDevice: send('core', 'REMOVE_DEVICE'),
    addDevice: send('core', 'ADD_DEVICE'),
    startDevice: send('device', 'START'),
  },
});

export const unbindConfig = { context: ({ input }: { input: UnbindInput }) => input, initial: 'bound' } as const;

export const unbindStates = {
  bound: unbindParts.createStateConfig({
    on: { UNBIND: { target: 'stopped', actions: 'stopDevice' } },
  }),
  ...straightLine(
    {
      // iopf_queue_flush_dev() asks its caller for this order: first the low-level queue, then the work queue.
      stopped: ['awaitHardwareQueue', 'startFlush'],
      // In flush_workqueue(), with no lock held (a74c077b9021).
      flushing: 'awaitFlush',
      // The caller may give the PASID to another process.
      flushed: 'removeDevice',
      removed: ['addDevice', 'startDevice'],
    },
    'bound',
  ),
};

export const unbindThread = unbindParts.createMachine({ id: 'unbindThread', ...unbindConfig, states: unbindStates });

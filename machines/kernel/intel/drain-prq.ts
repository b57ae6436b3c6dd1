/**
 * A thread that takes a device from a page table that it has faults on and waits until the page request queue has nothing of it
 * (intel/prq.c intel_iommu_drain_pasid_prq() of 7.0, with its completion, of which the IOMMU has one). It reinitialises the completion, looks through
 * the queue, waits where it finds something, and looks again. Each device's group has a mutex of its own, so that several threads do this at once.
 *
 *   attached -DETACH-> armed -RUN-> scanned -RUN-> waiting -RUN-> armed ...
 *                                           nothing there -> drained -RUN-> detached
 *
 * `drain-prq-serialized.ts` takes a lock. List 'WAIT' as `blocking`.
 *
 * Simplifications: the queue does not overflow, so that the second loop, over the drain descriptors, only reinitialises the completion once more;
 * the flush of the work queue is left out; a request is of the device, whatever its PASID.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type DrainThreadEvent =
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The queue's replies to SCAN. */
  | { type: 'IN_QUEUE' }
  | { type: 'NOT_IN_QUEUE' };

export interface DrainThreadInput {
  readonly name: string;
  readonly device: string;
  /** A `../../hardware/vtd/descriptor-ring.ts`. */
  readonly queue: string;
  /** `iommu->prq_complete` */
  readonly completion: string;
  /** A mutex of the IOMMU, for the version that takes one. */
  readonly lock: string;
}

/** What versions are made of. */
export const drainParts = setup({
  types: { input: {} as DrainThreadInput, context: {} as DrainThreadInput, events: {} as DrainThreadEvent },
  actions: {
    stopDevice: send('device', 'STOP'),
    reinit: send('completion', 'REINIT'),
    scan: call('queue', ({ context: { device } }) => ({ type: 'SCAN', device })),
    awaitPass: send('completion', 'WAIT'),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
  },
});

export const drainConfig = { context: ({ input }: { input: DrainThreadInput }) => input, initial: 'attached' } as const;

export const drainStates = {
  attached: drainParts.createStateConfig({ on: { DETACH: { target: 'armed', actions: 'stopDevice' } } }),
  // prq_retry
  armed: drainParts.createStateConfig({ on: { RUN: { target: 'scanned', actions: 'reinit' } } }),
  scanned: drainParts.createStateConfig({ on: { RUN: { target: 'scanning', actions: 'scan' } } }),
  // Left within the step that entered it.
  scanning: drainParts.createStateConfig({ on: { IN_QUEUE: 'waiting', NOT_IN_QUEUE: 'drained' } }),
  waiting: drainParts.createStateConfig({ on: { RUN: { target: 'armed', actions: 'awaitPass' } } }),
  // qi_retry
  drained: drainParts.createStateConfig({ on: { RUN: { target: 'detached', actions: 'reinit' } } }),
  detached: drainParts.createStateConfig({}),
};

export const drainThread = drainParts.createMachine({ id: 'drainThread', ...drainConfig, states: drainStates });

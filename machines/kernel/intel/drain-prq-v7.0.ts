/**
 * A thread that takes a device from its page table and drains the page requests of it (intel/prq.c intel_iommu_drain_pasid_prq(), 7.0),
 * as far as the queue in memory goes:
 *
 *   attached -DETACH-> stopped -RUN-> reinit_completion(), then the scan: nothing of this device -> drained
 *                                                                       something of it -> waiting -RUN-> stopped, to scan again
 *
 * Each group of devices has its mutex, so two such threads may run on one IOMMU; they share `iommu->prq_complete`.
 *
 * `drain-prq-one-at-a-time.ts` and `drain-prq-scans-once.ts` are other versions. List 'WAIT' as `blocking`.
 *
 * Simplifications: after the scan the function flushes the workqueue and submits the drain descriptors, which is left out; no overflow.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type DrainPrqEvent =
  /** An ioctl, or the driver's unbind. */
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The replies of the queue. */
  | { type: 'IN_QUEUE' }
  | { type: 'NOT_IN_QUEUE' };

export interface DrainPrqInput {
  readonly name: string;
  readonly device: string;
  /** A `../../hardware/vtd/descriptor-ring.ts`. */
  readonly queue: string;
  /** `iommu->prq_complete` */
  readonly completion: string;
  /** Of a version that takes it: one lock for all drains of the IOMMU. */
  readonly lock: string;
}

/** What versions are made of. */
export const drainPrqParts = setup({
  types: { input: {} as DrainPrqInput, context: {} as DrainPrqInput, events: {} as DrainPrqEvent },
  actions: {
    stopDevice: send('device', 'STOP'),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    reinit: send('completion', 'REINIT'),
    scan: call('queue', ({ context }) => ({ type: 'SCAN', device: context.device })),
    awaitPass: send('completion', 'WAIT'),
  },
});

export const drainPrqConfig = {
  context: ({ input }: { input: DrainPrqInput }) => input,
  initial: 'attached',
} as const;

export const drainPrqStates = {
  attached: drainPrqParts.createStateConfig({ on: { DETACH: { target: 'stopped', actions: 'stopDevice' } } }),
  stopped: drainPrqParts.createStateConfig({ on: { RUN: { target: 'scanning', actions: ['reinit', 'scan'] } } }),
  // Left within the step that entered it.
  scanning: drainPrqParts.createStateConfig({ on: { IN_QUEUE: 'waiting', NOT_IN_QUEUE: 'drained' } }),
  waiting: drainPrqParts.createStateConfig({ on: { RUN: { target: 'stopped', actions: 'awaitPass' } } }),
  drained: drainPrqParts.createStateConfig({}),
};

export const drainPrqV70 = drainPrqParts.createMachine({
  id: 'drainPrqV70',
  ...drainPrqConfig,
  states: drainPrqStates,
});

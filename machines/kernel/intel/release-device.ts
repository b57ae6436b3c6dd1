/**
 * The thread that takes a device away: its driver is unbound, then the IOMMU core releases it (drivers/pci/remove.c
 * pci_stop_and_remove_bus_device(), iommu.c iommu_release_device(), intel/iommu.c intel_iommu_release_device(), since v6.9).
 *
 *   bound -REMOVE, or the slot is empty-> stopping: bus mastering and PRI off
 *     quiet: iopf_queue_remove_device(), with the last domain
 *     detached: out of the tree, under `iommu->iopf_lock`
 *     erased: device-TLB invalidation; after a time-out it is not tried again, since the device is in the tree no more
 *     invalidated: `dev->iommu` is freed
 *   gone
 *
 * List 'ACQUIRE' as `blocking`.
 *
 * Simplifications: the invalidation of the context entries comes with that of the device-TLB; that newer versions turn ATS off
 * before and do not invalidate then, and that pci_dev_is_disconnected() is asked before (4fc82cd907ac), is left out.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type ReleaseDeviceEvent =
  /** User space writes to the device's file `remove`. */
  | { type: 'REMOVE' }
  /** pciehp_ist(): the slot is empty. */
  | { type: 'PRESENCE_CHANGED' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The replies of the invalidation queue. */
  | { type: 'INVALIDATED' }
  | { type: 'TIMED_OUT' }
  /** The reply of the tree, to qi_check_fault(). */
  | { type: 'NOT_FOUND' }
  /** The replies of the page request queue, to who drains it. */
  | { type: 'IN_QUEUE' }
  | { type: 'NOT_IN_QUEUE' };

export interface ReleaseDeviceInput {
  readonly name: string;
  /** A `../../hardware/pcie/link.ts`. */
  readonly device: string;
  /** `dev->iommu`, and the fault parameter in it. */
  readonly devIommu: string;
  readonly param: string;
  /** A `device-rbtree.ts`. */
  readonly devices: string;
  /** The mutex `iommu->iopf_lock`. */
  readonly lock: string;
  readonly invalidationQueue: string;
  /** For a version that drains: a `../../hardware/vtd/descriptor-ring.ts` and `iommu->prq_complete`. */
  readonly queue?: string;
  readonly completion?: string;
}

/** What versions of the thread are made of. */
export const releaseParts = setup({
  types: {
    input: {} as ReleaseDeviceInput,
    context: {} as ReleaseDeviceInput,
    events: {} as ReleaseDeviceEvent,
  },
  actions: {
    quiesce: send('device', 'QUIESCE'),
    reinit: send(({ context }) => context.completion!, 'REINIT'),
    scan: call(
      ({ context }) => context.queue!,
      ({ context }) => ({ type: 'SCAN', device: context.device }),
    ),
    awaitPass: send(({ context }) => context.completion!, 'WAIT'),
    clearParam: send('devIommu', 'CLEAR_FAULT_PARAM'),
    putParam: send('param', 'PUT'),
    lock: call('lock', 'ACQUIRE'),
    erase: send('devices', ({ context }) => ({ type: 'ERASE', device: context.device })),
    unlock: call('lock', 'RELEASE'),
    invalidateDevTlb: call('invalidationQueue', ({ context }) => ({
      type: 'INVALIDATE_DEV_TLB',
      device: context.device,
    })),
    findDevice: call('devices', ({ context }) => ({ type: 'FIND', device: context.device })),
    freeDevIommu: send('devIommu', 'FREE'),
  },
});

/** Another version replaces states. */
export const releaseStates = {
  bound: releaseParts.createStateConfig({
    on: { REMOVE: 'stopping', PRESENCE_CHANGED: 'stopping' },
  }),
  ...straightLine(
    {
      stopping: 'quiesce',
      quiet: ['clearParam', 'putParam'],
      detached: ['lock', 'erase', 'unlock'],
      erased: 'invalidateDevTlb',
    },
    'invalidating',
  ),
  // In qi_submit_sync().
  invalidating: releaseParts.createStateConfig({
    on: { INVALIDATED: 'invalidated', TIMED_OUT: 'timedOut' },
  }),
  // 80a9b50c0b9e (v6.9): qi_check_fault() looks the device up, to see whether it was released or is not present.
  timedOut: releaseParts.createStateConfig({
    on: { RUN: { target: 'lookingUp', actions: 'findDevice' } },
  }),
  // Left within the step that entered it.
  lookingUp: releaseParts.createStateConfig({
    on: { NOT_FOUND: 'invalidated' },
  }),
  ...straightLine({ invalidated: 'freeDevIommu' }, 'gone'),
  gone: releaseParts.createStateConfig({}),
};

export const releaseConfig = {
  context: ({ input }: { input: ReleaseDeviceInput }) => input,
  initial: 'bound',
  // Removal is under way already.
  on: { PRESENCE_CHANGED: {} },
} as const;

export const releaseDevice = releaseParts.createMachine({
  id: 'releaseDevice',
  ...releaseConfig,
  states: releaseStates,
});

/**
 * A PCIe function with PRI behind VT-d that can be removed, by software or by hand: the function itself (`function0`) with its link, `dev0`,
 * and what the kernel has of it, `iommu0` with the fault parameter `param0`, which the removal takes away.
 *
 *   guest -REQUEST-> function0 -PAGE_REQUEST-> prq
 *   dev0 -PRESENCE_CHANGED-> removal -QUIESCE-> dev0; removal -INVALIDATE_DEV_TLB-> invalidations -INVALIDATE_REQUEST-> dev0
 *
 * The queue and the thread that reads it are `vtd-descriptors.ts`; its devices are `{ dev0: 'iommu0' }`.
 */
import { happens, leadsTo, reachable } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { link } from '../hardware/pcie/link.ts';
import { invalidationQueue } from '../hardware/vtd/invalidation-queue.ts';
import type { ReleaseDeviceInput } from '../kernel/intel/release-device.ts';
import { devIommu } from '../kernel/iommu/dev-iommu.ts';
import type { RefcountInput } from '../kernel/lib/refcount.ts';
import { gracePeriod } from '../kernel/rcu/grace-period.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

/** With so many page request group indexes. */
export function removableFunction(groups: number) {
  const actors = {
    guest: actor(guestDriver, {
      input: {},
      choices: names('prg', groups).map((index) => ({
        type: 'POST_FAULTING_DMA' as const,
        device: 'function0',
        index,
      })),
      rest: () => true,
    }),
    // What was posted before the link went down has no answer.
    function0: actor(faultingFunction, {
      input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
      rest: () => true,
    }),
    dev0: actor(link, {
      input: { function: 'function0', slot: 'removal' },
      choices: [{ type: 'UNPLUG' }],
      rest: () => true,
    }),
  };
  return {
    actors,
    expects: ['prq', 'removal'],
    blocking: ['REQUEST'],
    shows: [
      happens('a fault is handled', { to: 'dev0', type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
    ],
  } as const satisfies Rig;
}

export const REMOVED_LIFETIME = 'nobody touches dev->iommu or the fault parameter after it was freed';
export const REMOVAL_ENDS = 'a removal ends';

interface VtdRemoval<R, P> {
  /** A version of the thread that removes the device, and one of the count of references to the fault parameter. */
  readonly removal: R;
  readonly param: P;
}

export function vtdRemoval<R extends Version<ReleaseDeviceInput>, P extends Version<RefcountInput>>({
  removal,
  param,
}: VtdRemoval<R, P>) {
  const actors = {
    iommu0: actor(devIommu, { input: { param: 'param0' } }),
    param0: actorOf(param, { input: { name: 'param0', rcu: 'rcu' } }),
    rcu: actor(gracePeriod, {
      choices: [{ type: 'RUN' }],
      rest: ({ context }) => context.callbacks.length === 0,
    }),
    invalidations: actor(invalidationQueue, { input: { name: 'invalidations' }, rest: ['idle'] }),
    removal: actorOf(removal, {
      input: {
        name: 'removal',
        device: 'dev0',
        devIommu: 'iommu0',
        param: 'param0',
        devices: 'devices',
        lock: 'iopfLock',
        invalidationQueue: 'invalidations',
        queue: 'prq',
        completion: 'prqComplete',
      },
      choices: [{ type: 'REMOVE' }, { type: 'RUN' }],
      rest: ['bound', 'gone'],
    }),
  };
  return {
    actors,
    expects: ['dev0', 'devices', 'iopfLock', 'prq', 'prqComplete'],
    blocking: ['ACQUIRE', 'WAIT'],
    always: [
      noUseAfterFree(REMOVED_LIFETIME, {
        objects: ['iommu0', 'param0'],
        free: 'FREE',
        allocated: ['iommu0', 'param0'],
      }),
      leadsTo(
        REMOVAL_ENDS,
        (view) => view.get('removal').matches('stopping'),
        (view) => view.get('removal').matches('gone'),
      ),
    ],
    shows: [
      happens('the device-TLB is invalidated', { type: 'INVALIDATED' }),
      happens('the invalidation of a device that was pulled out times out', { type: 'TIMED_OUT' }),
    ],
  } as const satisfies Rig;
}

/** Where removal does not wait for the thread before it takes things away. */
export const threadFindsLess = [
  happens('the thread finds no device', { to: 'irq', type: 'NOT_FOUND' }),
  happens('the thread finds a device without a fault parameter', { type: 'NO_FAULT_PARAM' }),
];

/** Where removal waits for the thread by a lock alone. */
export const removalWaitsForThread = [
  happens('the last reference is gone when the thread asks for one', { type: 'GONE' }),
  reachable('removal waits for the thread, which has found the device', (view) => {
    return view.get('irq').matches('dereferencing') && view.get('removal').matches('detached');
  }),
];

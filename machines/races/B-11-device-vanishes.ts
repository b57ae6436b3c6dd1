/**
 * B-11: the thread of VT-d's page request queue finds a device by the requester ID of a request, and reports the fault to it. The
 * request is there because the device posted it, and nothing keeps the device until it has been handled: it may be released in
 * between, and the thread then follows `dev->iommu` into freed memory. Looking the device up with a reference on its
 * `struct device`, as to v6.8, does not help, since `dev->iommu` goes when the IOMMU core releases the device.
 *
 * def054b01a86 holds a mutex, `iommu->iopf_lock`, over look-up and report, and release takes the device out of the tree under
 * it: the thread finds the whole device or nothing, and answers Invalid in its stead. `drain` is the other way, asked for in the
 * review: no lock, but the queue is drained before the device goes.
 *
 * What the device's domain takes away before, the fault parameter, is not under that lock. It has a reference count, which a
 * reader may find at 0, and so needs a grace period (`no-grace-period` has none). A device that was pulled out does not
 * complete the invalidation of its device-TLB either; to v6.8 it was tried for ever (`endless-invalidation`).
 *
 * Simplifications: the device does not come back; a report is handled in place (`../kernel/intel/prq-event-thread-steps.ts`).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { link } from '../hardware/pcie/link.ts';
import { descriptorRing } from '../hardware/vtd/descriptor-ring.ts';
import { invalidationQueue } from '../hardware/vtd/invalidation-queue.ts';
import { deviceRbtree } from '../kernel/intel/device-rbtree.ts';
import { prqEventThreadSteps } from '../kernel/intel/prq-event-thread-steps.ts';
import { releaseConfig, releaseDevice, releaseParts, releaseStates } from '../kernel/intel/release-device.ts';
import { releaseDeviceV68 } from '../kernel/intel/release-device-v6.8.ts';
import { devIommu } from '../kernel/iommu/dev-iommu.ts';
import { refcount, refcountRcu } from '../kernel/lib/refcount.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { gracePeriod } from '../kernel/rcu/grace-period.ts';
import { completion } from '../kernel/sched/completion.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';
import { straightLine } from '../parts/straight-line.ts';

const RUN = { type: 'RUN' } as const;
const LIFETIME = 'nobody touches dev->iommu or the fault parameter after it was freed';
const REMOVAL_ENDS = 'a removal ends';

/** Removal without the lock: then it does not matter that the other thread takes one. */
const erasesUnlocked = straightLine({ detached: 'erase' }, 'erased');
const releaseUnlocked = releaseParts.createMachine({
  id: 'releaseDeviceUnlocked',
  ...releaseConfig,
  states: { ...releaseStates, ...erasesUnlocked },
});

/** Removal that waits, before it takes anything away, for the thread to be through with what the device posted. */
const releaseDrains = releaseParts.createMachine({
  id: 'releaseDeviceDrains',
  ...releaseConfig,
  states: {
    ...releaseStates,
    ...erasesUnlocked,
    // intel/prq.c intel_iommu_drain_pasid_prq(): looks through the queue, waits for the end of a pass, and looks again.
    quiet: releaseParts.createStateConfig({ on: { RUN: { target: 'scanning', actions: ['reinit', 'scan'] } } }),
    scanning: releaseParts.createStateConfig({ on: { IN_QUEUE: 'waiting', NOT_IN_QUEUE: 'drained' } }),
    ...straightLine({ waiting: 'awaitPass' }, 'quiet'),
    ...straightLine({ drained: ['clearParam', 'putParam'] }, 'detached'),
  },
});

const removals = {
  fixed: releaseDevice,
  drain: releaseDrains,
  'no-lock': releaseUnlocked,
  'no-grace-period': releaseDevice,
  'endless-invalidation': releaseDeviceV68,
};

export const deviceVanishes = defineScenario({
  name: 'device-vanishes',
  title: 'A device is removed between the look-up of its page request and the report',
  sources: [
    'B-11',
    'def054b01a86',
    'CVE-2024-35843',
    '80a9b50c0b9e',
    'drivers/iommu/intel/prq.c prq_event_thread()',
    'drivers/iommu/intel/dmar.c qi_check_fault()',
  ],
  group: 'iopf',
  parameters: z.object({
    groups: z.number().int().min(1).max(4).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'look-up and report are under iopf_lock, and so is the removal from the tree (def054b01a86, v6.9)',
      expected: { verdict: 'holds', counts: [1_884, 4_664] },
    },
    drain: {
      title: 'no lock, but removal drains the page request queue first',
      expected: { verdict: 'holds', counts: [779, 1_775] },
    },
    'no-lock': {
      title: 'nothing is held between look-up and report (to v6.8)',
      expected: { verdict: 'violated', property: LIFETIME, length: 10 },
    },
    'no-grace-period': {
      title: 'the fault parameter is freed with its last reference, not a grace period later',
      expected: { verdict: 'violated', property: LIFETIME, length: 8 },
    },
    'endless-invalidation': {
      title: 'an invalidation that timed out is tried again, whether the device is there or not (to v6.8)',
      expected: { verdict: 'violated', property: REMOVAL_ENDS },
    },
  },
  build({ groups }, variant) {
    return defineSystem({
      unsent: 'ignore',
      actors: {
        guest: actor(guestDriver, {
          input: {},
          choices: names('prg', groups).map((index) => ({
            type: 'POST_FAULTING_DMA' as const,
            device: 'function0',
            index,
          })),
          rest: () => true,
        }),
        function0: actor(faultingFunction, {
          input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
          // What was posted before the link went down has no answer.
          rest: () => true,
        }),
        dev0: actor(link, {
          input: { function: 'function0', slot: 'removal' },
          choices: [{ type: 'UNPLUG' }],
          rest: () => true,
        }),
        prq: actor(descriptorRing, { input: { entries: groups, zero: { index: 'prg0', page: 'page0' } } }),
        irq: actor(prqEventThreadSteps, {
          input: {
            name: 'irq',
            queue: 'prq',
            devices: 'devices',
            lock: 'iopfLock',
            completion: 'prqComplete',
            rcu: 'rcu',
          },
          choices: [RUN],
          rest: ['idle'],
        }),
        devices: actor(deviceRbtree, { input: { devices: { dev0: 'iommu0' } } }),
        iopfLock: actor(mutex, { rest: ['free'] }),
        prqComplete: actor(completion),
        iommu0: actor(devIommu, { input: { param: 'param0' } }),
        param0: actor(variant === 'no-grace-period' ? refcount : refcountRcu, {
          input: { name: 'param0', rcu: 'rcu' },
        }),
        rcu: actor(gracePeriod, { choices: [RUN], rest: ({ context }) => context.callbacks.length === 0 }),
        invalidations: actor(invalidationQueue, { input: { name: 'invalidations' }, rest: ['idle'] }),
        removal: actor(removals[variant], {
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
          choices: [{ type: 'REMOVE' }, RUN],
          rest: ['bound', 'gone'],
        }),
      },
      blocking: ['REQUEST', 'PAGE_REQUEST', 'READ_TAIL', 'ACQUIRE', 'WAIT'],
      properties: ({ leadsTo, monitor, reachable, happens }) => [
        monitor(LIFETIME, objectLifetime, {
          objects: ['iommu0', 'param0'],
          alloc: 'ALLOC',
          free: 'FREE',
          allocated: ['iommu0', 'param0'],
        }),
        leadsTo(
          REMOVAL_ENDS,
          (view) => view.get('removal').matches('stopping'),
          (view) => view.get('removal').matches('gone'),
        ),
        happens('a fault is handled', { to: 'dev0', type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
        happens('the device-TLB is invalidated', { type: 'INVALIDATED' }),
        happens('the invalidation of a device that was pulled out times out', { type: 'TIMED_OUT' }),
        ...(variant === 'drain'
          ? [happens('removal waits for the end of a pass', { to: 'prqComplete', type: 'WAIT' })]
          : [
              happens('the thread finds no device', { to: 'irq', type: 'NOT_FOUND' }),
              happens('the thread finds a device without a fault parameter', { type: 'NO_FAULT_PARAM' }),
            ]),
        ...(variant === 'fixed' || variant === 'endless-invalidation'
          ? [
              happens('the last reference is gone when the thread asks for one', { type: 'GONE' }),
              reachable('removal waits for the thread, which has found the device', (view) => {
                return view.get('irq').matches('dereferencing') && view.get('removal').matches('detached');
              }),
            ]
          : []),
      ],
    });
  },
});

/**
 * B-49: a user-space reader holds iommufd's fault mutex while it copies to its buffer, and the copy sleeps until the
 * page of the buffer is there. The page comes by DMA of another device behind the same IOMMU, and that DMA faults too.
 * Its fault is in the queue behind one of the reader's device, for which the interrupt thread calls iommufd's handler,
 * and the handler waits for the mutex: the thread for the reader, the reader for the page, the page for the thread. No
 * device of the IOMMU gets its faults handled any more.
 *
 * Since 3d49020a327c (v6.14) the handler takes a spinlock that is never held over a copy.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { svaHandler } from '../kernel/iommu-sva/handler.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { faultQueueV611 } from '../kernel/iommufd/fault-v6.11.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { sizeOf, userSpaceFaults } from '../rigs/stress.ts';
import { userPage } from '../user/page.ts';
import { pager } from '../user/pager.ts';
import { userReader } from '../user/reader.ts';

export const slowReader = defineScenario({
  name: 'slow-reader',
  title: 'A reader of faults sleeps on a page that cannot come before another fault is handled',
  sources: ['B-49', '3d49020a327c', 'drivers/iommu/iommufd/eventq.c iommufd_fault_iopf_handler()'],
  group: 'iopf',
  parameters: z.object({
    devices: z
      .number()
      .int()
      .min(2)
      .max(4)
      .default(2)
      .describe(
        'devices behind the IOMMU; the last one has SVA and also brings user memory in, the others fault to user space',
      ),
    groups: z.number().int().min(2).max(4).default(2).describe('page request group indexes of each device'),
    readers: z.number().int().min(1).max(3).default(2).describe('user-space threads that read and answer faults'),
    entries: z.number().int().min(1).max(8).default(4).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the handler takes the spinlock of the deliver list (since 3d49020a327c; the newest kernel)',
      expected: { verdict: 'holds', counts: [6_526, 18_165], reduced: [3_464, 9_735] },
    },
    'mutex-held': {
      title: 'the handler takes the mutex that a reader holds while it copies (v6.11 to v6.13)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 12 },
    },
  },
  stress: {
    ...userSpaceFaults,
    pressure: ['EVICT'],
    counters: { ...userSpaceFaults.counters, sleeps: { type: 'SLEEP' }, 'wake-ups': { type: 'WAKE' } },
    balances: [
      ...userSpaceFaults.balances,
      { name: 'each reader that sleeps is woken', left: ['sleeps'], right: ['wake-ups'] },
    ],
    gauges: { ...userSpaceFaults.gauges, 'SVA work queue': sizeOf('sva', 'queued') },
    latencies: {
      ...userSpaceFaults.latencies,
      'sleep of a reader': { actors: 'reader', states: ['reading.asleep', 'writing.asleep'] },
    },
  },
  build({ devices: deviceCount, groups: groupCount, readers, entries }, variant) {
    const pagerIndex = deviceCount - 1;
    // The index that DMA for the pager uses.
    const pagerPrg = 'prg0';
    const groupsOf = (device: number) =>
      Array.from({ length: groupCount }, (_, prg) => [`prg${prg}`, `group${device * groupCount + prg}`] as const);
    const devices = Array.from({ length: deviceCount }, (_, index) => index);
    const groups = devices.flatMap((device) => groupsOf(device).map(([index, name]) => ({ device, index, name })));
    const params = Object.fromEntries(devices.map((index) => [`dev${index}`, `param${index}`]));
    const RUN = { type: 'RUN' } as const;

    const hardware = combineActors(
      family('dev', deviceCount, (index) =>
        actor(faultingFunction, {
          input: {
            name: `dev${index}`,
            queue: 'prq',
            pages: ['page0'],
            initiators: index === pagerIndex ? { [pagerPrg]: 'pager' } : {},
          },
          rest: (snapshot) => Object.keys(snapshot.context.posted).length === 0,
        }),
      ),
      { prq: actor(pageRequestQueue, { input: { entries } }) },
    );
    const guest = {
      guest: actor(guestDriver, {
        input: {},
        choices: groups
          .filter(({ device, index }) => device !== pagerIndex || index !== pagerPrg)
          .map(({ device, index }) => ({ type: 'POST_FAULTING_DMA' as const, device: `dev${device}`, index })),
        rest: () => true,
      }),
    };
    const kernel = combineActors(
      family('param', deviceCount, (index) =>
        actor(variant === 'fixed' ? faultParam : faultParamV69, {
          input: {
            name: `param${index}`,
            device: `dev${index}`,
            groups: Object.fromEntries(groupsOf(index)),
            handler: index === pagerIndex ? 'sva' : 'fault',
            handle: `handle${index}`,
          },
        }),
      ),
      family('group', groups.length, (at) => {
        const { device, index, name } = groups[at]!;
        return actor(iopfGroupMemory, { input: { name, index, param: `param${device}` } });
      }),
      {
        fault: actor(variant === 'fixed' ? faultQueue : faultQueueV611, { input: { mutex: 'mutex' } }),
        mutex: actor(mutex),
        sva: actor(svaHandler, { choices: [RUN], rest: (snapshot) => snapshot.context.queued.length === 0 }),
      },
    );
    const threads = combineActors(
      {
        irq: actor(prqThread, { input: { name: 'irq', queue: 'prq', cores: params }, choices: [RUN], rest: ['idle'] }),
      },
      family('reader', readers, (index) =>
        actor(userReader, {
          input: { name: `reader${index}`, faultQueue: 'fault', mutex: 'mutex', buffer: 'buffer' },
          choices: [RUN],
          rest: ['idle'],
        }),
      ),
    );
    const memory = {
      buffer: actor(userPage, {
        input: { pager: 'pager' },
        choices: [{ type: 'EVICT' }],
        rest: ['present', 'absent'],
      }),
      pager: actor(pager, {
        input: { device: `dev${pagerIndex}`, index: pagerPrg, page: 'buffer' },
        choices: [{ type: 'DMA_DONE' }, { type: 'DMA_FAULTS' }, RUN],
        rest: ['idle'],
      }),
    };

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(guest, hardware, kernel, threads, memory),
      blocking: ['REQUEST', 'ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'FETCH'],
      symmetry: interchangeable(alike(readers, 'reader')),
      properties: ({ always, reachable, happens, monitor }) => [
        monitor('nobody touches a freed group, and no group is freed twice', objectLifetime, {
          objects: groups.map(({ name }) => name),
          alloc: 'ALLOC',
          free: 'FREE',
        }),
        ...devices.map((index) =>
          always(`dev${index} gets exactly one answer to each group`, (view) => {
            return !view.get(`dev${index}`).matches('unexpectedIndex');
          }),
        ),
        happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' }),
        happens('the page is brought back by a DMA that faults', { to: 'pager', type: 'ANSWERED' }),
        reachable('a read sleeps with the mutex held', (view) => {
          return view.get('reader0').matches({ reading: 'asleep' }) && view.get('mutex').matches('held');
        }),
        reachable('a write sleeps with the mutex held', (view) => {
          return view.get('reader0').matches({ writing: 'asleep' }) && view.get('mutex').matches('held');
        }),
        reachable('a fault to user space is delivered while a reader sleeps', (view) => {
          return view.get('buffer').matches('incoming') && view.get('fault').context.deliver.length > 0;
        }),
      ],
    });
  },
});

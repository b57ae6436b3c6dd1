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
import { defineSystem } from '../../src/system/system.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { iommufdFaults, swappedBuffer } from '../rigs/iommufd.ts';
import { iommufdKernels } from '../rigs/iommufd-kernels.ts';
import { ownedGroups } from '../rigs/owned-groups.ts';
import { howMany } from '../rigs/parameters.ts';
import { sleepingReaders } from '../rigs/stress.ts';
import { svaWorker } from '../rigs/sva-worker.ts';

const kernels = { fixed: iommufdKernels.newest, 'mutex-held': iommufdKernels['v6.11'] };

export const slowReader = defineScenario({
  name: 'slow-reader',
  title: 'A reader of faults sleeps on a page that cannot come before another fault is handled',
  sources: ['B-49', '3d49020a327c', 'drivers/iommu/iommufd/eventq.c iommufd_fault_iopf_handler()'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    devices: howMany(
      'devices behind the IOMMU; the last one has SVA and also brings user memory in, the others fault to user space',
      { min: 2, max: 4, default: 2 },
    ),
    groups: howMany('page request group indexes of each device', { min: 2, max: 4, default: 2 }),
    readers: howMany('user-space threads that read and answer faults', { max: 3, default: 2 }),
    entries: howMany('entries of the page request queue', { max: 8, default: 4 }),
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
  stress: sleepingReaders,
  build({ devices, groups, readers, entries }, variant) {
    const { param, queue } = kernels[variant];
    const deviceNames = names('dev', devices);
    const swap = { device: deviceNames.at(-1)!, index: 'prg0' };
    const rig = assemble(
      { actors: { guest: startsFaultingDma(deviceNames, names('prg', groups), swap) } },
      svaWorker,
      ownedGroups({
        handlers: deviceNames.map((device) => (device === swap.device ? 'sva' : 'fault')),
        ...{ groups, entries, param },
        initiatorsOf: (device) => (`dev${device}` === swap.device ? { [swap.index]: 'pager' } : {}),
      }),
      iommufdFaults({ readers, queue, buffers: ['buffer'] }),
      swappedBuffer(swap.device, swap.index),
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.readers),
      properties: ({ reachable }) => [
        ...rig.always,
        ...rig.shows,
        reachable('a fault to user space is delivered while a reader sleeps', (view) => {
          return view.get('buffer').matches('incoming') && view.get('fault').context.deliver.length > 0;
        }),
      ],
    });
  },
});

/**
 * B-78: two locks in two orders. A fault takes the device's lock (iommu_report_device_fault()), and in it VFIO's handler the container's.
 * Detaching takes the container's lock, and in it the device's, to unregister the handler. Each waits for the other; so does the SMMU's
 * event-queue thread, and with it every device behind the SMMU.
 *
 * Fix: unregister first. What the handler is called for then finds no handler, and the driver aborts the transaction.
 *
 * Simplifications: attach and ENABLE_IOPF, which register under the container's lock, are the same race from the other side; our analysis of
 * the posted series (v1 to v3), never run on a kernel.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { detachGroupUnlocked } from '../kernel/vfio-type1/detach-unlocked.ts';
import { detachGroup } from '../kernel/vfio-type1/detach-v3.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { oneCallback, tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';

export const detachDeadlock = defineScenario({
  name: 'detach-deadlock',
  title: 'A device is detached while one of its faults is handled',
  sources: ['B-78', 'VFIO IOPF v3 vfio_iommu_type1_detach_group(), vfio_iommu_type1_dma_map_iopf()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({}),
  variants: {
    fixed: {
      title: 'unregisters the handler before it takes the container lock',
      expected: { verdict: 'holds', counts: [151, 342] },
    },
    'under-lock': {
      title: 'unregisters the handler under the container lock (v3)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 5 },
    },
  },
  build(_, variant) {
    const { kswapd, notifier } = oneCallback;
    const rig = assemble(
      stallPath({ devices: 1, entries: 1, tlbs: tlbsOf(1), commands: 2 }),
      vfioContainer({ pages: 1, handler: inThread(vfioIopfHandler), notifier }),
      hostMemory({ pages: 1, frames: 1, kswapd }),
      {
        actors: {
          guest: startsDma(['dev0'], ['page0']),
          detach: actor(variant === 'fixed' ? detachGroupUnlocked : detachGroup, {
            input: { name: 'detach', lock: 'containerLock', deviceLock: 'paramLock0', deviceFault: 'core0' },
            choices: [{ type: 'DETACH_GROUP' }, { type: 'RUN' }],
            rest: ['attached', 'detached'],
          }),
        },
        expects: ['containerLock', 'paramLock0', 'core0'],
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        ...rig.always,
        happens('a DMA is done after its page was faulted in', { type: 'ACCESS' }),
        happens('a fault finds no handler any more', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'failure' }),
        reachable('the device is detached', (view) => view.get('detach').matches('detached')),
      ],
    });
  },
});

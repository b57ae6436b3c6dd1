/**
 * H-04: for each page request that it takes out of the log, AMD's interrupt thread looks the device up by its slot, which takes a reference to the
 * `struct pci_dev`, and never drops it. One request is enough: when the device is unplugged it is not released, nor are the bus, the slot and the
 * ACPI companion that it refers to; and the count, of 32 bits, saturates after so many faults. Fix: pci_dev_put() on each way out.
 *
 * Found by reading amd/ppr.c iommu_call_iopf_notifier() of 7.0 (kangharison/linux-study of July 2026), and mended since: ppr.c of torvalds/linux
 * 3c6a2bac1524 puts on both ways out. It needs no race.
 *
 * Simplifications: `pci-device.ts`, `unplug-device.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pprLog } from '../hardware/amd/ppr-log.ts';
import { groupsOfOne, pasidFunction } from '../hardware/pcie/pasid-function.ts';
import { pprLookupThreadPuts } from '../kernel/amd/ppr-lookup-puts.ts';
import { pprLookupThread } from '../kernel/amd/ppr-lookup-v7.0.ts';
import { amdUnplugThread } from '../kernel/amd/unplug-device.ts';
import { heldGroups } from '../kernel/io-pgfault/held-groups.ts';
import { iopfCoreV70 } from '../kernel/io-pgfault/v7.0.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { pciDevice } from '../kernel/pci/pci-device.ts';
import { actorOf } from '../rigs/version.ts';

const RUN = { type: 'RUN' } as const;
const RELEASED = 'a device that was unplugged is released';

export const leakedDevice = defineScenario({
  name: 'leaked-device',
  title: 'Each page request on AMD takes a reference to the device, and the device is unplugged',
  sources: ['H-04', '3c6a2bac1524', 'drivers/iommu/amd/ppr.c iommu_call_iopf_notifier()', 'drivers/pci/search.c'],
  group: 'iopf',
  systems: ['amd-ppr'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    saturation: z.number().int().min(3).max(9).default(4).describe('references at which the count saturates'),
  }),
  variants: {
    fixed: {
      title: 'the reference is dropped when the report is over (3c6a2bac1524)',
      expected: { verdict: 'holds', counts: [69, 113] },
    },
    'v7.0': {
      title: 'the reference is never dropped (7.0)',
      expected: { verdict: 'violated', property: RELEASED, length: 9 },
    },
  },
  build({ indexes, saturation }, variant) {
    const thread = variant === 'fixed' ? pprLookupThreadPuts : pprLookupThread;
    return defineSystem({
      unsent: 'ignore',
      actors: {
        dev0: actor(pasidFunction, {
          input: { name: 'dev0', iommu: 'log' },
          choices: groupsOfOne(indexes, 'pasid1'),
          // Of what is left in the log when it is unplugged nobody knows the device any more.
          rest: ({ context: { groups, stopped } }) => Object.keys(groups).length === 0 || stopped.length > 0,
        }),
        log: actor(pprLog, { input: { entries: indexes, thread: 'irq' } }),
        irq: actorOf(thread, {
          input: { name: 'irq', log: 'log', core: 'core', pdev: 'pdev' },
          choices: [RUN],
          rest: ['asleep'],
        }),
        core: actor(iopfCoreV70, { input: { name: 'core', device: 'dev0', array: 'array', isAdded: true } }),
        array: actor(pasidArray, { input: { handles: { pasid1: 'handle0' } } }),
        handle0: actor(attachHandle, { input: { handler: 'worker', isAttached: true } }),
        worker: actor(heldGroups, {
          input: { core: 'core' },
          choices: [RUN],
          rest: ({ context }) => context.held.length === 0,
        }),
        pdev: actor(pciDevice, { input: { saturation } }),
        unplug: actor(amdUnplugThread, {
          input: { device: 'dev0', pasid: 'pasid1', groups: 'worker', pdev: 'pdev' },
          choices: [{ type: 'UNPLUG' }, RUN],
          rest: ['bound', 'gone'],
        }),
      },
      blocking: ['PAGE_REQUEST', 'FLUSHED'],
      properties: ({ happens, leadsTo, reachable }) => [
        leadsTo(
          RELEASED,
          (view) => view.get('unplug').matches('gone'),
          (view) => view.get('pdev').matches('released'),
        ),
        happens('a fault is handled', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
        reachable('the device is out of the list while the thread has it', (view) => {
          return view.get('unplug').matches('gone') && view.get('irq').matches('found');
        }),
      ],
    });
  },
});

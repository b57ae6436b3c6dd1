/**
 * B-25: a process unbinds from a device whose transaction is stalled, and another one binds the same PASID. SMMUv3 drains neither its event
 * queue nor the work queue at unbind, so the record of the stall, or its group, or the CMD_RESUME that answers it, is still on its way. The
 * record is then handled in the name of the new process, whose page is faulted in, and the transaction, retried, reaches memory of a
 * process that it was not started for.
 *
 * Upstream relies on the device: its driver unbinds when the device has completed all transactions, the stalled ones included
 * (`device-waits`). For a device that is reset instead, everything has to be waited for: the records, the work queue, and the commands. The
 * PRI and stall series of 2018 to 2020 had the first two (arm_smmu_flush_evtq(), whose way of waiting is flush-until-empty). That they are
 * not enough without the third is our analysis of the model, where CMD_RESUME takes effect when it is consumed; nobody has reported it.
 *
 * The descriptor has to be cleared before anything is waited for: otherwise what is retried may stall again (`clear-last`).
 *
 * Simplifications: one device with one transaction, one PASID; the last wait is one CMD_SYNC, though the specification promises no more
 * than that CMD_RESUME takes effect in finite time (SMMUv3 4.6.1).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svaBind } from '../kernel/iommu-sva/bind.ts';
import { svaBindAwaitsCommands } from '../kernel/iommu-sva/bind-awaits-commands.ts';
import { svaBindClearsLast } from '../kernel/iommu-sva/bind-clears-last.ts';
import { svaBindDeviceWaits } from '../kernel/iommu-sva/bind-device-waits.ts';
import { svaBindDrainsEvents } from '../kernel/iommu-sva/bind-drains-events.ts';
import { svaBindFlushesWork } from '../kernel/iommu-sva/bind-flushes-work.ts';
import { REACHES_OWN_PROCESS, reachesOwnProcess } from '../monitors/own-address-space.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { svaStalls } from '../rigs/sva-stalls.ts';

const violated = { verdict: 'violated', property: REACHES_OWN_PROCESS } as const;

const processThreads = {
  fixed: svaBindAwaitsCommands,
  'device-waits': svaBindDeviceWaits,
  'no-drain': svaBind,
  'no-flush': svaBindDrainsEvents,
  'no-sync': svaBindFlushesWork,
  'clear-last': svaBindClearsLast,
};

export const unbindWithoutDrain = defineScenario({
  name: 'unbind-without-drain',
  title: 'A PASID is bound by another process while a stall of the first one is on its way',
  sources: [
    'B-25',
    'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c',
    'arm_smmu_flush_evtq() (2018 to 2020)',
    'SMMUv3 4.6.1',
  ],
  group: 'iopf',
  systems: ['smmu-stall', 'host-sva'],
  parameters: z.object({
    processes: z.number().int().min(2).max(3).default(2).describe('processes that take turns with the PASID'),
  }),
  variants: {
    fixed: {
      title: 'unbind drains the event queue, flushes the work queue and waits for the commands',
      expected: { verdict: 'holds', counts: [313, 732] },
    },
    'device-waits': {
      title:
        'unbind drains nothing, but the driver calls it when the device has no transaction left (what upstream asks for)',
      expected: { verdict: 'holds', counts: [113, 236] },
    },
    'no-drain': {
      title: 'unbind drains nothing, and the device was reset with a transaction stalled (upstream)',
      expected: { ...violated, length: 13 },
    },
    'no-flush': {
      title: 'unbind drains the event queue only',
      expected: { ...violated, length: 20 },
    },
    'no-sync': {
      title: 'unbind drains the event queue and flushes the work queue, and the answer is still in the command queue',
      expected: { ...violated, length: 21 },
    },
    'clear-last': {
      title: 'unbind waits for all three, and clears the context descriptor after that',
      expected: { ...violated, length: 23 },
    },
  },
  build({ processes }, variant) {
    const rig = assemble(svaStalls({ processes, user: processThreads[variant] }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        reachesOwnProcess(Object.fromEntries(names('mm', processes).map((mm, index) => [mm, [`page${index}`]]))),
        ...rig.always,
        ...rig.shows,
        happens('the second process has the PASID', { to: 'cd0', type: 'INSTALL', where: ({ mm }) => mm === 'mm1' }),
        ...(variant === 'device-waits' || variant === 'clear-last'
          ? []
          : [
              happens('a transaction is aborted when it is retried after unbind', { to: 'dev0', type: 'ABORTED' }),
              reachable('a process unbinds while a transaction of it is stalled', (view) => {
                return view.get('dev0').matches('stalled') && view.get('user0').matches('stopped');
              }),
            ]),
      ],
    });
  },
});

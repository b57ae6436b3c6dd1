/**
 * B-25: a process unbinds from a device whose transaction is stalled, and another one binds the same PASID. SMMUv3 drains neither its
 * event queue nor the work queue at unbind, so the record of the stall, or its group, or the CMD_RESUME that answers it, is still on
 * its way. The record is then handled in the name of the new process, whose page is faulted in, and the transaction, retried,
 * reaches memory of a process that it was not started for.
 *
 * Upstream relies on the device: its driver unbinds when the device has completed all transactions, the stalled ones included
 * (`device-waits`). For a device that is reset instead, everything has to be waited for: the records, the work queue, and the
 * commands. The PRI and stall series of 2018 to 2020 had the first two (arm_smmu_flush_evtq(), whose way of waiting is
 * flush-until-empty). That they are not enough without the third is our analysis of the model, where CMD_RESUME takes effect when
 * it is consumed; nobody has reported it.
 *
 * The descriptor has to be cleared before anything is waited for: otherwise what is retried may stall again (`clear-last`).
 *
 * Simplifications: one device with one transaction, one PASID; the last wait is one CMD_SYNC, though the specification promises
 * no more than that CMD_RESUME takes effect in finite time (SMMUv3 4.6.1).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { faultReport } from '../kernel/io-pgfault/report.ts';
import { svaBind, svaBindConfig, svaBindParts, svaBindStates } from '../kernel/iommu-sva/bind.ts';
import { REACHES_OWN_PROCESS, reachesOwnProcess } from '../monitors/own-address-space.ts';
import { straightLine } from '../parts/straight-line.ts';
import { assemble } from '../rigs/assemble.ts';
import { svaBindChoices, svaBindInput, svaReportInput, svaStalls } from '../rigs/sva-stalls.ts';

const { unbound, bound } = svaBindStates;
const stopsWhenIdle = svaBindParts.createStateConfig({
  on: { ...bound.on, UNBIND: { target: 'stopped', actions: 'awaitIdleDevice' } },
});
const sync = svaBindParts.createStateConfig({ on: { SYNC_COMPLETE: 'synced' } });

const deviceWaits = svaBindParts.createMachine({
  id: 'svaBindDeviceWaits',
  ...svaBindConfig,
  states: { ...svaBindStates, bound: stopsWhenIdle },
});

const drainsEvents = svaBindParts.createMachine({
  id: 'svaBindDrainsEvents',
  ...svaBindConfig,
  states: {
    unbound,
    bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: ['drainEventQueue', 'synchronizeIrq'],
        drained: 'eraseHandle',
        detached: 'putPasid',
      },
      'unbound',
    ),
  },
});

const flushesWork = svaBindParts.createMachine({
  id: 'svaBindFlushesWork',
  ...svaBindConfig,
  states: {
    unbound,
    bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: ['drainEventQueue', 'synchronizeIrq'],
        drained: 'startFlush',
        flushing: ['awaitFlush', 'eraseHandle'],
        detached: 'putPasid',
      },
      'unbound',
    ),
  },
});

const awaitsCommands = svaBindParts.createMachine({
  id: 'svaBindAwaitsCommands',
  ...svaBindConfig,
  states: {
    unbound,
    bound,
    ...straightLine(
      {
        stopped: 'clearDescriptor',
        cleared: ['drainEventQueue', 'synchronizeIrq'],
        drained: 'startFlush',
        flushing: ['awaitFlush', 'eraseHandle'],
        flushed: 'issueSync',
      },
      'syncing',
    ),
    syncing: sync,
    ...straightLine({ synced: 'putPasid' }, 'unbound'),
  },
});

const clearsLast = svaBindParts.createMachine({
  id: 'svaBindClearsLast',
  ...svaBindConfig,
  states: {
    unbound,
    bound,
    ...straightLine(
      {
        stopped: ['drainEventQueue', 'synchronizeIrq'],
        drained: 'startFlush',
        flushing: ['awaitFlush', 'eraseHandle'],
        flushed: 'issueSync',
      },
      'syncing',
    ),
    syncing: sync,
    ...straightLine({ synced: ['clearDescriptor', 'putPasid'] }, 'unbound'),
  },
});

const processThreads = {
  fixed: awaitsCommands,
  'device-waits': deviceWaits,
  'no-drain': svaBind,
  'no-flush': drainsEvents,
  'no-sync': flushesWork,
  'clear-last': clearsLast,
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
      expected: { verdict: 'violated', property: REACHES_OWN_PROCESS, length: 13 },
    },
    'no-flush': {
      title: 'unbind drains the event queue only',
      expected: { verdict: 'violated', property: REACHES_OWN_PROCESS, length: 20 },
    },
    'no-sync': {
      title: 'unbind drains the event queue and flushes the work queue, and the answer is still in the command queue',
      expected: { verdict: 'violated', property: REACHES_OWN_PROCESS, length: 21 },
    },
    'clear-last': {
      title: 'unbind waits for all three, and clears the context descriptor after that',
      expected: { verdict: 'violated', property: REACHES_OWN_PROCESS, length: 23 },
    },
  },
  build({ processes }, variant) {
    const rig = assemble(
      svaStalls(processes),
      { actors: { report0: actor(faultReport, { input: svaReportInput(processes) }) } },
      {
        actors: family('user', processes, (index) =>
          actor(processThreads[variant], { input: svaBindInput(index), ...svaBindChoices }),
        ),
      },
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        reachesOwnProcess(
          Object.fromEntries(Array.from({ length: processes }, (_, index) => [`mm${index}`, [`page${index}`]])),
        ),
        ...rig.always,
        happens('a stalled transaction is retried', { to: 'dev0', type: 'RETRY' }),
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

/**
 * B-54: VFIO's series for I/O page faults switches faults on for the devices of a group, and only then links the group, by which
 * the fault handler gets from the device to the container. A fault in between finds no container: the handler returns -ENODEV,
 * the SMMU's driver answers Failure, and an access is aborted that could have been served. In the review of v3 (Williamson, May
 * 2021): first what is looked up, then what looks it up.
 *
 * It needs a device that is at work while its group is attached to a container that has memory mapped. Before faults are on, an
 * access to what is not mapped is aborted in any case (`unregistered`), which is as it should be.
 *
 * Simplification: the device does not stop for the attach.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { tlb } from '../hardware/smmu/tlb.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { deviceFaultRegisters } from '../kernel/iommu/v5.12-register.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { frame } from '../kernel/mm/frame.ts';
import {
  attachGroupConfig,
  attachGroupParts,
  attachGroupStates,
  attachGroupV3,
} from '../kernel/vfio-type1/attach-group-v3.ts';
import { iopfGroupList } from '../kernel/vfio-type1/iopf-group-list.ts';
import { iopfLookupV3 } from '../kernel/vfio-type1/iopf-lookup-v3.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { stallPath } from '../rigs/stall-path.ts';

/** The order that the review asked for; the series was not posted again. */
const attachGroupLinksFirst = attachGroupParts.createMachine({
  id: 'attachGroupLinksFirst',
  ...attachGroupConfig,
  states: {
    ...attachGroupStates,
    detached: attachGroupParts.createStateConfig({
      on: { ATTACH_GROUP: { target: 'linking', actions: 'lock' } },
    }),
    linking: attachGroupParts.createStateConfig({
      on: { RUN: { target: 'registering', actions: 'link' } },
    }),
    registering: attachGroupParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'isLastDevice', target: 'attached', actions: ['register', 'nextDevice', 'unlock'] },
          { actions: ['register', 'nextDevice'] },
        ],
      },
    }),
  },
});

const FOUND = 'a fault that is delivered finds its container';
const RUN = { type: 'RUN' } as const;

export const faultsBeforeLink = defineScenario({
  name: 'faults-before-link',
  title: 'Faults are switched on for a device before its container can be found',
  sources: ['B-54', 'VFIO IOPF v3 vfio_iommu_type1_enable_iopf(), vfio_iommu_type1_attach_group()'],
  group: 'iopf',
  parameters: z.object({
    devices: z.number().int().min(1).max(3).default(2).describe('devices of the group that is attached'),
  }),
  variants: {
    fixed: { title: 'links the group, then switches faults on', expected: { verdict: 'holds', counts: [138, 305] } },
    'link-last': {
      title: 'switches faults on, then links the group (v3)',
      expected: { verdict: 'violated', property: FOUND, length: 6 },
    },
  },
  build({ devices }, variant) {
    const stalls = stallPath({ devices, entries: devices, tlbs: { page0: 'tlb0' }, fault: deviceFaultRegisters });
    const rig = assemble(stalls, {
      actors: {
        guest: actor(guestDriver, {
          input: {},
          choices: names('dev', devices).map((device) => ({ type: 'POST_DMA' as const, device, page: 'page0' })),
          rest: () => true,
        }),
        tlb0: actor(tlb, { input: { name: 'tlb0', entry: 'iopte0' } }),
        iopte0: actor(iommuPageTableEntry),
        // Whose it is does not matter here.
        frame0: actor(frame, { input: { name: 'frame0', freeList: 'none' } }),
        handler: actor(iopfLookupV3, {
          input: {
            name: 'handler',
            list: 'groupList',
            lock: 'containerLock',
            entries: { page0: 'iopte0' },
            frames: { page0: 'frame0' },
          },
          choices: [RUN],
          rest: ['idle'],
        }),
        groupList: actor(iopfGroupList),
        containerLock: actor(mutex, { rest: ['free'] }),
        vfio: actor(variant === 'fixed' ? attachGroupLinksFirst : attachGroupV3, {
          input: { name: 'vfio', lock: 'containerLock', list: 'groupList', handlers: names('core', devices) },
          choices: [{ type: 'ATTACH_GROUP' }, RUN],
          rest: ['detached', 'attached'],
        }),
      },
    });
    return defineSystem({
      ...rig.parts,
      properties: ({ always, happens, reachable }) => [
        ...rig.always,
        always(FOUND, (view) => !view.get('handler').matches('notFound')),
        happens('a DMA is done after its page was faulted in', { type: 'ACCESS' }),
        happens('an access is aborted because faults are not on', { type: 'TERMINATE' }),
        reachable('a fault is handled while the group is being attached', (view) => {
          return view.get('handler').matches('looking') && view.get('containerLock').matches('held');
        }),
      ],
    });
  },
});

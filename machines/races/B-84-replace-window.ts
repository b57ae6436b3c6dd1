/**
 * B-84: replacing a domain switches the hardware first and stores the new attach handle then (iommu.c
 * iommu_replace_group_handle(), and iommu_replace_device_pasid()). In between a request of the new page table is reported,
 * and the look-up, which takes neither a lock nor a reference, finds the old handle. The handle is stored, the old one's
 * groups are answered, and it is freed; then the report goes on and calls the handler through it. That the drain comes
 * before the switch does not help. SMMUv3 does not even drain, so there the request may be older than the switch.
 *
 * Fix: wait after the store for a report that is under way, as by taking the lock that it runs under; or let a look-up
 * take a reference, which is given back with the group.
 *
 * A candidate, by our own analysis of iommu.c, iommufd/device.c, intel/iommu.c and arm-smmu-v3.c of 7.0
 * (kangharison/linux-study of July 2026), with the fix ba5c0f28a26e, which that tree does not have yet. It was never run
 * on a kernel.
 *
 * Simplifications: groups of one request; old and new handle are of domains with one list of groups; what SMMUv3 does
 * otherwise is the thread, while its event queue is the page request queue here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem } from '../../src/system/system.ts';
import { iommufdAttachConfig, iommufdAttachParts } from '../kernel/intel/attach-v7.0.ts';
import { replaceThreadV70, replaceV70States } from '../kernel/intel/replace-v7.0.ts';
import { heldGroups, heldGroupsConfig, heldGroupsParts, heldGroupsStates } from '../kernel/io-pgfault/held-groups.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { attachHandleCounted } from '../kernel/iommu/attach-handle-counted.ts';
import { pasidArray, pasidArrayConfig, pasidArrayParts, pasidArrayStates } from '../kernel/iommu/pasid-array.ts';
import { names } from '../parts/names.ts';
import { without } from '../parts/states.ts';
import { straightLine } from '../parts/straight-line.ts';
import { VTD_BLOCKING, VTD_NAMES, vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const LIFETIME = 'no attach handle is used after it was freed';
const violated = { verdict: 'violated', property: LIFETIME } as const;

const waits = iommufdAttachParts.createMachine({
  id: 'replaceThreadWaits',
  ...iommufdAttachConfig,
  states: { ...replaceV70States, ...straightLine({ stored: 'awaitReport', reported: 'autoRespond' }, 'answered') },
});

/** arm_smmu_attach_dev(): prepare, install the STE, commit; nobody waits for the event queue. */
const withoutDrain = iommufdAttachParts.createMachine({
  id: 'replaceThreadWithoutDrain',
  ...iommufdAttachConfig,
  states: {
    ...without(replaceV70States, 'blocked', 'drained'),
    attached: iommufdAttachParts.createStateConfig({
      on: { REPLACE: { target: 'switched', actions: ['allocateSpare', 'setEntry'] } },
    }),
    ...straightLine({ switched: 'storeSpare' }, 'stored'),
  },
});

const countingArray = pasidArrayParts.createMachine({
  id: 'pasidArrayCounts',
  ...pasidArrayConfig,
  states: {
    valid: pasidArrayParts.createStateConfig({
      on: {
        ...pasidArrayStates.valid.on,
        LOOK_UP: [{ guard: 'isAttached', actions: ['getReference', 'replyHandle'] }, { actions: 'replyNoHandle' }],
      },
    }),
  },
});

const countingGroups = heldGroupsParts.createMachine({
  id: 'heldGroupsCount',
  ...heldGroupsConfig,
  states: {
    holding: heldGroupsParts.createStateConfig({
      on: {
        ...heldGroupsStates.holding.on,
        RUN: { guard: 'holdsAny', actions: ['followOldest', 'answerOldest', 'putOldest', 'forgetOldest'] },
        AUTO_RESPONSE: { actions: ['answerAllOfHandle', 'putAllOfHandle', 'forgetAllOfHandle'] },
      },
    }),
  },
});

export const replaceWindow = defineScenario({
  name: 'replace-window',
  title: 'A domain is replaced, and a fault of the new one is reported through the handle of the old one',
  sources: ['B-84', 'B-46', 'drivers/iommu/iommu.c iommu_replace_group_handle()', 'drivers/iommu/iommufd/device.c'],
  group: 'iopf',
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the new handle is stored, and then a report that is under way is waited for',
      expected: { verdict: 'holds', counts: [238, 500] },
    },
    reference: {
      title: 'a look-up takes a reference on the handle',
      expected: { verdict: 'holds', counts: [220, 456] },
    },
    window: {
      title: 'the hardware is drained and switched, and the handle stored after that (VT-d, 7.0)',
      expected: { ...violated, length: 10 },
    },
    'no-drain': {
      title: 'the hardware is switched under way, and the handle stored after that (SMMUv3, 7.0)',
      expected: { ...violated, length: 8 },
    },
  },
  build({ indexes, entries }, variant) {
    const counts = variant === 'reference';
    const path = vtdPageRequests({
      posts: names('prg', indexes).map((index) => ({ type: 'POST', index, pasid: 'rid', last: true })),
      present: ['rid'],
      attached: ['rid'],
      handles: 2,
      entries,
      array: counts ? countingArray : pasidArray,
      handle: counts ? attachHandleCounted : attachHandle,
      groups: counts ? countingGroups : heldGroups,
    });
    const threads = { fixed: waits, reference: replaceThreadV70, window: replaceThreadV70, 'no-drain': withoutDrain };
    const ioctl = actor(threads[variant], {
      input: { ...VTD_NAMES, pasid: 'rid', handle: 'handle0', spare: 'handle1' },
      choices: [{ type: 'REPLACE' }, { type: 'RUN' }],
      rest: ['attached'],
    });

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(path, { ioctl }),
      // A handle that still has references keeps its place in memory.
      blocking: [...VTD_BLOCKING, 'ALLOC'],
      properties: ({ always, reachable, happens }) => [
        always(LIFETIME, (view) => {
          return (['handle0', 'handle1'] as const).every((handle) => !view.get(handle).matches('usedAfterFree'));
        }),
        reachable('a report has found the old handle when the new one is stored', (view) => {
          const { due } = view.get('irq').context;
          return view.get('ioctl').matches('stored') && due?.handle === view.get('ioctl').context.handle;
        }),
        reachable('the old handle is freed', (view) => view.get('handle0').matches('freed')),
        happens('a group is answered by the replacement', {
          type: 'PRG_RESPONSE',
          where: ({ code }) => code === 'invalid',
        }),
        happens('a group is handled', { type: 'PRG_RESPONSE', where: ({ code }) => code === 'success' }),
      ],
    });
  },
});

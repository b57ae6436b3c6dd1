/**
 * H-16, refuted: since 3d49020a327c (v6.14) a read of iommufd's fault queue takes a group off `fault->common.deliver` first and stores
 * it in `fault->response` later, and xa_alloc() in between may sleep, and fail. A detach answers for the user by looking through both
 * places (iommufd_auto_response_faults()), so a group that is in neither could be overlooked: never answered, with a handle that is
 * freed; or lost when there is no memory for its cookie. (The hypothesis.)
 *
 * It cannot: `fault->mutex` is held over the whole read, and over both looks of the detach; and without memory the group goes back to
 * the head of the list, as it does when the copy fails. Each step that this rests on, left out, is a variant.
 *
 * iommufd/eventq.c of 7.0 (kangharison/linux-study, July 2026), with 172fc8b19825.
 *
 * Simplifications: groups of one request; the order of detach is that of a PASID on VT-d (drained first); one handle for each device.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { detachThread } from '../kernel/iommufd/detach.ts';
import { detachWithoutMutex } from '../kernel/iommufd/detach-without-mutex.ts';
import { faultQueueFetchSteps } from '../kernel/iommufd/eventq-fetch-steps.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { iommufdFaults, unmappedBuffers } from '../rigs/iommufd.ts';
import { iommufdDetach, nothingIsLeft } from '../rigs/iommufd-detach.ts';
import { ownedGroups } from '../rigs/owned-groups.ts';
import { userReaderFetchSteps } from '../user/reader-fetch-steps.ts';
import { userReaderForgets } from '../user/reader-fetch-steps-forgets.ts';

const ANSWERED = 'after dev0 was detached, each of its groups has its answer';
const versions = {
  fixed: { detach: detachThread, reader: userReaderFetchSteps },
  'no-mutex': { detach: detachWithoutMutex, reader: userReaderFetchSteps },
  forgets: { detach: detachThread, reader: userReaderForgets },
};

export const groupInHand = defineScenario({
  name: 'group-in-hand',
  title: 'A device is detached while a read has taken a group off the list and has no cookie for it yet',
  sources: [
    'H-16',
    '3d49020a327c',
    'drivers/iommu/iommufd/eventq.c iommufd_auto_response_faults(), iommufd_fault_fops_read()',
  ],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
    readers: z.number().int().min(1).max(2).default(2).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'read and automatic response hold fault->mutex, and what has no cookie is put back (7.0)',
      expected: { verdict: 'holds', counts: [637, 2_281], reduced: [358, 1_284] },
    },
    'no-mutex': {
      title: 'the automatic response does not take fault->mutex',
      expected: { verdict: 'violated', property: ANSWERED, length: 8 },
    },
    forgets: {
      title: 'a group without memory for its cookie is not put back',
      expected: { verdict: 'violated', property: ANSWERED, length: 9 },
    },
  },
  build({ groups, readers }, variant) {
    const { detach, reader } = versions[variant];
    const faults = iommufdFaults({
      readers,
      buffers: names('buffer', readers),
      queue: faultQueueFetchSteps,
      reader,
    });
    const rig = assemble(
      { actors: { guest: startsFaultingDma(['dev0'], names('prg', groups)) } },
      {
        ...faults,
        actors: {
          ...faults.actors,
          ...Object.fromEntries(
            names('reader', readers).map((name) => [
              name,
              { ...faults.actors[name], choices: [{ type: 'RUN' }, { type: 'NO_MEMORY' }] },
            ]),
          ),
        } as typeof faults.actors,
        blocking: [...faults.blocking, 'TAKE'],
      },
      unmappedBuffers(readers),
      // What it is owed is said by properties.
      ownedGroups({ handlers: ['fault'], groups, rest: () => true }),
      iommufdDetach({ detach }),
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.readers.map((own, at) => [...own, `buffer${at}`])),
      properties: ({ happens, reachable }) => [
        ...rig.always,
        ...nothingIsLeft(1, groups),
        ...rig.shows,
        happens('a group without a cookie is put back', {
          to: 'fault',
          type: variant === 'forgets' ? 'RESTORE' : 'PUT_BACK',
        }),
        happens('a group whose copy failed is put back', { to: 'fault', type: 'RESTORE' }),
        reachable('a detach has to wait for a read that has a group in its hand', (view) => {
          return view.get('detach0').value === 'removed' && view.get('reader0').value === 'taken';
        }),
      ],
    });
  },
});

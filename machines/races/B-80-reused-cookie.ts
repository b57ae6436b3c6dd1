/**
 * B-80: iommufd gives a group that is read the lowest cookie that is free, and a cookie is free again as soon as its group has its
 * answer, whoever gave it. A detach answers the groups that a user has in hand. When the device is attached again, the next group
 * gets the same cookie, and the response to the old one, if it comes late, is taken for a response to the new one; the response
 * to that is then refused. A user that detaches knows which of its groups were answered for it only if it stops its readers first.
 *
 * `fixed` is our proposal: a cookie that the user was given stays reserved until the user has written it. (A number that is not used
 * again so soon, xa_alloc_cyclic(), makes it unlikely, not impossible.) Our analysis of the source, no reported bug.
 *
 * Simplification: a user that never writes what it has read would keep its cookies; here every reader writes in the end.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { faultQueueReserves } from '../kernel/iommufd/eventq-reserves.ts';
import { cookieOwner } from '../monitors/cookie-owner.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { iommufdFaults, presentBuffer } from '../rigs/iommufd.ts';
import { iommufdDetach } from '../rigs/iommufd-detach.ts';
import { ownedGroups } from '../rigs/owned-groups.ts';

const OWN_GROUP = 'a response answers the group that its cookie was given for';

export const reusedCookie = defineScenario({
  name: 'reused-cookie',
  title: 'A late response carries the cookie of another group by now',
  sources: ['B-80', 'drivers/iommu/iommufd/eventq.c iommufd_fault_fops_write(), iommufd_auto_response_faults()'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
    readers: z.number().int().min(2).max(3).default(2).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'a cookie stays reserved until the user that has it has written it',
      expected: { verdict: 'holds', counts: [343, 808], reduced: [179, 419] },
    },
    'lowest-free': {
      title:
        'a cookie is free when its group has its answer, and the lowest free one is given next (xa_alloc(), since v6.11)',
      expected: { verdict: 'violated', property: OWN_GROUP, length: 17 },
    },
  },
  build({ groups, readers }, variant) {
    const queue = variant === 'fixed' ? faultQueueReserves : faultQueue;
    const rig = assemble(
      { actors: { guest: startsFaultingDma(['dev0'], names('prg', groups)) } },
      ownedGroups({ handlers: ['fault'], groups }),
      iommufdDetach(),
      iommufdFaults({ readers, queue, buffers: ['buffer'] }),
      presentBuffer,
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.readers),
      properties: ({ reachable, happens, monitor }) => [
        monitor(OWN_GROUP, cookieOwner),
        ...rig.always,
        ...rig.shows,
        happens('a late response is refused', { type: 'EINVAL' }),
        reachable('two readers have a group in hand, of which one was answered for its reader', (view) => {
          const areHandling = (['reader0', 'reader1'] as const).every((name) => view.get(name).matches('handling'));
          return areHandling && Object.keys(view.get('dev0').context.posted).length === 1;
        }),
      ],
    });
  },
});

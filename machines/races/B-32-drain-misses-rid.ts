/**
 * B-32: VT-d handles page faults without PASID since v6.13 (9f831c16c69e). Whoever takes the domain of a device away relies on a fence: when
 * the hardware has been switched, no fault of the old domain is on its way any more. The drain that makes the fence was called for PASIDs
 * only, and compared requests with a PASID only. A request without one is in the queue, or in the hands of the thread, which has found the
 * attach handle without a reference; iommufd frees the handle, and the thread calls the handler through it.
 *
 * It takes two commits, each of them useless without the other. c43e1ccdebf2 (v6.13) drains wherever an entry is torn down (`passes-over` has
 * this one), add43c4fbc92 (v6.14) compares requests without PASID as well (`not-called` has that one).
 *
 * c43e1ccdebf2 drained in the exit of an address space, too, where it must not sleep; that is no matter of this race.
 *
 * Simplifications: groups of one request; one attach handle, in one place of memory.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfOne } from '../hardware/pcie/pasid-function.ts';
import { attachRidThreadUndrained } from '../kernel/intel/attach-rid-undrained.ts';
import { attachRidThreadV613 } from '../kernel/intel/attach-rid-v6.13.ts';
import { attachRidThreadV614 } from '../kernel/intel/attach-rid-v6.14.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import { assemble } from '../rigs/assemble.ts';
import { vtdAttach, vtdPageRequests } from '../rigs/vtd-page-requests.ts';

const violated = { verdict: 'violated', property: noFreedHandleIsUsed(['handle0']).name } as const;

const threads = {
  fixed: attachRidThreadV614,
  'passes-over': attachRidThreadV613,
  'not-called': attachRidThreadUndrained,
};

export const drainMissesRid = defineScenario({
  name: 'drain-misses-rid',
  title: 'A domain is detached while page requests without PASID are in the queue, and the drain does not see them',
  sources: ['B-32', 'c43e1ccdebf2', 'add43c4fbc92', '9f831c16c69e', 'drivers/iommu/intel/prq.c'],
  group: 'iopf',
  systems: ['vtd-prq'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(1).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'each tear-down drains, and the drain compares all requests (add43c4fbc92, v6.14)',
      expected: { verdict: 'holds', counts: [48, 92] },
    },
    'passes-over': {
      title: 'each tear-down drains, and the drain passes over requests without PASID (c43e1ccdebf2, v6.13)',
      expected: { ...violated, length: 8 },
    },
    'not-called': {
      title: 'the drain compares all requests, and nobody calls it without a PASID (add43c4fbc92 alone)',
      expected: { ...violated, length: 7 },
    },
  },
  build({ indexes, entries }, variant) {
    const rig = assemble(
      vtdPageRequests({ posts: groupsOfOne(indexes, 'rid'), attached: ['rid'], entries }),
      vtdAttach({ thread: threads[variant], pasid: 'rid' }),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable, happens }) => [
        ...rig.always,
        reachable('the domain is detached while a request of it is in the queue', (view) => {
          return view.get('ioctl').matches('cleared') && view.get('registers').context.requests.length > 0;
        }),
        reachable('the domain is detached while the thread has found its handle', (view) => {
          return view.get('ioctl').matches('cleared') && view.get('irq').matches('calling');
        }),
        happens('a group is answered by the detach', {
          type: 'PRG_RESPONSE',
          where: ({ by, code }) => by === 'core' && code === 'invalid',
        }),
        ...rig.shows,
      ],
    });
  },
});

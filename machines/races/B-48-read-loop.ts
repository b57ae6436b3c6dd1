/**
 * B-48: a read of iommufd's fault queue cannot copy a group to the user's buffer, because the buffer is not mapped. The group
 * is put back at the head of the list and the read leaves its loop; but there are two loops, and it leaves the inner one. The
 * outer one takes the first group of the list: the same. The read never returns, and it holds `fault->mutex`, so no fault of
 * any device of this fault queue is answered any more. The first version had the opposite fault: the group was taken
 * off the list and forgotten, and then the next one, to the end of the list (`lost-group`).
 *
 * The same copies in the other direction (B-52): a write that fails returned the number of bytes that were not copied, a positive
 * number, as success does. The user goes on, and its group waits for ever (`short-count`; both older kernels have it as well).
 *
 * Each variant has the fault queue, the fault parameter and the reader of one kernel, but `short-count`, which has the read of the
 * newest one: the two fixes were made apart. They are three for the read, with 091ab6d70dc4 and 47916a54eeb2, which are about groups of
 * several requests; here a group has one.
 *
 * Whether a user that keeps unmapping its buffer ever reads a fault is its own affair; a read has to return in any case.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { atMostOneGroupIsLost, NOT_LOST, noGroupIsLost } from '../monitors/lost-groups.ts';
import { isLeft } from '../monitors/progress.ts';
import { names, pairs } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { iommufdFaults, unmappedBuffers } from '../rigs/iommufd.ts';
import { iommufdKernels } from '../rigs/iommufd-kernels.ts';
import { groupLifetime, ownedGroups } from '../rigs/owned-groups.ts';

const readReturns = (reader: number) => `a read of reader${reader} returns`;
const isAnswered = (index: string) => `group ${index} is answered, unless a buffer stays unmapped`;

const kernels = {
  fixed: iommufdKernels.newest,
  'inner-loop': iommufdKernels['v6.14'],
  'lost-group': iommufdKernels['v6.11'],
  'short-count': iommufdKernels['172fc8b19825'],
};

export const readLoop = defineScenario({
  name: 'read-loop',
  title: 'A read of faults cannot copy to its buffer, and tries again for ever with the mutex held',
  sources: [
    'B-48',
    'B-52',
    '172fc8b19825',
    'aaca2aa',
    '3d49020a327c',
    '07838f7fd529',
    'drivers/iommu/iommufd/eventq.c',
  ],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    readers: z.number().int().min(1).max(3).default(2).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'puts the group back and returns (172fc8b19825)',
      expected: { verdict: 'holds', counts: [1_662, 5_216] },
    },
    'inner-loop': {
      title: 'puts the group back and leaves the inner loop only (from 3d49020a327c, v6.14)',
      expected: { verdict: 'violated', property: readReturns(0) },
    },
    'lost-group': {
      title:
        'takes the group off the list although its copy failed, and goes on with the next (07838f7fd529, v6.11 to v6.13)',
      expected: { verdict: 'violated', property: NOT_LOST, length: 7 },
    },
    'short-count': {
      title: 'a write that fails returns the number of bytes that it did not copy (07838f7fd529 to aaca2aa)',
      expected: { verdict: 'violated', property: isAnswered('prg0') },
    },
  },
  build({ groups, readers }, variant) {
    const indexes = names('prg', groups);
    const buffers = names('buffer', readers);
    const { param, queue, reader } = kernels[variant];
    const groupOf = pairs(indexes, names('group', groups));
    const choices = indexes.map((index) => ({ type: 'REQUEST' as const, index }));
    const rig = assemble(
      // Whether the device gets its answers is said below.
      ownedGroups({ handlers: ['fault'], groups, param, choices, rest: () => true }),
      iommufdFaults({ readers, queue, reader, buffers }),
      unmappedBuffers(readers),
    );
    return defineSystem({
      ...rig.parts,
      // kernel/locking/mutex.c: after a while a mutex is handed to its first waiter (MUTEX_FLAG_HANDOFF), so a reader that
      // waits for it is not passed for ever.
      fairness: Object.fromEntries(names('reader', readers).map((reader) => [reader, { RUN: 'strong' as const }])),
      properties: ({ leadsTo, reachable, happens }) => [
        ...names('reader', readers).map((reader, index) => isLeft('reading', reader, readReturns(index))),
        ...indexes.map((index) =>
          leadsTo(
            isAnswered(index),
            (view) => index in view.get('dev0').context.posted,
            (view) =>
              !(index in view.get('dev0').context.posted) ||
              buffers.some((buffer) => view.get(buffer).matches('unmapped')),
          ),
        ),
        noGroupIsLost(groupOf),
        atMostOneGroupIsLost(groupOf),
        groupLifetime(names('group', groups)),
        happens('a copy fails', { type: 'COPY_FAILED' }),
        // A read that fails there never returns, so the user has nothing to do about it.
        ...when(
          variant !== 'inner-loop',
          reachable('a read fails', (view) => view.get('reader0').value === 'readFailed'),
          happens('the user maps its buffer again', { type: 'MMAP' }),
        ),
        ...when(
          variant === 'fixed',
          reachable('a write fails', (view) => view.get('reader0').value === 'writeFailed'),
        ),
        ...rig.shows,
      ],
    });
  },
});

/**
 * B-52: what the two calls of iommufd's fault queue return when they do nothing. A write that cannot copy its response returned the rc of
 * copy_from_user(), the number of bytes that were _not_ copied: a positive number, here that of a response, as if it had been taken. The
 * user goes on, and its group waits for ever. A read into a buffer that is too small for the first group returned 0, while poll() goes on to
 * say that there is something to read: the user asks again for ever.
 *
 * Fix: aaca2aa for the write (-EFAULT), 47916a54eeb2 for the read (-EINVAL, and the user takes a larger buffer). Each alone leaves the other.
 *
 * The write is in `read-loop`, too, with the kernels that have it. Whether a user that keeps unmapping its buffer ever answers is its own affair.
 *
 * Simplification: nothing fails but these copies; a response is in one page, so that all of it is copied or nothing.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { groupReaders, handedOver } from '../rigs/group-readers.ts';
import { groupReader } from '../user/group-reader.ts';
import { groupReaderEmptyRead } from '../user/group-reader-empty-read.ts';
import { groupReaderShortCount } from '../user/group-reader-short-count.ts';

const IN_HAND = 'a group that was read and not answered is in the hand of a reader';
const isAnswered = (index: string) => `group ${index} is answered, unless a buffer stays unmapped`;

const versions = { fixed: groupReader, 'short-count': groupReaderShortCount, 'empty-read': groupReaderEmptyRead };

export const miscountedBytes = defineScenario({
  name: 'miscounted-bytes',
  title: 'A read or a write of faults does nothing, and what it returns does not say so',
  sources: ['B-52', 'aaca2aa', '47916a54eeb2', '07838f7fd529', 'drivers/iommu/iommufd/eventq.c'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
    faults: z.number().int().min(2).max(3).default(2).describe('requests of each group'),
    readers: z.number().int().min(1).max(2).default(1).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'a write that copies nothing returns -EFAULT, a read without room -EINVAL (aaca2aa, 47916a54eeb2)',
      expected: { verdict: 'holds', counts: [66, 123] },
    },
    'short-count': {
      title: 'a write that copies nothing returns the number of bytes that it did not copy (07838f7fd529 to aaca2aa)',
      expected: { verdict: 'violated', property: IN_HAND, length: 14 },
    },
    'empty-read': {
      title: 'a read without room for the first group returns 0 (07838f7fd529 to 47916a54eeb2)',
      expected: { verdict: 'violated', property: isAnswered('prg0') },
    },
  },
  build({ groups, faults, readers }, variant) {
    const reader = versions[variant];
    const rig = assemble(...groupReaders({ groups, readers, faults, room: 1, unmapped: ['responses'], reader }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.readers),
      fairness: handedOver(readers),
      properties: ({ always, leadsTo, reachable, happens }) => [
        always(IN_HAND, (view) => {
          const inHand = names('reader', readers).map((name) => view.get(name).context.cookie);
          return Object.keys(view.get('fault').context.response).every((cookie) => inHand.includes(Number(cookie)));
        }),
        ...names('prg', groups).map((index) =>
          leadsTo(
            isAnswered(index),
            (view) => view.get('dev0').context.posted[index] === faults,
            (view) =>
              !(index in view.get('dev0').context.posted) ||
              names('responses', readers).some((page) => view.get(page).matches('unmapped')),
          ),
        ),
        ...rig.always,
        happens('a buffer is too small', { type: 'RESTORE' }),
        ...when(variant !== 'empty-read', happens('a copy fails', { type: 'COPY_FAILED' }), ...rig.shows),
        ...when(
          variant === 'fixed',
          reachable('a write fails', (view) => view.get('reader0').value === 'writeFailed'),
        ),
      ],
    });
  },
});

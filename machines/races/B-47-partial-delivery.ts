/**
 * B-47: a read of iommufd's fault queue copies a group of several requests message by message. When a copy fails in the middle, the
 * group's cookie is erased and the group put back; but the messages that were copied count, so the read returns them. The user has the
 * beginning of a group under a cookie that is free: its response is refused, or, when another group has been given the cookie
 * meanwhile, answers that one, whose pages nobody has made present. Then the whole group is delivered again.
 *
 * Fix: two commits, parent and child. 091ab6d70dc4 lets a group count only when all of it is copied; alone it makes the failing read
 * endless (B-48), since the buffer is large enough for the group again. 172fc8b19825 leaves the loop, and alone returns the part.
 *
 * The other group needs a second reader: `--variant partial --set groups=2 --set readers=2 --property "a response answers ..."`, 15 steps.
 *
 * Simplifications: the pages of the first two messages are unmapped, in `partial` the second one only (the first is B-48); a buffer has room
 * for one group.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { cookieOwner } from '../monitors/cookie-owner.ts';
import { letsGo } from '../monitors/progress.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { groupReaders, handedOver } from '../rigs/group-readers.ts';
import { groupReader } from '../user/group-reader.ts';
import { groupReaderLeavesLoop } from '../user/group-reader-leaves-loop.ts';
import { groupReaderV614 } from '../user/group-reader-v6.14.ts';
import { groupReaderWholeGroups } from '../user/group-reader-whole-groups.ts';

const WHOLE = 'a read returns whole groups, which wait for their answer';
const OWN_GROUP = 'a response answers the group that its cookie was given for';
const returns = (reader: string) => `a call of ${reader} returns`;

const versions = {
  fixed: groupReader,
  partial: groupReaderV614,
  'whole-groups': groupReaderWholeGroups,
  'leaves-loop': groupReaderLeavesLoop,
};

export const partialDelivery = defineScenario({
  name: 'partial-delivery',
  title: 'A copy fails in the middle of a group, and the read returns what it has of it',
  sources: ['B-47', '091ab6d70dc4', '172fc8b19825', 'drivers/iommu/iommufd/eventq.c iommufd_fault_fops_read()'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
    faults: z.number().int().min(2).max(3).default(2).describe('requests of each group'),
    readers: z.number().int().min(1).max(2).default(1).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'a group counts when all of it is copied, and a failing read returns (091ab6d70dc4 and 172fc8b19825)',
      expected: { verdict: 'holds', counts: [96, 228] },
    },
    partial: {
      title: 'messages count one by one, and the read returns them (v6.14 to 091ab6d70dc4)',
      expected: { verdict: 'violated', property: WHOLE, length: 10 },
    },
    'whole-groups': {
      title: 'a group counts when all of it is copied, and the loop takes it again (091ab6d70dc4 alone)',
      expected: { verdict: 'violated', property: returns('reader0') },
    },
    'leaves-loop': {
      title: 'messages count one by one, and a failing read leaves its loop (172fc8b19825 alone)',
      expected: { verdict: 'violated', property: WHOLE, length: 10 },
    },
  },
  build({ groups, faults, readers }, variant) {
    const reader = versions[variant];
    const unmapped = variant === 'partial' ? [1] : [0, 1];
    const rig = assemble(...groupReaders({ groups, readers, faults, room: faults, unmapped, reader }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.readers),
      fairness: handedOver(readers),
      properties: ({ always, happens, monitor }) => [
        always(WHOLE, (view) =>
          names('reader', readers).every((name) => {
            const { value, context } = view.get(name);
            return value !== 'handling' || context.cookie in view.get('fault').context.response;
          }),
        ),
        monitor(OWN_GROUP, cookieOwner),
        ...names('reader', readers).map((name) => letsGo('mutex', name, returns(name))),
        ...rig.always,
        happens('a copy fails', { type: 'COPY_FAILED' }),
        ...when(variant === 'fixed', happens('the user maps its buffer again', { type: 'MMAP' })),
        ...rig.shows,
      ],
    });
  },
});

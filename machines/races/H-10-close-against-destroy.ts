/**
 * H-10: closing a fault object's file gives back the file's count on the object, and then reads `eventq->ictx` from that object, to put
 * the context's file (iommufd/eventq.c iommufd_eventq_fops_release()). Between the two another thread can destroy the object by its ID:
 * the count is one, so iommufd_object_remove() frees it. The read is of freed memory, and what is read is a pointer that is put.
 *
 * The other order, in which the series was posted first (June 2024; the review turned it round), is no repair: the context's last
 * reference may be the one that is put, and then iommufd_fops_release() finds an object that is still counted, warns, and leaks it. That
 * takes an __fput() of the context in another thread; where a task closes both, it is work of the same task and comes later.
 *
 * Fix (ours): read the context first, while the count holds the object; then give the count back; then put the context.
 *
 * A candidate, by our own analysis of iommufd/eventq.c and main.c of 7.0 (kangharison/linux-study, July 2026) and eventq.c of
 * linux-mm@53e28c639615; the lines are the same since 07838f7fd529 (v6.11). 4e034bf045b1 is about the same function in an abort, and
 * does not close this. It was never run on a kernel.
 *
 * Simplifications: an object's own groups are left out; a load may not pass refcount_dec() in either direction.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { eventqRelease } from '../kernel/iommufd/eventq-release.ts';
import { eventqReleasePutsFirst } from '../kernel/iommufd/eventq-release-puts-first.ts';
import { eventqReleaseV611 } from '../kernel/iommufd/eventq-release-v6.11.ts';
import { assemble } from '../rigs/assemble.ts';
import { iommufdFiles, NOTHING_WARNED, OBJECT_LIFETIME } from '../rigs/iommufd-files.ts';

const versions = {
  fixed: eventqRelease,
  'users-first': eventqReleaseV611,
  'puts-first': eventqReleasePutsFirst,
};

export const closeAgainstDestroy = defineScenario({
  name: 'close-against-destroy',
  title: 'The file of a fault object is closed by one thread while another one destroys the object',
  sources: ['H-10', 'drivers/iommu/iommufd/eventq.c iommufd_eventq_fops_release()', 'drivers/iommu/iommufd/main.c'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    eventqs: z.number().int().min(1).max(3).default(1).describe('fault objects, each with its file'),
  }),
  variants: {
    fixed: {
      title: 'reads whose context it is, gives back its count, and puts the context',
      expected: { verdict: 'holds', counts: [16, 28] },
    },
    'users-first': {
      title: 'gives back its count, and then reads from the object whose context it is (v6.11 to 7.0)',
      expected: { verdict: 'violated', property: OBJECT_LIFETIME, length: 5 },
    },
    'puts-first': {
      title: 'puts the context, and then gives back its count (as first posted)',
      expected: { verdict: 'violated', property: NOTHING_WARNED, length: 4 },
    },
  },
  build({ eventqs }, variant) {
    const rig = assemble(iommufdFiles(versions[variant], eventqs));
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});

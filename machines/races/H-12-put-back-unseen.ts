/**
 * H-12: since 3d49020a327c (v6.14) a read of iommufd's fault queue takes a group off the list, and puts it back when it cannot deliver
 * it: the copy fails, the buffer is too small for it, or there is no memory for its cookie. poll() looks at the list under the spinlock,
 * and may do so in between: it finds nothing, and its caller sleeps. iommufd_fault_deliver_restore() wakes nobody. So a second thread,
 * or a second process with the same file, that would have read the group sleeps beside it, until another fault comes; the device of the
 * first one waits.
 *
 * To v6.13 a read only looked at the group before it was copied, and poll() waited for `fault->mutex` (which was the trouble of B-49).
 *
 * Fix (ours): wake as the handler does.
 *
 * A candidate, of little weight: it takes two readers, and a first one that does not come back. By our own analysis of iommufd/eventq.c
 * of 7.0 (kangharison/linux-study, July 2026) and of linux-mm@53e28c639615, never run on a kernel.
 *
 * Simplifications: the reader whose copy fails polls no more (a thread that takes -EFAULT for fatal, a process that is killed in its
 * copy).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { polledQueue } from '../kernel/iommufd/eventq-polled.ts';
import { polledQueueV611 } from '../kernel/iommufd/eventq-polled-v6.11.ts';
import { polledQueueV70 } from '../kernel/iommufd/eventq-polled-v7.0.ts';
import { iopfHandlerThread } from '../kernel/iommufd/iopf-handler.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names } from '../parts/names.ts';
import { actorOf } from '../rigs/version.ts';
import { userPage } from '../user/page.ts';
import { pollingReader } from '../user/polling-reader.ts';

const IS_READ = 'a group that waits to be read is read, while somebody is there to read it';
const versions = { fixed: polledQueue, 'wakes-nobody': polledQueueV70, 'looks-first': polledQueueV611 };

export const putBackUnseen = defineScenario({
  name: 'put-back-unseen',
  title: 'A read puts a group back that somebody else has polled for in between',
  sources: ['H-12', '3d49020a327c', 'drivers/iommu/iommufd/eventq.c iommufd_fault_deliver_restore()'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    readers: z
      .number()
      .int()
      .min(2)
      .max(4)
      .default(2)
      .describe('threads that poll and read; the buffer of the first goes'),
    groups: z.number().int().min(1).max(3).default(1).describe('groups that come'),
  }),
  variants: {
    fixed: { title: 'putting a group back wakes who waits', expected: { verdict: 'holds', counts: [49, 94] } },
    'wakes-nobody': {
      title: 'putting a group back wakes nobody (v6.14 to 7.0)',
      expected: { verdict: 'violated', property: IS_READ, length: 6 },
    },
    'looks-first': {
      title: 'a read leaves the group in the list until it is copied, and poll() waits for the read (as to v6.13)',
      expected: { verdict: 'holds', counts: [45, 84] },
    },
  },
  build({ readers, groups }, variant) {
    const groupNames = names('group', groups);
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          irq: actor(iopfHandlerThread, {
            input: { faultQueue: 'fault', groups: groupNames },
            choices: groupNames.map((group) => ({ type: 'HANDLE' as const, group })),
            rest: () => true,
          }),
          fault: actorOf(versions[variant], { input: undefined }),
          mutex: actor(mutex),
        },
        family('reader', readers, (at) =>
          actor(pollingReader, {
            input: { name: `reader${at}`, faultQueue: 'fault', mutex: 'mutex', buffer: `buffer${at}` },
            choices: [{ type: 'RUN' }],
            rest: ['idle', 'asleep', 'gaveUp'],
          }),
        ),
        family('buffer', readers, (at) =>
          actor(userPage, {
            input: { pager: 'none' },
            ...(at === 0 && { choices: [{ type: 'MUNMAP' as const }] }),
            rest: ['present', 'unmapped'],
          }),
        ),
      ),
      blocking: ['ACQUIRE', 'POLL'],
      properties: ({ leadsTo, happens, reachable }) => [
        leadsTo(
          IS_READ,
          (view) => (view.get('fault').context.deliver as readonly string[]).length > 0,
          (view) => (view.get('fault').context.deliver as readonly string[]).length === 0,
        ),
        happens('a group is put back', { to: 'fault', type: 'RESTORE' }),
        happens('a group is read', { to: 'fault', type: 'COPIED_OUT' }),
        ...(variant === 'looks-first'
          ? []
          : [
              reachable('a thread sleeps while another one has the group in its hand', (view) => {
                return view.get('reader0').matches('reading') && view.get('reader1').matches('asleep');
              }),
            ]),
      ],
    });
  },
});

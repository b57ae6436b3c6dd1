/**
 * B-48: a read of iommufd's fault queue cannot copy a group to the user's buffer, because the buffer is not mapped. The group
 * is put back at the head of the list and the read leaves its loop; but there are two loops, and it leaves the inner one. The
 * outer one takes the first group of the list: the same. The read never returns, and it holds `fault->mutex`, so no fault of
 * any device of this fault queue is answered any more. The first version had the opposite fault: the group was taken
 * off the list and forgotten (`lost-group`).
 *
 * Whether a user that keeps unmapping its buffer ever reads a fault is its own affair; a read has to return in any case.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { names } from '../parts/names.ts';
import { userPage } from '../user/page.ts';
import { type FailedCopy, userReader } from '../user/reader.ts';

const RUN = { type: 'RUN' } as const;
const readReturns = (reader: number) => `a read of reader${reader} returns`;
const NOT_LOST = 'a group that waits for its answer is on its way to somebody who can answer it';
const isAnswered = (index: string) => `group ${index} is answered, unless a buffer stays unmapped`;

const failedCopies = {
  fixed: 'return',
  'inner-loop': 'next-group',
  'lost-group': 'forget',
} as const satisfies Record<string, FailedCopy>;

export const readLoop = defineScenario({
  name: 'read-loop',
  title: 'A read of faults cannot copy to its buffer, and tries again for ever with the mutex held',
  sources: ['B-48', '172fc8b19825', '3d49020a327c', '07838f7fd529', 'drivers/iommu/iommufd/eventq.c'],
  group: 'iopf',
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    readers: z.number().int().min(1).max(3).default(2).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'puts the group back and returns (172fc8b19825)',
      expected: { verdict: 'holds' },
    },
    'inner-loop': {
      title: 'puts the group back and leaves the inner loop only (from 3d49020a327c, v6.14)',
      expected: { verdict: 'violated', property: readReturns(0) },
    },
    'lost-group': {
      title: 'takes the group off the list although its copy failed (07838f7fd529, v6.11)',
      expected: { verdict: 'violated', property: NOT_LOST },
    },
  },
  build({ groups, readers }, variant) {
    const indexes = names('prg', groups);
    const groupNames = names('group', groups);
    const buffers = names('buffer', readers);

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          dev0: actor(faultingFunction, {
            input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
            choices: indexes.map((index) => ({ type: 'REQUEST' as const, index })),
            rest: ({ context }) => Object.keys(context.posted).length === 0,
          }),
          prq: actor(pageRequestQueue, { input: { entries: groups } }),
          irq: actor(prqThread, {
            input: { name: 'irq', queue: 'prq', cores: { dev0: 'param0' } },
            choices: [RUN],
            rest: ['idle'],
          }),
          param0: actor(faultParam, {
            input: {
              name: 'param0',
              device: 'dev0',
              groups: Object.fromEntries(indexes.map((index, at) => [index, groupNames[at]!])),
              handler: 'fault',
              handle: 'handle0',
            },
          }),
          fault: actor(faultQueue, { input: { mutex: 'mutex', handlerTakes: 'spinlock', handlerDequeues: true } }),
          mutex: actor(mutex),
        },
        family('group', groups, (index) =>
          actor(iopfGroupMemory, { input: { name: `group${index}`, index: `prg${index}`, param: 'param0' } }),
        ),
        family('reader', readers, (index) =>
          actor(userReader, {
            input: {
              name: `reader${index}`,
              faultQueue: 'fault',
              mutex: 'mutex',
              buffer: `buffer${index}`,
              failedCopy: failedCopies[variant],
            },
            choices: [RUN],
            rest: ['idle'],
          }),
        ),
        // They are unmapped, but never swapped out: a copy does not sleep.
        family('buffer', readers, () =>
          actor(userPage, { input: { pager: 'none' }, choices: [{ type: 'MUNMAP' }], rest: ['present', 'unmapped'] }),
        ),
      ),
      blocking: ['ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'FETCH'],
      // kernel/locking/mutex.c: after a while a mutex is handed to its first waiter (MUTEX_FLAG_HANDOFF), so a reader that
      // waits for it is not passed for ever.
      fairness: Object.fromEntries(names('reader', readers).map((reader) => [reader, { RUN: 'strong' as const }])),
      properties: ({ always, leadsTo, monitor, reachable, happens }) => [
        ...names('reader', readers).map((reader, index) =>
          leadsTo(
            readReturns(index),
            (view) => view.get(reader).matches('reading'),
            (view) => !view.get(reader).matches('reading'),
          ),
        ),
        ...indexes.map((index) =>
          leadsTo(
            isAnswered(index),
            (view) => index in view.get('dev0').context.posted,
            (view) =>
              !(index in view.get('dev0').context.posted) ||
              buffers.some((buffer) => view.get(buffer).matches('unmapped')),
          ),
        ),
        always(NOT_LOST, (view) => {
          const { deliver, response } = view.get('fault').context;
          const owned = [...deliver, ...Object.values(response)].map(({ group }) => group);
          const inQueue = view.get('prq').context.entries.map(({ index }) => index);
          const due = view.get('irq').context.due?.group;
          return Object.keys(view.get('dev0').context.posted).every((index) => {
            const group = groupNames[indexes.indexOf(index as `prg${number}`)]!;
            return inQueue.includes(index) || due === group || owned.includes(group);
          });
        }),
        monitor('nobody touches a freed group, and no group is freed twice', objectLifetime, {
          objects: groupNames,
          alloc: 'ALLOC',
          free: 'FREE',
        }),
        happens('a copy fails', { type: 'COPY_FAILED' }),
        ...(variant === 'inner-loop'
          ? []
          : [reachable('a read fails', (view) => view.get('reader0').matches('readFailed'))]),
        reachable('a write fails', (view) => view.get('reader0').matches('writeFailed')),
        happens('the user maps its buffer again', { type: 'MMAP' }),
        happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' }),
      ],
    });
  },
});

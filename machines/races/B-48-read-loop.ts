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
import type { SystemView } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { faultQueueV614 } from '../kernel/iommufd/eventq-v6.14.ts';
import { faultQueueV611 } from '../kernel/iommufd/fault-v6.11.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { objectLifetime } from '../monitors/object-lifetime.ts';
import { names, pairs } from '../parts/names.ts';
import { without } from '../parts/states.ts';
import { userPage } from '../user/page.ts';
import { userReader, userReaderConfig, userReaderParts, userReaderStates } from '../user/reader.ts';
import { userReaderV611 } from '../user/reader-v6.11.ts';
import { userReaderV614, userReaderV614States } from '../user/reader-v6.14.ts';

const RUN = { type: 'RUN' } as const;
const readReturns = (reader: number) => `a read of reader${reader} returns`;
const NOT_LOST = 'a group that waits for its answer is on its way to somebody who can answer it';
const ONE_LOST = 'at most one group is lost';
const isAnswered = (index: string) => `group ${index} is answered, unless a buffer stays unmapped`;

/** From 172fc8b19825 to aaca2aa: the read returns, the write tells a number that looks like success. */
const userReader172fc8b19825 = userReaderParts.createMachine({
  id: 'userReader172fc8b19825',
  ...userReaderConfig,
  states: { ...without(userReaderStates, 'writeFailed'), writing: userReaderV614States.writing },
});

const kernels = {
  fixed: { param: faultParam, queue: faultQueue, reader: userReader },
  'inner-loop': { param: faultParam9759ae2cee7c, queue: faultQueueV614, reader: userReaderV614 },
  'lost-group': { param: faultParamV69, queue: faultQueueV611, reader: userReaderV611 },
  'short-count': { param: faultParam9759ae2cee7c, queue: faultQueueV614, reader: userReader172fc8b19825 },
};

/** The indexes in use whose group nobody has any more. */
function lostOf(view: SystemView, groupOf: Readonly<Record<string, string>>): string[] {
  const { deliver, response } = view.get('fault').context as {
    deliver: readonly { group: string }[];
    response: Readonly<Record<number, { group: string }>>;
  };
  const entries: readonly PageRequest[] = view.get('prq').context.entries;
  const owned = [...deliver, ...Object.values(response)].map(({ group }) => group);
  const due: string | undefined = view.get('irq').context.due?.group;
  return Object.keys(view.get('dev0').context.posted).filter((posted) => {
    const group = groupOf[posted]!;
    return !entries.some(({ index }) => index === posted) && due !== group && !owned.includes(group);
  });
}

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
    const groupNames = names('group', groups);
    const buffers = names('buffer', readers);
    const kernel = kernels[variant];
    const groupOf = pairs(indexes, groupNames);

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          dev0: actor(faultingFunction, {
            input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
            choices: indexes.map((index) => ({ type: 'REQUEST' as const, index })),
            // Whether it gets its answers is said below.
            rest: () => true,
          }),
          prq: actor(pageRequestQueue, { input: { entries: groups } }),
          irq: actor(prqThread, {
            input: { name: 'irq', queue: 'prq', cores: { dev0: 'param0' } },
            choices: [RUN],
            rest: ['idle'],
          }),
          param0: actor(kernel.param, {
            input: {
              name: 'param0',
              device: 'dev0',
              groups: groupOf,
              handler: 'fault',
              handle: 'handle0',
            },
          }),
          fault: actor(kernel.queue, { input: { mutex: 'mutex' } }),
          mutex: actor(mutex),
        },
        family('group', groups, (index) =>
          actor(iopfGroupMemory, { input: { name: `group${index}`, index: `prg${index}`, param: 'param0' } }),
        ),
        family('reader', readers, (index) =>
          actor(kernel.reader, {
            input: { name: `reader${index}`, faultQueue: 'fault', mutex: 'mutex', buffer: `buffer${index}` },
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
        always(NOT_LOST, (view) => lostOf(view, groupOf).length === 0),
        always(ONE_LOST, (view) => lostOf(view, groupOf).length <= 1),
        monitor('nobody touches a freed group, and no group is freed twice', objectLifetime, {
          objects: groupNames,
          alloc: 'ALLOC',
          free: 'FREE',
        }),
        happens('a copy fails', { type: 'COPY_FAILED' }),
        // A read that fails there never returns, so the user has nothing to do about it.
        ...(variant === 'inner-loop'
          ? []
          : [
              reachable('a read fails', (view) => view.get('reader0').value === 'readFailed'),
              happens('the user maps its buffer again', { type: 'MMAP' }),
            ]),
        ...(variant === 'fixed'
          ? [reachable('a write fails', (view) => view.get('reader0').value === 'writeFailed')]
          : []),
        happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' }),
      ],
    });
  },
});

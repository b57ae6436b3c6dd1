/**
 * Faults in groups of several requests, on their way to user space and back: one device, the core, iommufd's fault queue, and readers, each
 * with the pages that it reads into and the one that it writes from. A whole system; a read and a write may find a page unmapped.
 */
import { happens } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { faultParamGathers } from '../kernel/io-pgfault/fault-param-gathers.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names } from '../parts/names.ts';
import type { groupReader } from '../user/group-reader.ts';
import type { groupReaderEmptyRead } from '../user/group-reader-empty-read.ts';
import type { groupReaderLeavesLoop } from '../user/group-reader-leaves-loop.ts';
import type { groupReaderShortCount } from '../user/group-reader-short-count.ts';
import type { groupReaderV614 } from '../user/group-reader-v6.14.ts';
import type { groupReaderWholeGroups } from '../user/group-reader-whole-groups.ts';
import { userPage } from '../user/page.ts';
import { inThread, type Rig } from './assemble.ts';
import { ownedGroups } from './owned-groups.ts';

interface GroupReaders {
  readonly groups: number;
  readonly readers: number;
  /** Requests of each group. */
  readonly faults: number;
  /** How many messages a reader's buffer has room for at first. */
  readonly room: number;
  /** The pages of a reader that another thread may unmap; a page of messages by its number. */
  readonly unmapped: readonly (number | 'responses')[];
  readonly reader:
    | typeof groupReader
    | typeof groupReaderEmptyRead
    | typeof groupReaderLeavesLoop
    | typeof groupReaderShortCount
    | typeof groupReaderV614
    | typeof groupReaderWholeGroups;
}

export function groupReaders({ groups, readers, faults, room, unmapped, reader }: GroupReaders) {
  const page = (mayGo: boolean) =>
    actor(userPage, {
      input: { pager: 'none' },
      ...(mayGo && { choices: [{ type: 'MUNMAP' }] }),
      rest: ['present', 'unmapped'],
    });
  const pagesOf = (at: number) => names('buffer', readers * faults).slice(at * faults, (at + 1) * faults);
  const indexes = names('prg', groups);
  return [
    ownedGroups({
      handlers: ['fault'],
      groups,
      pages: faults,
      param: faultParamGathers,
      choices: indexes.flatMap((index) => [
        { type: 'REQUEST' as const, index },
        { type: 'RUN' as const, index },
      ]),
      // Whether it gets its answers is said by properties.
      rest: () => true,
    }),
    {
      actors: combineActors(
        { fault: actor(faultQueue, { input: { mutex: 'mutex' } }), mutex: actor(mutex) },
        family('reader', readers, (at) =>
          inThread(reader)({
            name: `reader${at}`,
            faultQueue: 'fault',
            mutex: 'mutex',
            messages: pagesOf(at),
            responses: `responses${at}`,
            room,
            faults,
          }),
        ),
        family('buffer', readers * faults, (at) => page(unmapped.includes(at % faults))),
        family('responses', readers, () => page(unmapped.includes('responses'))),
      ),
      blocking: ['ACQUIRE', 'FETCH'],
      shows: [happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' })],
      things: { readers: { count: readers, prefixes: ['reader', 'responses'], namesOf: pagesOf } },
    } as const satisfies Rig,
  ] as const;
}

/** kernel/locking/mutex.c: after a while a mutex is handed to its first waiter (MUTEX_FLAG_HANDOFF), so a reader is not passed for ever. */
export function handedOver(readers: number) {
  return Object.fromEntries(names('reader', readers).map((reader) => [reader, { RUN: 'strong' as const }]));
}

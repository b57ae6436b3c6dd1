/**
 * The fault queue of iommufd and its readers: what hands groups over to user space, and takes the answers. What they copy to and from
 * is a page of user memory, which stays, is unmapped, or is swapped out.
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import type { faultQueueFetchSteps } from '../kernel/iommufd/eventq-fetch-steps.ts';
import type { faultQueueReserves } from '../kernel/iommufd/eventq-reserves.ts';
import type { faultQueueV614 } from '../kernel/iommufd/eventq-v6.14.ts';
import type { faultQueueV611 } from '../kernel/iommufd/fault-v6.11.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { when } from '../parts/when.ts';
import { userPage } from '../user/page.ts';
import { pager } from '../user/pager.ts';
import { userReader } from '../user/reader.ts';
import type { userReader172fc8b19825 } from '../user/reader-172fc8b19825.ts';
import type { userReaderExits } from '../user/reader-exits.ts';
import type { userReaderFetchSteps } from '../user/reader-fetch-steps.ts';
import type { userReaderForgets } from '../user/reader-fetch-steps-forgets.ts';
import type { userReaderV611 } from '../user/reader-v6.11.ts';
import type { userReaderV614 } from '../user/reader-v6.14.ts';
import { inThread, type Rig } from './assemble.ts';

interface IommufdFaults<Buffers extends readonly string[]> {
  readonly readers: number;
  /** What the first reader copies to and from, and so on; after the last one from the start. */
  readonly buffers: Buffers;
  readonly queue?:
    | typeof faultQueue
    | typeof faultQueueFetchSteps
    | typeof faultQueueReserves
    | typeof faultQueueV614
    | typeof faultQueueV611;
  readonly reader?:
    | typeof userReader
    | typeof userReader172fc8b19825
    | typeof userReaderExits
    | typeof userReaderFetchSteps
    | typeof userReaderForgets
    | typeof userReaderV611
    | typeof userReaderV614;
  /** Where a reader may stay; left out, where it waits for a group. */
  readonly rest?: readonly string[];
}

/** One fault queue, `fault`, and everybody who reads it. */
export function iommufdFaults<const Buffers extends readonly string[]>({
  readers,
  buffers,
  queue = faultQueue,
  reader = userReader,
  rest = ['idle'],
}: IommufdFaults<Buffers>) {
  const thread = inThread(reader);
  const actors = combineActors(
    { fault: actor(queue, { input: { mutex: 'mutex' } }), mutex: actor(mutex) },
    family('reader', readers, (index) => {
      const buffer = buffers[index % buffers.length]!;
      return { ...thread({ name: `reader${index}`, faultQueue: 'fault', mutex: 'mutex', buffer }), rest };
    }),
  );
  return {
    actors,
    expects: buffers,
    blocking: ['ACQUIRE', 'FETCH'],
    shows: when(readers > 0, aGroupIsAnswered),
    things: { readers: { count: readers, prefixes: ['reader'] } },
  } as const satisfies Rig;
}

/** Several fault queues, `fault0`, …, each with one reader: page tables need not have the same one. */
export function iommufdFaultQueues(queues: number) {
  const actors = combineActors(
    family('fault', queues, (index) => actor(faultQueue, { input: { mutex: `mutex${index}` } })),
    family('mutex', queues, () => actor(mutex)),
    family('reader', queues, (index) =>
      inThread(userReader)({
        name: `reader${index}`,
        faultQueue: `fault${index}`,
        mutex: `mutex${index}`,
        buffer: 'buffer',
      }),
    ),
  );
  return {
    actors,
    expects: ['buffer'],
    blocking: ['ACQUIRE', 'FETCH'],
    shows: [aGroupIsAnswered],
  } as const satisfies Rig;
}

const aGroupIsAnswered = happens('the user answers a group', { to: 'reader0', type: 'WRITTEN' });

/** Always there: a copy takes a step, but does not fault. */
export const presentBuffer = {
  actors: { buffer: actor(userPage, { input: { pager: 'none' } }) },
} as const satisfies Rig;

/** Of each reader its own, which another thread of the process unmaps. It is never swapped out: a copy does not sleep. */
export function unmappedBuffers(readers: number) {
  return {
    actors: family('buffer', readers, () =>
      actor(userPage, { input: { pager: 'none' }, choices: [{ type: 'MUNMAP' }], rest: ['present', 'unmapped'] }),
    ),
  } as const satisfies Rig;
}

/** It is swapped out, and a copy sleeps until it has come back by DMA of this device, which uses this index when it faults. */
export function swappedBuffer<Device extends string>(device: Device, index: string) {
  return {
    actors: {
      buffer: actor(userPage, { input: { pager: 'pager' }, choices: [{ type: 'EVICT' }], rest: ['present', 'absent'] }),
      pager: actor(pager, {
        input: { device, index, page: 'buffer' },
        choices: [{ type: 'DMA_DONE' }, { type: 'DMA_FAULTS' }, { type: 'RUN' }],
        rest: ['idle'],
      }),
    },
    expects: [device, 'mutex', 'reader0'],
    shows: [
      happens('the page is brought back by a DMA that faults', { to: 'pager', type: 'ANSWERED' }),
      ...(['read', 'write'] as const).map((call) =>
        reachable(`a ${call} sleeps with the mutex held`, (view) => {
          const asleep = call === 'read' ? { reading: 'asleep' } : { writing: 'asleep' };
          return view.get('reader0').matches(asleep) && view.get('mutex').matches('held');
        }),
      ),
    ],
  } as const satisfies Rig;
}

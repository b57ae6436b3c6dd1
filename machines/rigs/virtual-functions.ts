/**
 * Virtual functions that share the PRI of their physical one, each given to a VM of its own: `dev0`, …, with a fault parameter, the memory
 * of a group, a fault queue of iommufd and a thread of its VMM each, behind one page request queue.
 *
 *   dev0 -MAY_POST-> pri
 *   dev0 -PAGE_REQUEST-> prq -ENTRY-> irq -REPORT-> param0 -ALLOC-> group0
 *                                     irq -IOPF_HANDLER-> fault0, which reader0 reads and answers
 */
import { always, happens } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { sharedPri } from '../hardware/pcie/shared-pri.ts';
import { virtualFunction } from '../hardware/pcie/virtual-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import type { PrqThreadEvent, PrqThreadInput } from '../kernel/intel/prq.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import type { FaultQueueInput } from '../kernel/iommufd/eventq.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names, pairs } from '../parts/names.ts';
import { userReader } from '../user/reader.ts';
import { userReaderAnswersFailure } from '../user/reader-answers-failure.ts';
import type { Rig } from './assemble.ts';
import { presentBuffer } from './iommufd.ts';
import { actorOf, type Version } from './version.ts';

interface VirtualFunctions<Queue, Thread> {
  readonly functions: number;
  /** The first of the guests answers Response Failure, always; the others Success. */
  readonly isFirstHostile: boolean;
  readonly queue: Queue;
  readonly thread: Thread;
  /** What the thread may do besides going on. */
  readonly choices?: readonly PrqThreadEvent[];
}

export const NOT_STARVED = 'no function loses its page requests by an answer to another one';

export function virtualFunctions<Queue extends Version<FaultQueueInput>, Thread extends Version<PrqThreadInput>>({
  functions,
  isFirstHostile,
  queue,
  thread,
  choices = [],
}: VirtualFunctions<Queue, Thread>) {
  const devices = names('dev', functions);
  const actors = combineActors(
    { pri: actor(sharedPri), prq: actor(pageRequestQueue, { input: { entries: functions } }) },
    family('dev', functions, (at) =>
      actor(virtualFunction, {
        input: { name: `dev${at}`, pri: 'pri', queue: 'prq' },
        choices: [{ type: 'DMA' }],
        rest: ['idle', 'starved'],
      }),
    ),
    {
      irq: actorOf(thread, {
        input: { name: 'irq', queue: 'prq', cores: pairs(devices, names('param', functions)) },
        choices: [{ type: 'RUN' }, ...choices],
        rest: ['idle'],
      }),
    },
    family('param', functions, (at) =>
      actor(faultParam, {
        input: {
          name: `param${at}`,
          device: `dev${at}`,
          groups: { prg0: `group${at}` },
          handler: `fault${at}`,
          handle: `handle${at}`,
        },
      }),
    ),
    family('group', functions, (at) =>
      actor(iopfGroupMemory, { input: { name: `group${at}`, index: 'prg0', param: `param${at}` } }),
    ),
    family('fault', functions, (at) => actorOf(queue, { input: { mutex: `mutex${at}` } })),
    family('mutex', functions, () => actor(mutex)),
    family('reader', functions, (at) => {
      const reader = at === 0 && isFirstHostile ? userReaderAnswersFailure : userReader;
      return actor(reader as typeof userReader, {
        input: { name: `reader${at}`, faultQueue: `fault${at}`, mutex: `mutex${at}`, buffer: 'buffer' },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      });
    }),
    presentBuffer.actors,
  );
  return {
    actors,
    blocking: ['PAGE_REQUEST', 'PEEK', 'ACQUIRE', 'FETCH'],
    always: [always(NOT_STARVED, (view) => devices.every((dev) => !view.get(dev).matches('starved')))],
    shows: devices.slice(1).map((dev) => {
      return happens(`a group of ${dev} is answered`, {
        to: dev,
        type: 'PRG_RESPONSE',
        where: ({ code }) => code === 'success',
      });
    }),
    things: { devices: { count: functions, prefixes: ['dev'] } },
  } as const satisfies Rig;
}

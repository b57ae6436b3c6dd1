/**
 * A process with a device whose faults it handles, and its end: the device is detached, and the fault object destroyed, while the
 * interrupt thread reports one step by step. A whole system.
 */
import { always, reachable, type SystemView } from '../../src/system/property.ts';
import { actor } from '../../src/system/system.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { reportingThreadV611 } from '../kernel/io-pgfault/report-v6.11.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import type { faultQueueV614 } from '../kernel/iommufd/eventq-v6.14.ts';
import type { faultQueueV611 } from '../kernel/iommufd/fault-v6.11.ts';
import { tearDownV612 } from '../kernel/iommufd/tear-down-v6.12.ts';
import { names } from '../parts/names.ts';
import { userReaderExits } from '../user/reader-exits.ts';
import { inThread, type Rig } from './assemble.ts';
import { startsFaultingDma } from './guest.ts';
import { iommufdFaults, presentBuffer } from './iommufd.ts';
import { ownedGroups } from './owned-groups.ts';

interface TornDown {
  readonly groups: number;
  readonly readers: number;
  readonly queue: typeof faultQueueV611 | typeof faultQueueV614;
}

export const ANSWERED_AT_LAST = 'when the fault object is destroyed, each group that was reported has its answer';
export const FREED_AT_LAST = 'when the fault object is destroyed, none of its groups is left in memory';

export function tornDownWhileReporting({ groups, readers, queue }: TornDown) {
  return [
    { actors: { guest: startsFaultingDma(['dev0'], names('prg', groups)) } },
    iommufdFaults({ readers, buffers: ['buffer'], queue, reader: userReaderExits, rest: ['idle', 'exited'] }),
    presentBuffer,
    ownedGroups({
      handlers: ['fault'],
      groups,
      param: faultParamV69,
      thread: inThread(reportingThreadV611, { array: 'array', faultQueue: 'fault' }),
      // What it is owed is said by a property.
      rest: () => true,
    }),
    tearDown(groups, readers),
  ] as const;
}

function tearDown(groups: number, readers: number) {
  const afterwards = (name: string, holds: (view: SystemView) => boolean) =>
    always(name, (view) => !view.get('process').matches('destroyed') || holds(view));
  return {
    actors: {
      array: actor(pasidArray, { input: { handles: { rid: 'handle0' } } }),
      handle0: actor(attachHandle, { input: { handler: 'fault', isAttached: true } }),
      process: actor(tearDownV612, {
        input: {
          name: 'process',
          device: 'dev0',
          param: 'param0',
          handle: 'handle0',
          array: 'array',
          queue: 'prq',
          faultQueue: 'fault',
          mutex: 'mutex',
          readers: names('reader', readers),
        },
        choices: [{ type: 'KILL' }, { type: 'RUN' }],
        rest: ['attached', 'destroyed'],
      }),
    },
    expects: ['dev0', 'param0', 'prq', 'fault', 'mutex'],
    blocking: ['ACQUIRE', 'EXIT', 'DRAIN'],
    always: [
      afterwards(ANSWERED_AT_LAST, (view) => Object.keys(view.get('dev0').context.posted as object).length === 0),
      afterwards(FREED_AT_LAST, (view) => names('group', groups).every((group) => view.get(group).matches('freed'))),
    ],
    shows: [
      reachable('a group comes after the user was answered for', (view) => {
        const { deliver } = view.get('fault').context as { deliver: readonly unknown[] };
        return deliver.length > 0 && view.get('process').matches('detached');
      }),
      reachable('a process ends with a group in its hand', (view) => {
        return (
          view.get('process').matches('released') &&
          Object.keys(view.get('fault').context.response as object).length > 0
        );
      }),
    ],
  } as const satisfies Rig;
}

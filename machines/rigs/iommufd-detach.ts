/** Threads that detach devices whose faults go to user space, and the attach handle that they free. */
import { always, type Property, reachable, type SystemView } from '../../src/system/property.ts';
import { actor, family } from '../../src/system/system.ts';
import type { groupOnStack } from '../kernel/io-pgfault/group-on-stack.ts';
import type { reportingThread } from '../kernel/io-pgfault/report-to-iommufd.ts';
import type { reportingWithoutMemory } from '../kernel/io-pgfault/report-without-memory.ts';
import { attachHandle } from '../kernel/iommu/attach-handle.ts';
import { pasidArray } from '../kernel/iommu/pasid-array.ts';
import { detachThread } from '../kernel/iommufd/detach.ts';
import { detachInOrder } from '../kernel/iommufd/detach-in-order.ts';
import { detachSmmuV3 } from '../kernel/iommufd/detach-smmu-v3.ts';
import type { detachThreadV611 } from '../kernel/iommufd/detach-v6.11.ts';
import { detachVtdRid } from '../kernel/iommufd/detach-vtd-rid.ts';
import type { detachWithoutMutex } from '../kernel/iommufd/detach-without-mutex.ts';
import { faultParamLifetime } from '../monitors/fault-parameter.ts';
import { names } from '../parts/names.ts';
import { inThread, type Rig } from './assemble.ts';
import { startsFaultingDma } from './guest.ts';
import { iommufdFaults, presentBuffer } from './iommufd.ts';
import { ownedGroups } from './owned-groups.ts';

interface IommufdDetach {
  /** Each has its thread. */
  readonly devices?: number;
  readonly detach?:
    | typeof detachThread
    | typeof detachThreadV611
    | typeof detachWithoutMutex
    | typeof detachInOrder
    | typeof detachVtdRid
    | typeof detachSmmuV3;
  /** Where versions that free the handle find it. */
  readonly array?: string;
}

/** Detaches what is in `ownedGroups` and has its faults in `iommufdFaults`. */
export function iommufdDetach({ devices = 1, detach = detachThread, array }: IommufdDetach = {}) {
  return {
    actors: family('detach', devices, (index) =>
      actor(detach, {
        input: {
          name: `detach${index}`,
          device: `dev${index}`,
          param: `param${index}`,
          handle: `handle${index}`,
          ...(array && { array }),
          queue: 'prq',
          faultQueue: 'fault',
          mutex: 'mutex',
        },
        choices: [{ type: 'DETACH' }, { type: 'RUN' }],
        rest: ['attached', 'detached'],
      }),
    ),
    expects: ['prq', 'fault', 'mutex', ...names('dev', devices), ...names('param', devices)],
    blocking: ['ACQUIRE', 'DRAIN'],
    things: { devices: { count: devices, prefixes: ['detach'] } },
  } as const satisfies Rig;
}

/** When a device was detached, everybody has what is due, and nothing is in memory any more. */
export function nothingIsLeft(devices: number, groups: number): readonly Property[] {
  const groupNames = names('group', devices * groups);
  return names('dev', devices).flatMap((device, index) => {
    const param = `param${index}`;
    const afterDetach = (name: string, holds: (view: SystemView) => boolean) =>
      always(`after ${device} was detached, ${name}`, (view) => {
        return !view.get(`detach${index}`).matches('detached') || holds(view);
      });
    return [
      afterDetach('each of its groups has its answer', (view) => {
        return Object.keys(view.get(device).context.posted as object).length === 0;
      }),
      afterDetach('its fault parameter is freed', (view) => view.get(param).matches('freed')),
      faultParamLifetime(device, param),
      ...groupNames
        .slice(index * groups, (index + 1) * groups)
        .map((group) => afterDetach(`${group} is freed`, (view) => view.get(group).matches('freed'))),
    ];
  });
}

/** How drivers detach what is attached to the device itself, since v6.16; `fixed` is the order that the fault core asks for. */
export const ridDetaches = { fixed: detachInOrder, 'vtd-rid': detachVtdRid, 'smmu-v3': detachSmmuV3 };

export const WARNED = 'a fault-capable domain is found only with a fault parameter (WARN_ON)';
export const HANDLE_LIFETIME = 'nobody touches the attach handle after it was freed';
export const ALL_ANSWERED = 'after the device was detached and the thread is done, each group has its answer';

/** The attach handle of one device itself, which is found by a thread that reports step by step, and freed by its detach. */
export const freedHandle = {
  actors: {
    array: actor(pasidArray, { input: { handles: { rid: 'handle0' } } }),
    handle0: actor(attachHandle, { input: { handler: 'fault', isAttached: true } }),
  },
  expects: ['dev0', 'prq', 'irq', 'detach0'],
  always: [
    always(WARNED, (view) => !view.get('irq').matches('warned')),
    always(HANDLE_LIFETIME, (view) => !view.get('handle0').matches('usedAfterFree')),
    always(ALL_ANSWERED, (view) => {
      if (!view.get('detach0').matches('detached') || !view.get('irq').matches('idle')) return true;
      const { entries } = view.get('prq').context as { entries: readonly unknown[] };
      return entries.length > 0 || Object.keys(view.get('dev0').context.posted as object).length === 0;
    }),
  ],
  shows: [reachable('the device is detached', (view) => view.get('detach0').matches('detached'))],
} as const satisfies Rig;

interface DetachedWhileReporting {
  readonly groups: number;
  readonly readers: number;
  readonly detach: (typeof ridDetaches)[keyof typeof ridDetaches];
  readonly memory?: typeof groupOnStack;
  readonly thread: typeof reportingThread | typeof reportingWithoutMemory;
}

/** A device whose faults go to user space is detached, once, while the interrupt thread reports one step by step: a whole system. */
export function detachedWhileReporting({ groups, readers, detach, memory, thread }: DetachedWhileReporting) {
  return [
    { actors: { guest: startsFaultingDma(['dev0'], names('prg', groups)) } },
    iommufdFaults({ readers, buffers: ['buffer'] }),
    presentBuffer,
    ownedGroups({
      handlers: ['fault'],
      groups,
      ...(memory && { memory }),
      thread: inThread(thread, { array: 'array', faultQueue: 'fault' }),
      // What it is owed is said by a property.
      rest: () => true,
    }),
    iommufdDetach({ detach, array: 'array' }),
    freedHandle,
  ] as const;
}

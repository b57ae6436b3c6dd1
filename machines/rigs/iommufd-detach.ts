/**
 * A device whose faults go to user space is detached while the interrupt thread reports one: everything but the thread, the
 * groups and the detaching thread, of which a race brings its own versions.
 */
import { always, type Property } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { faultParam } from '../kernel/io-pgfault/fault-param.ts';
import type { ReportingThreadInput } from '../kernel/io-pgfault/report-to-iommufd.ts';
import { iommufdAttachHandle } from '../kernel/iommufd/attach-handle.ts';
import type { DetachInput } from '../kernel/iommufd/detach.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { names, pairs } from '../parts/names.ts';
import { userPage } from '../user/page.ts';
import { userReader } from '../user/reader.ts';

const RUN = { type: 'RUN' } as const;

export const WARNED = 'a fault-capable domain is found only with a fault parameter (WARN_ON)';
export const HANDLE_LIFETIME = 'nobody touches the attach handle after it was freed';
export const ONE_ANSWER = 'the device gets exactly one answer to each group';
export const ALL_ANSWERED = 'after the device was detached and the thread is done, each group has its answer';

/** Bring `irq`, `group0`, … and `detach0`, with the inputs that are given here. */
export function iommufdDetach(size: { readonly groups: number; readonly readers: number }) {
  const indexes = names('prg', size.groups);
  const groupNames = names('group', size.groups);
  const reporting: ReportingThreadInput = {
    name: 'irq',
    queue: 'prq',
    params: { dev0: 'param0' },
    handles: { dev0: 'handle0' },
    faultQueue: 'fault',
  };
  const detach: DetachInput = {
    name: 'detach0',
    device: 'dev0',
    param: 'param0',
    handle: 'handle0',
    queue: 'prq',
    faultQueue: 'fault',
    mutex: 'mutex',
  };
  const actors = combineActors(
    {
      guest: actor(guestDriver, {
        input: {},
        choices: indexes.map((index) => ({ type: 'POST_FAULTING_DMA' as const, device: 'dev0', index })),
        rest: () => true,
      }),
      dev0: actor(faultingFunction, { input: { name: 'dev0', queue: 'prq', pages: ['page0'] }, rest: () => true }),
      prq: actor(pageRequestQueue, { input: { entries: size.groups } }),
      handle0: actor(iommufdAttachHandle),
      param0: actor(faultParam, {
        input: {
          name: 'param0',
          device: 'dev0',
          groups: pairs(indexes, groupNames),
          handler: 'fault',
          handle: 'handle0',
        },
      }),
      fault: actor(faultQueue, { input: { mutex: 'mutex' } }),
      mutex: actor(mutex),
      // Always there: a copy takes a step, but does not fault.
      buffer: actor(userPage, { input: { pager: 'none' } }),
    },
    family('reader', size.readers, (index) =>
      actor(userReader, {
        input: { name: `reader${index}`, faultQueue: 'fault', mutex: 'mutex', buffer: 'buffer' },
        choices: [RUN],
        rest: ['idle'],
      }),
    ),
  );
  const properties: readonly Property[] = [
    always(WARNED, (view) => !view.get('irq').matches('warned')),
    always(HANDLE_LIFETIME, (view) => !view.get('handle0').matches('usedAfterFree')),
    always(ONE_ANSWER, (view) => !view.get('dev0').matches('unexpectedIndex')),
    always(ALL_ANSWERED, (view) => {
      if (!view.get('detach0').matches('detached') || !view.get('irq').matches('idle')) return true;
      const { entries } = view.get('prq').context as { entries: readonly unknown[] };
      return entries.length > 0 || Object.keys(view.get('dev0').context.posted as object).length === 0;
    }),
  ];
  return {
    actors,
    groupNames,
    reporting: { input: reporting, choices: [RUN], rest: ['idle'] },
    group: (index: number) => ({ name: `group${index}`, index: `prg${index}`, param: 'param0' }),
    detach: { input: detach, choices: [{ type: 'DETACH' }, RUN], rest: ['attached', 'detached'] },
    blocking: ['REQUEST', 'ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'DRAIN', 'FETCH'],
    properties,
  } as const;
}

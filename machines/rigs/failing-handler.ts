/**
 * The way of a page request to a handler that may fail, in the commits that became v6.9, for races about who cleans up and who answers
 * then: one function, its queue, the interrupt thread, the fault parameter, the memory of groups and of copies of last requests, SVA's
 * handler, and a thread that takes the device out of its iopf queue, once.
 *
 *   dev0 -PAGE_REQUEST-> prq -ENTRY-> irq -LINK-> param0 -ALLOC-> group0, copy0
 *                                     irq -IOPF_HANDLER-> sva, which answers by group0 -RESPOND-> param0 -PRG_RESPONSE-> dev0
 *                                     irq, where it has failed
 */
import { happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import type { UnbindInput } from '../kernel/intel/svm-unbind.ts';
import type { FaultParamInput } from '../kernel/io-pgfault/fault-param.ts';
import { iopfGroupMemory } from '../kernel/io-pgfault/group-memory.ts';
import { lastFault } from '../kernel/io-pgfault/last-fault.ts';
import type { FailingReportInput } from '../kernel/io-pgfault/report-0095bf83554f.ts';
import { exactlyOneAnswerTo } from '../monitors/fault-parameter.ts';
import { noUseAfterFree } from '../monitors/object-lifetime.ts';
import { names, pairs } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import type { Rig } from './assemble.ts';
import { groupLifetime } from './owned-groups.ts';
import { svaWorker } from './sva-worker.ts';
import { actorOf, type Version } from './version.ts';

interface FailingHandler<Param, Thread, Remover> {
  /** Page request group indexes of the device. */
  readonly groups: number;
  readonly param: Param;
  readonly thread: Thread;
  readonly remover: Remover;
  /** Whether the last requests are copied. */
  readonly hasCopies: boolean;
}

export const COPY_LIFETIME = 'nobody touches a freed copy of a last request, and none is freed twice';

export function failingHandler<
  Param extends Version<FaultParamInput>,
  Thread extends Version<FailingReportInput>,
  Remover extends Version<UnbindInput>,
>({ groups, param, thread, remover, hasCopies }: FailingHandler<Param, Thread, Remover>) {
  const indexes = names('prg', groups);
  const copyNames = names('copy', hasCopies ? groups : 0);
  const copies = hasCopies && { copies: pairs(indexes, copyNames) };
  const actors = combineActors(
    {
      dev0: actor(faultingFunction, {
        input: { name: 'dev0', queue: 'prq', pages: ['page0'] },
        choices: indexes.map((index) => ({ type: 'REQUEST' as const, index })),
        // What is reported while the device is removed may never be answered: the device is stopped.
        rest: (state) => state.matches('stopped') || Object.keys(state.context.posted).length === 0,
      }),
      prq: actor(pageRequestQueue, { input: { entries: groups } }),
      irq: actorOf(thread, {
        input: { name: 'irq', queue: 'prq', param: 'param0', handler: 'sva', ...copies },
        choices: [{ type: 'RUN' }, { type: 'HANDLER_FAILS' }],
        rest: ['idle'],
      }),
      param0: actorOf(param, {
        input: {
          name: 'param0',
          device: 'dev0',
          groups: pairs(indexes, names('group', groups)),
          handler: 'sva',
          handle: '',
          ...copies,
        },
      }),
      remover: actorOf(remover, {
        input: { name: 'remover', device: 'dev0', core: 'param0', queue: 'prq', workQueue: 'sva' },
        choices: [{ type: 'UNBIND' }, { type: 'RUN' }],
        rest: ['bound', 'removed'],
      }),
    },
    family('group', groups, (at) =>
      actor(iopfGroupMemory, { input: { name: `group${at}`, index: `prg${at}`, param: 'param0' } }),
    ),
    family('copy', copyNames.length, () => actor(lastFault)),
    svaWorker.actors,
  );
  return {
    actors,
    blocking: ['PAGE_REQUEST', 'PEEK', 'DRAIN', 'FLUSHED'],
    always: [
      ...when(hasCopies, noUseAfterFree(COPY_LIFETIME, { objects: copyNames, alloc: 'ALLOC', free: 'FREE' })),
      groupLifetime(names('group', groups)),
      exactlyOneAnswerTo('dev0'),
    ],
    shows: [
      happens('the handler fails', { type: 'HANDLER_FAILS' }),
      happens('the worker answers a group', {
        to: 'dev0',
        type: 'PRG_RESPONSE',
        where: ({ code }) => code === 'success',
      }),
      reachable('the device is removed', (view) => view.get('remover').matches('removed')),
    ],
  } as const satisfies Rig;
}

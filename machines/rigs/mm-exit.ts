/**
 * The address space of a process that exits while others work with it: its structure `mm`, its exit `exit`, one VMA with its anon_vma and the
 * lock of that, threads that compact memory, and a driver with an MMU notifier (amdkfd): its callback, as each thread that may call it runs
 * it (`onMunmap`, `onExit`, `onCompaction0`, …), and the worker of its deferred list.
 */
import { always, leadsTo, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { deferredListWork } from '../kernel/amdkfd/deferred-list-work.ts';
import type { SvmRangeInput } from '../kernel/amdkfd/svm-range.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { anonVma } from '../kernel/mm/anon-vma.ts';
import { compaction } from '../kernel/mm/compaction.ts';
import { exitMmap } from '../kernel/mm/exit-mmap.ts';
import { mmStruct } from '../kernel/mm/mm-struct.ts';
import { mmUser } from '../kernel/mm/mm-user.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

export const EXITS_ONCE = 'an address space exits once';
const EXIT_ENDS = 'an exit of an address space ends, and so does the mmput() that it is in';
const RUN = { type: 'RUN' } as const;

interface MmExit<C> {
  /** Threads that compact memory. */
  readonly compactions: number;
  /** A version of the notifier's callback. */
  readonly callback: C;
}

export function mmExit<C extends Version<SvmRangeInput>>({ compactions, callback }: MmExit<C>) {
  const callbackOf = (name: string) =>
    actorOf(callback, { input: { name, mm: 'mm', deferredList: 'deferredList' }, choices: [RUN], rest: ['idle'] });
  const anon = { anonVma: 'anonVma', anonVmaLock: 'anonVmaLock' };
  const actors = combineActors(
    {
      process: actor(mmUser, {
        input: { name: 'process', mm: 'mm', notifier: 'onMunmap' },
        choices: [{ type: 'MUNMAP' }, { type: 'EXIT' }],
        rest: ['running', 'gone'],
      }),
      onMunmap: callbackOf('onMunmap'),
      // One reference is that of all users, one amdkfd's.
      mm: actor(mmStruct, { input: { users: 1, count: 2, exit: 'exit' } }),
      exit: actor(exitMmap, {
        input: { ...anon, name: 'exit', mm: 'mm', subscriber: 'deferredList', notifier: 'onExit' },
        choices: [RUN],
        rest: ['idle'],
      }),
      onExit: callbackOf('onExit'),
      anonVma: actor(anonVma),
      anonVmaLock: actor(mutex, { rest: ['free'] }),
      deferredList: actor(deferredListWork, {
        input: { name: 'deferredList', mm: 'mm' },
        choices: [RUN],
        rest: ['idle', 'gone'],
      }),
    },
    family('compaction', compactions, (index) =>
      actor(compaction, {
        input: { ...anon, name: `compaction${index}`, notifier: `onCompaction${index}` },
        choices: [{ type: 'COMPACT' }, RUN],
        rest: ['idle'],
      }),
    ),
    family('onCompaction', compactions, (index) => callbackOf(`onCompaction${index}`)),
  );
  return {
    actors,
    blocking: ['ACQUIRE'],
    always: [
      always(EXITS_ONCE, (view) => !view.get('mm').matches('exitingTwice')),
      leadsTo(
        EXIT_ENDS,
        (view) => view.get('mm').matches('exiting') || view.get('process').matches('exiting'),
        (view) => !view.get('mm').matches('exiting') && !view.get('process').matches('exiting'),
      ),
    ],
    shows: [
      reachable('the process exits while compaction is inside the callback', (view) => {
        return view.get('process').matches('exiting') && view.get('compaction0').matches('notifying');
      }),
      reachable('the worker drops the last user', (view) => {
        return view.get('deferredList').matches('putting') && view.get('mm').matches('exiting');
      }),
      reachable('the structure is freed', (view) => view.get('mm').matches('freed')),
    ],
  } as const satisfies Rig;
}

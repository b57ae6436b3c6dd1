/**
 * B-67: compaction migrates a page of a process that exits meanwhile. It walks the page's VMAs with the anon_vma locked and
 * calls the notifier of each; amdkfd's callback takes a user of the mm, works, and drops it. If the process has dropped its own
 * in between, that was the last one: the exit of the address space runs inside the callback, and when it frees the page tables,
 * it needs the anon_vma lock that its own caller holds. The thread waits for itself, with the lock, and the process never goes.
 *
 * Each step of the history was the repair of the one before. First the worker of the deferred list had an mm that was gone;
 * 367c9b0f1b87 gave it a user, without a look whether there was one, and the exit itself unmaps and calls the callback: the mm
 * exits twice (`mmget`). fa582c6f3684 looks, and holds a user over the callback (`mmput-in-callback`). a29e067bd389 looks where
 * the worker gets its user, and holds none itself. `mmput_async()` is what others do (`mmput-async`; no release of amdkfd did).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { deferredListWork } from '../kernel/amdkfd/deferred-list-work.ts';
import { svmRange, svmRangeConfig, svmRangeParts } from '../kernel/amdkfd/svm-range.ts';
import { svmRange367c9b0f1b87 } from '../kernel/amdkfd/svm-range-367c9b0f1b87.ts';
import { svmRangeFa582c6f3684, svmRangeFa582c6f3684States } from '../kernel/amdkfd/svm-range-fa582c6f3684.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { anonVma } from '../kernel/mm/anon-vma.ts';
import { compaction } from '../kernel/mm/compaction.ts';
import { exitMmap } from '../kernel/mm/exit-mmap.ts';
import { mmStruct } from '../kernel/mm/mm-struct.ts';
import { mmUser } from '../kernel/mm/mm-user.ts';

/** As `svm-range-fa582c6f3684.ts`, but the last user's exit is left to a worker. */
const svmRangePutsAsync = svmRangeParts.createMachine({
  id: 'svmRangePutsAsync',
  ...svmRangeConfig,
  states: {
    ...svmRangeFa582c6f3684States,
    putting: svmRangeParts.createStateConfig({ on: { RUN: { target: 'dropping', actions: 'putMmAsync' } } }),
  },
});

const callbacks = {
  fixed: svmRange,
  'mmput-async': svmRangePutsAsync,
  'mmput-in-callback': svmRangeFa582c6f3684,
  mmget: svmRange367c9b0f1b87,
};
const ONCE = 'an address space exits once';
const ENDS = 'an exit of an address space ends, and so does the mmput() that it is in';
const RUN = { type: 'RUN' } as const;

export const mmputInNotifier = defineScenario({
  name: 'mmput-in-notifier',
  title:
    'A notifier callback drops the last user of an address space, whose exit needs what the caller of the notifier holds',
  sources: ['B-67', 'a29e067bd389', 'fa582c6f3684', '367c9b0f1b87', 'drivers/gpu/drm/amd/amdkfd/kfd_svm.c'],
  group: 'mm',
  parameters: z.object({
    compactions: z.number().int().min(1).max(2).default(1).describe('threads that compact memory'),
  }),
  variants: {
    fixed: {
      title: 'the callback holds no user; the worker gets one if there is one (a29e067bd389)',
      expected: { verdict: 'holds', counts: [93, 229] },
    },
    'mmput-async': {
      title: 'the callback drops its user by mmput_async()',
      expected: { verdict: 'holds', counts: [195, 494] },
    },
    'mmput-in-callback': {
      title: 'the callback drops its user by mmput() (fa582c6f3684, v5.19)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 10 },
    },
    mmget: {
      title: 'the worker gets a user whether there is one or not (367c9b0f1b87, v5.18)',
      expected: { verdict: 'violated', property: ONCE, length: 6 },
    },
  },
  build({ compactions }, variant) {
    const callback = (name: string) =>
      actor(callbacks[variant], {
        input: { name, mm: 'mm', deferredList: 'deferredList' },
        choices: [RUN],
        rest: ['idle'],
      });
    const anon = { anonVma: 'anonVma', anonVmaLock: 'anonVmaLock' };

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        {
          process: actor(mmUser, {
            input: { name: 'process', mm: 'mm', notifier: 'onMunmap' },
            choices: [{ type: 'MUNMAP' }, { type: 'EXIT' }],
            rest: ['running', 'gone'],
          }),
          onMunmap: callback('onMunmap'),
          // One reference is that of all users, one amdkfd's.
          mm: actor(mmStruct, { input: { users: 1, count: 2, exit: 'exit' } }),
          exit: actor(exitMmap, {
            input: { ...anon, name: 'exit', mm: 'mm', subscriber: 'deferredList', notifier: 'onExit' },
            choices: [RUN],
            rest: ['idle'],
          }),
          onExit: callback('onExit'),
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
        family('onCompaction', compactions, (index) => callback(`onCompaction${index}`)),
      ),
      blocking: ['ACQUIRE'],
      // kernel/locking/rwsem.c: a lock is handed to its first waiter (RWSEM_FLAG_HANDOFF), so compaction does not pass the exit for ever.
      fairness: { exit: { RUN: 'strong' } },
      properties: ({ always, leadsTo, reachable }) => [
        always(ONCE, (view) => !view.get('mm').matches('exitingTwice')),
        leadsTo(
          ENDS,
          (view) => view.get('mm').matches('exiting') || view.get('process').matches('exiting'),
          (view) => !view.get('mm').matches('exiting') && !view.get('process').matches('exiting'),
        ),
        reachable('the process exits while compaction is inside the callback', (view) => {
          return view.get('process').matches('exiting') && view.get('compaction0').matches('notifying');
        }),
        reachable('the worker drops the last user', (view) => {
          return view.get('deferredList').matches('putting') && view.get('mm').matches('exiting');
        }),
        ...(variant === 'mmput-in-callback' || variant === 'mmput-async'
          ? [
              reachable('compaction drops the last user', (view) => {
                return (
                  view.get('process').matches('gone') &&
                  view.get('mm').matches('exiting') &&
                  !view.get('compaction0').matches('idle')
                );
              }),
            ]
          : []),
        reachable('the structure is freed', (view) => view.get('mm').matches('freed')),
      ],
    });
  },
});

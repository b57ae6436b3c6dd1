/**
 * B-67: compaction migrates a page of a process that exits meanwhile. It walks the page's VMAs with the anon_vma locked and calls the
 * notifier of each; amdkfd's callback takes a user of the mm, works, and drops it. If the process has dropped its own in between, that was
 * the last one: the exit of the address space runs inside the callback, and when it frees the page tables, it needs the anon_vma lock that
 * its own caller holds. The thread waits for itself, with the lock, and the process never goes.
 *
 * Each step of the history was the repair of the one before. First the worker of the deferred list had an mm that was gone; 367c9b0f1b87
 * gave it a user, without a look whether there was one, and the exit itself unmaps and calls the callback: the mm exits twice (`mmget`).
 * fa582c6f3684 looks, and holds a user over the callback (`mmput-in-callback`). a29e067bd389 looks where the worker gets its user, and
 * holds none itself. `mmput_async()` is what others do (`mmput-async`; no release of amdkfd did).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svmRange } from '../kernel/amdkfd/svm-range.ts';
import { svmRange367c9b0f1b87 } from '../kernel/amdkfd/svm-range-367c9b0f1b87.ts';
import { svmRangeFa582c6f3684 } from '../kernel/amdkfd/svm-range-fa582c6f3684.ts';
import { svmRangePutsAsync } from '../kernel/amdkfd/svm-range-puts-async.ts';
import { assemble } from '../rigs/assemble.ts';
import { EXITS_ONCE, mmExit } from '../rigs/mm-exit.ts';

const callbacks = {
  fixed: svmRange,
  'mmput-async': svmRangePutsAsync,
  'mmput-in-callback': svmRangeFa582c6f3684,
  mmget: svmRange367c9b0f1b87,
};

export const mmputInNotifier = defineScenario({
  name: 'mmput-in-notifier',
  title:
    'A notifier callback drops the last user of an address space, whose exit needs what the caller of the notifier holds',
  sources: ['B-67', 'a29e067bd389', 'fa582c6f3684', '367c9b0f1b87', 'drivers/gpu/drm/amd/amdkfd/kfd_svm.c'],
  group: 'mm',
  systems: ['mmu-notifiers'],
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
      expected: { verdict: 'violated', property: EXITS_ONCE, length: 6 },
    },
  },
  build({ compactions }, variant) {
    const rig = assemble(mmExit({ compactions, callback: callbacks[variant] }));
    const dropsUser = variant === 'mmput-in-callback' || variant === 'mmput-async';
    return defineSystem({
      ...rig.parts,
      // kernel/locking/rwsem.c: a lock is handed to its first waiter (RWSEM_FLAG_HANDOFF), so compaction does not pass the exit for ever.
      fairness: { exit: { RUN: 'strong' } },
      properties: ({ reachable }) => [
        ...rig.always,
        ...rig.shows,
        ...(dropsUser
          ? [
              reachable('compaction drops the last user', (view) => {
                const isLast = view.get('process').matches('gone') && view.get('mm').matches('exiting');
                return isLast && !view.get('compaction0').matches('idle');
              }),
            ]
          : []),
      ],
    });
  },
});

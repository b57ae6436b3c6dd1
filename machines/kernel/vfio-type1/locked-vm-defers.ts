/**
 * `mm->locked_vm` as in `locked-vm.ts` before 0cfef2b7410b: where the mmap_sem is contended, vfio_lock_acct() leaves the charge to a work
 * item (vfio_lock_acct_bg()), and nobody tests the limit again.
 *
 * Simplification: it is always contended, so every charge is left to a work item; these run in order.
 */
import { lockedVmConfig, lockedVmParts, testsLimit } from './locked-vm.ts';

export const lockedVmDefers = lockedVmParts.createMachine({
  id: 'lockedVmDefers',
  ...lockedVmConfig,
  on: {
    TEST_LIMIT: testsLimit,
    CHARGE_PAGE: { actions: ['deferAdd', 'replyCharged'] },
    UNCHARGE_PAGE: { actions: 'deferSubtract' },
    RUN: { guard: 'isDeferred', actions: 'runWork' },
  },
});

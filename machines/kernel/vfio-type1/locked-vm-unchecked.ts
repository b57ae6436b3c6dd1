/** `mm->locked_vm` as in `locked-vm.ts`, without the second test: what was room when a page was pinned counts as room when it is charged. */
import { lockedVmConfig, lockedVmParts, testsLimit } from './locked-vm.ts';

export const lockedVmUnchecked = lockedVmParts.createMachine({
  id: 'lockedVmUnchecked',
  ...lockedVmConfig,
  on: {
    TEST_LIMIT: testsLimit,
    CHARGE_PAGE: { actions: ['add', 'replyCharged'] },
    UNCHARGE_PAGE: { actions: 'subtract' },
  },
});

/**
 * `mm->locked_vm` as in `locked-vm.ts` that adds the page and then tests the limit, as one does with an atomic counter, and forgets to take it off
 * again where that was too much. Nobody has it so.
 */
import { lockedVmConfig, lockedVmParts, testsLimit } from './locked-vm.ts';

export const lockedVmKeepsCharge = lockedVmParts.createMachine({
  id: 'lockedVmKeepsCharge',
  ...lockedVmConfig,
  on: {
    TEST_LIMIT: testsLimit,
    CHARGE_PAGE: [{ guard: 'hasRoom', actions: ['add', 'replyCharged'] }, { actions: ['add', 'replyOverLimit'] }],
    UNCHARGE_PAGE: { actions: 'subtract' },
  },
});

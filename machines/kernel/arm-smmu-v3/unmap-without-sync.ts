/**
 * The unmap of `unmap.ts` that is content when CONS has moved past ATC_INV. Consumed is not completed: the Invalidate Request may still be
 * on its way. In no release.
 */
import { without } from '../../parts/states.ts';
import { unmapConfig, unmapParts, unmapStates } from './unmap.ts';

export const unmapThreadWithoutSync = unmapParts.createMachine({
  id: 'unmapThreadWithoutSync',
  ...unmapConfig,
  states: {
    ...without(unmapStates, 'secondInvalidation'),
    firstDone: unmapParts.createStateConfig({
      on: { RUN: { target: 'waitingForCons', actions: 'issueAtcInv' } },
    }),
    waitingForCons: unmapParts.createStateConfig({
      on: {
        CONSUMED: [
          { guard: 'isLastConsumed', target: 'invalidated', actions: 'countConsumed' },
          { actions: 'countConsumed' },
        ],
      },
    }),
  },
});

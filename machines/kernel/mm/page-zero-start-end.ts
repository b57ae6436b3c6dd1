/** A page as in `page-zero.ts` that calls the MMU notifier before and after its entry changes: invalidate_range_start() and _end(). */
import { pageConfig } from './page.ts';
import { pageZeroParts, pageZeroStates } from './page-zero.ts';

export const pageZeroStartEnd = pageZeroParts.createMachine({
  id: 'pageZeroStartEnd',
  ...pageConfig,
  initial: 'untouched',
  states: {
    ...pageZeroStates,
    copying: pageZeroParts.createStateConfig({
      on: {
        FRAME: { target: 'notifyingStart', actions: ['setEntry', 'rememberGup', 'notifyStart'] },
      },
    }),
    notifyingStart: pageZeroParts.createStateConfig({
      on: { NOTIFIED: { target: 'notifying', actions: 'notifyEnd' } },
    }),
  },
});

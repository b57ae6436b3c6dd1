/**
 * A page as in `page.ts` that nobody has written at first: a CPU that reads it gets the zero page, read-only, which all share. Who
 * wants to write, as GUP does for a device that may, breaks that: mm/memory.c wp_page_copy() puts a frame of its own in its place, and
 * tells the MMU notifier that the old translation goes. So GUP calls the notifier, in its own thread.
 *
 *   untouched -READ-> zero page -GUP-> (new frame, invalidate_range(), NOTIFIED) -> present
 *
 * The same break happens to a page that is shared since fork() or was merged by KSM. `page-zero-start-end.ts` calls the notifier before and after.
 *
 * Simplifications: no CPU writes to it as long as it is the zero page; memory is not short then.
 */
import { assign } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { pageConfig, pageParts, pageStates } from './page.ts';

/** What versions of it are made of. */
export const pageZeroParts = pageParts.extend({
  actions: {
    rememberGup: assign({ caller: from('FRAME', ({ event }) => event.for) }),
    notifyRange: call(
      ({ context }) => context.notifier!,
      ({ context }) => ({ type: 'INVALIDATE_RANGE', page: context.name }),
    ),
    notifyStart: call(
      ({ context }) => context.notifier!,
      ({ context }) => ({ type: 'INVALIDATE_RANGE_START', page: context.name }),
    ),
    notifyEnd: call(
      ({ context }) => context.notifier!,
      ({ context }) => ({ type: 'INVALIDATE_RANGE_END', page: context.name }),
    ),
    returnGot: send('caller', ({ context }) => ({ type: 'GOT', frame: context.frame! })),
  },
});

export const pageZeroStates = {
  ...pageStates,
  untouched: pageZeroParts.createStateConfig({ on: { GUP: pageStates.swappedOut.on.GUP, READ: 'zeroPage' } }),
  zeroPage: pageZeroParts.createStateConfig({
    on: { GUP: { target: 'copying', actions: 'allocateFrame' } },
  }),
  // Left within the step that entered it.
  copying: pageZeroParts.createStateConfig({
    on: {
      // ptep_clear_flush_notify(), then the entry is written.
      FRAME: { target: 'notifying', actions: ['setEntry', 'rememberGup', 'notifyRange'] },
    },
  }),
  // In the callback, in the thread that wants the page.
  notifying: pageZeroParts.createStateConfig({
    on: { NOTIFIED: { target: 'present', actions: ['takeReference', 'returnGot', 'forgetCaller'] } },
  }),
};

export const pageZero = pageZeroParts.createMachine({
  id: 'pageZero',
  ...pageConfig,
  initial: 'untouched',
  states: pageZeroStates,
});

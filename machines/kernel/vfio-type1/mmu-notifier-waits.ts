/**
 * The MMU notifier of `mmu-notifier.ts` with the wait that the series has at its beginning (v3 patch 3): vfio_wait_all_valid() drops the
 * container's lock and sleeps until all ranges have a user address, and takes the lock again. A fatal signal, or the container's file being
 * closed, ends the wait with -EFAULT; then the callback warns, and returns: with the lock, and with nothing unmapped.
 *
 *   invalidating -RUN-> (valid) as in `mmu-notifier.ts`
 *                    -> sleeping -WAKE-> invalidating
 *                                -FATAL_SIGNAL-> woken -RUN-> idle
 *
 * `mmu-notifier-waits-unlocks.ts` drops the lock before it returns.
 */
import { call, send } from '../../parts/call.ts';
import { vfioMmuNotifierConfig, vfioMmuNotifierParts, vfioMmuNotifierStates } from './mmu-notifier.ts';

/** What versions of it are made of. */
export const notifierWaitsParts = vfioMmuNotifierParts.extend({
  actions: {
    waitAllValid: call(({ context }) => context.vaddrs!, 'WAIT_ALL_VALID'),
    finishWait: send(({ context }) => context.vaddrs!, 'FINISH_WAIT'),
  },
});

export const notifierWaitsStates = {
  ...vfioMmuNotifierStates,
  invalidating: notifierWaitsParts.createStateConfig({
    on: { RUN: { target: 'waiting', actions: ['lock', 'waitAllValid'] } },
  }),
  // Left within the step that entered it.
  waiting: notifierWaitsParts.createStateConfig({
    on: { ALL_VALID: { target: 'findingDma', actions: 'findDma' }, SLEEP: { target: 'sleeping', actions: 'unlock' } },
  }),
  // vfio_wait(): schedule(), in TASK_KILLABLE
  sleeping: notifierWaitsParts.createStateConfig({
    on: { WAKE: 'invalidating', FATAL_SIGNAL: { target: 'woken', actions: 'finishWait' } },
  }),
  // mutex_lock(), -EFAULT; `if (WARN_ON(ret < 0)) return;`
  woken: notifierWaitsParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['lock', 'replyNotified', 'endCallback'] } },
  }),
};

export const vfioMmuNotifierWaits = notifierWaitsParts.createMachine({
  id: 'vfioMmuNotifierWaits',
  ...vfioMmuNotifierConfig,
  states: notifierWaitsStates,
});

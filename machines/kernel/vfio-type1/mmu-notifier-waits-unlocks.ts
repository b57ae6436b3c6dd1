/** The MMU notifier of `mmu-notifier-waits.ts` that drops the container's lock when its wait fails. Nobody posted it. */
import { vfioMmuNotifierConfig } from './mmu-notifier.ts';
import { notifierWaitsParts, notifierWaitsStates } from './mmu-notifier-waits.ts';

export const vfioMmuNotifierWaitsUnlocks = notifierWaitsParts.createMachine({
  id: 'vfioMmuNotifierWaitsUnlocks',
  ...vfioMmuNotifierConfig,
  states: {
    ...notifierWaitsStates,
    woken: notifierWaitsParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['lock', 'unlock', 'replyNotified', 'endCallback'] } },
    }),
  },
});

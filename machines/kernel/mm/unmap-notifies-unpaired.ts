/**
 * The thread of `unmap-notifies-nonblock.ts` from 93065ac753e4 (v4.19) to v5.11: where one notifier refuses, those that did not have had a start, and
 * never hear the end of it.
 */
import { unmapNotifiesConfig, unmapNotifiesParts, unmapNotifiesStates } from './unmap-notifies.ts';

export const unmapNotifiesUnpaired = unmapNotifiesParts.createMachine({
  id: 'unmapNotifiesUnpaired',
  ...unmapNotifiesConfig,
  states: {
    ...unmapNotifiesStates,
    started: unmapNotifiesParts.createStateConfig({ on: { ...unmapNotifiesStates.started.on, EAGAIN: 'idle' } }),
  },
});

/** The thread of `fork.ts` that calls the MMU notifier before and after the entries change: invalidate_range_start() and _end(). */
import { forkConfig, forkParts, forkStates } from './fork.ts';

export const forkThreadStartEnd = forkParts.createMachine({
  id: 'forkThreadStartEnd',
  ...forkConfig,
  states: {
    ...forkStates,
    copying: forkParts.createStateConfig({ on: { RUN: { target: 'notifyingStart', actions: 'notifyStart' } } }),
    notifyingStart: forkParts.createStateConfig({ on: { NOTIFIED: 'protecting' } }),
    protecting: forkParts.createStateConfig({ on: { RUN: { target: 'notifying', actions: 'notifyEnd' } } }),
  },
});

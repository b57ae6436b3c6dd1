/** The thread of `mirror-fault.ts` that asks whether it may go on before it takes the lock under which it writes its entry. */
import { mirrorConfig, mirrorParts, mirrorStates } from './mirror-fault.ts';

export const mirrorFaultChecksUnlocked = mirrorParts.createMachine({
  id: 'mirrorFaultChecksUnlocked',
  ...mirrorConfig,
  states: {
    ...mirrorStates,
    checking: { on: { GO_ON: 'checked', RETRY: { target: 'begun', actions: 'forget' } } },
    checked: { on: { RUN: { target: 'idle', actions: ['install', 'forget'] } } },
  },
});

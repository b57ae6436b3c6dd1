/** Detaching as in `detach-v3.ts`, but the fault handler is unregistered before the container's lock is taken. Nobody posted it. */
import { detachGroupConfig, detachGroupParts } from './detach-v3.ts';

export const detachGroupUnlocked = detachGroupParts.createMachine({
  id: 'detachGroupUnlocked',
  ...detachGroupConfig,
  states: {
    attached: { on: { DETACH_GROUP: 'unregistering' } },
    unregistering: { on: { RUN: { target: 'locking', actions: ['lockDevice', 'unregister', 'unlockDevice'] } } },
    locking: { on: { RUN: { target: 'detached', actions: ['lock', 'unlock'] } } },
    detached: { on: { DETACH_GROUP: {}, RUN: {} } },
  },
});

/**
 * The fault handler of `iopf-v1-pins.ts` that waits at the limit until a page can be charged, without the container's lock, and then looks
 * everything up again. Nobody posted it.
 */
import { vfioIopfPinsParts, vfioIopfPinsStates } from './iopf-v1-pins.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfPinsWaits = vfioIopfPinsParts.createMachine({
  id: 'vfioIopfPinsWaits',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfPinsStates,
    charging: vfioIopfPinsParts.createStateConfig({
      on: {
        CHARGED: 'mapping',
        OVER_LIMIT: { target: 'waitingForRoom', actions: ['putPage', 'forgetFrame', 'unlock'] },
      },
    }),
    waitingForRoom: vfioIopfPinsParts.createStateConfig({ on: { RUN: { target: 'locking', actions: 'awaitRoom' } } }),
  },
});

/** The fault handler of `iopf-v1-waits.ts` that keeps the container's lock while it waits. Who evicts a page needs that lock. Nobody posted it. */
import { vfioIopfPinsParts, vfioIopfPinsStates } from './iopf-v1-pins.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfPinsWaitsWithLock = vfioIopfPinsParts.createMachine({
  id: 'vfioIopfPinsWaitsWithLock',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfPinsStates,
    charging: vfioIopfPinsParts.createStateConfig({
      on: {
        CHARGED: 'mapping',
        OVER_LIMIT: { target: 'waitingForRoom', actions: ['putPage', 'forgetFrame'] },
      },
    }),
    waitingForRoom: vfioIopfPinsParts.createStateConfig({ on: { RUN: { target: 'dmaFound', actions: 'awaitRoom' } } }),
  },
});

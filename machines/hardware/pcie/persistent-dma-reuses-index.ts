/**
 * As `persistent-dma-gives-up.ts`, but the use of the index is over when the access is: the next request uses it again, while its
 * answer is still to come. No PCIe rule allows this.
 */
import { persistentDmaConfig, persistentDmaParts, persistentDmaStates } from './persistent-dma.ts';

export const persistentDmaReusesIndex = persistentDmaParts.createMachine({
  id: 'persistentDmaReusesIndex',
  ...persistentDmaConfig,
  states: {
    ...persistentDmaStates,
    waiting: persistentDmaParts.createStateConfig({
      ...persistentDmaStates.waiting,
      after: { answerTimeout: { target: 'idle', actions: ['abandonIndex', 'countUseOfIndex'] } },
    }),
  },
});

/**
 * A DMA that is tried again after every answer, of a device that waits for each about 4.2 s (HiSilicon's accelerators): then the access is
 * over, with an error for the driver. The index stays in use until its answer comes, as PCIe 10.4.2 asks.
 *
 * Simplifications: as `persistent-dma.ts`; the time limit is for one answer, not for the whole access.
 */
import { persistentDmaConfig, persistentDmaParts, persistentDmaStates } from './persistent-dma.ts';

export const persistentDmaGivesUp = persistentDmaParts.createMachine({
  id: 'persistentDmaGivesUp',
  ...persistentDmaConfig,
  states: {
    ...persistentDmaStates,
    waiting: persistentDmaParts.createStateConfig({
      ...persistentDmaStates.waiting,
      after: { answerTimeout: 'givenUp' },
    }),
    // The driver knows; the index is not free.
    givenUp: persistentDmaParts.createStateConfig({
      on: { ANSWERED: { target: 'idle', actions: 'countUseOfIndex' } },
    }),
  },
});

/**
 * The thread of `coiommu-unpin-worker.ts` that returns with the lock where the exchange fails: nobody pins a page any more, and a guest that asks for one
 * waits for ever. crosvm cannot have it so, its lock is a guard; a VMM in C can.
 */
import { coiommuUnpinConfig, coiommuUnpinParts, coiommuUnpinStates } from './coiommu-unpin-worker.ts';

export const coiommuUnpinWorkerReturnsLocked = coiommuUnpinParts.createMachine({
  id: 'coiommuUnpinWorkerReturnsLocked',
  ...coiommuUnpinConfig,
  states: {
    ...coiommuUnpinStates,
    looking: coiommuUnpinParts.createStateConfig({
      on: { EXCHANGED: 'toUnmap', IN_USE: { target: 'idle', actions: 'forgetPage' } },
    }),
  },
});

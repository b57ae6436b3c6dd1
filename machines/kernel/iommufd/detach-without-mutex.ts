/** The thread of `detach.ts` that answers for the user without `fault->mutex`. In no release: it shows what the mutex is for. */
import { detachConfig, detachParts, detachStates } from './detach.ts';

export const detachWithoutMutex = detachParts.createMachine({
  id: 'detachWithoutMutex',
  ...detachConfig,
  states: {
    ...detachStates,
    removed: detachParts.createStateConfig({ on: { RUN: { target: 'detached', actions: 'autoRespond' } } }),
  },
});

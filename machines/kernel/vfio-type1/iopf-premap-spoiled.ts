/**
 * The fault handler of `iopf-premap.ts` that answers Invalid wherever GUP fails, also on a page that nobody has asked for yet: the page that
 * faulted is mapped, and its DMA aborted all the same. Nobody posted it; v3 tells the two apart by `mapped_len`.
 */
import { premapConfig, premapParts, premapStates } from './iopf-premap.ts';

export const vfioIopfPremapSpoiled = premapParts.createMachine({
  id: 'vfioIopfPremapSpoiled',
  ...premapConfig,
  states: {
    ...premapStates,
    gettingPage: premapParts.createStateConfig({
      on: {
        GOT: { target: 'mapping', actions: 'keepFrame' },
        NO_MEMORY: { target: 'failed', actions: 'unlock' },
      },
    }),
  },
});

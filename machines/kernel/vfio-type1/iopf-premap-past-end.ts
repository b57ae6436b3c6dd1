/**
 * The fault handler of `iopf-premap.ts` that goes on behind the end of the range, as far as IOPF_PREMAP_LEN goes. Nobody posted it; patch 7 of v3
 * has a second such end to mind, that of the pinned range.
 */
import { assign } from 'xstate';
import { premapConfig, premapParts, premapStates } from './iopf-premap.ts';

const parts = premapParts.extend({
  actions: {
    lookFarAhead: assign(({ context }) => {
      const { dma, after, length } = context.premap!;
      const pages = [...dma, ...after];
      const at = pages.indexOf(context.page!);
      return { ahead: pages.slice(at + 1, at + length) };
    }),
  },
});

export const vfioIopfPremapPastEnd = parts.createMachine({
  id: 'vfioIopfPremapPastEnd',
  ...premapConfig,
  states: {
    ...premapStates,
    findingDma: parts.createStateConfig({
      on: {
        DMA_FOUND: [
          { guard: 'isMapped', target: 'responding', actions: 'unlock' },
          { target: 'dmaFound', actions: 'lookFarAhead' },
        ],
      },
    }),
  },
});

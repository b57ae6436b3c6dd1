/**
 * The fault handler of `iopf-premap.ts` that maps the window of IOPF_PREMAP_LEN pages in which the page that faulted lies, aligned to its
 * length, and passes over pages that are mapped. CPU faults do so (mm/memory.c do_fault_around()). Nobody posted it.
 */
import { assign } from 'xstate';
import { premapConfig, premapParts, premapStates } from './iopf-premap.ts';

const parts = premapParts.extend({
  actions: {
    lookAround: assign(({ context }) => {
      const { dma, length } = context.premap!;
      const start = Math.floor(dma.indexOf(context.page!) / length) * length;
      return { ahead: dma.slice(start, start + length).filter((page) => page !== context.page) };
    }),
  },
});

export const vfioIopfPremapWindow = parts.createMachine({
  id: 'vfioIopfPremapWindow',
  ...premapConfig,
  states: {
    ...premapStates,
    findingDma: parts.createStateConfig({
      on: {
        DMA_FOUND: [
          { guard: 'isMapped', target: 'responding', actions: 'unlock' },
          { target: 'dmaFound', actions: 'lookAround' },
        ],
      },
    }),
    goingOn: parts.createStateConfig({
      on: {
        DMA_FOUND: [
          {
            guard: ({ context, event }) => event.type === 'DMA_FOUND' && event.mapped && context.ahead!.length > 0,
            actions: ['nextPage', 'findDma'],
          },
          { guard: 'isMapped', target: 'responding', actions: 'unlock' },
          { target: 'dmaFound' },
        ],
      },
    }),
  },
});

/**
 * A fault handler as in `iopf-v3.ts` that drops the container's lock over GUP, which may sleep for long:
 *
 *   lock; look up the dma and its bit; unlock; GUP; lock; map, set the bit, put the page; unlock; answer
 *
 * Nothing tells it of an unmap between GUP and the map: the notifier finds the bit clear and has nothing to do.
 *
 * Simplifications: as in `iopf-v3.ts`; one SMMU, so nobody else maps the page meanwhile, and the bit is not looked at again.
 */
import { vfioIopfConfig, vfioIopfParts, vfioIopfStates } from './iopf-v3.ts';

export const vfioIopfUnlockedStates = {
  ...vfioIopfStates,
  findingDma: vfioIopfParts.createStateConfig({
    on: {
      DMA_FOUND: [
        { guard: 'isMapped', target: 'responding', actions: 'unlock' },
        { target: 'dmaFound', actions: 'unlock' },
      ],
    },
  }),
  gettingPage: vfioIopfParts.createStateConfig({
    on: {
      GOT: { target: 'mapping', actions: 'keepFrame' },
      NO_MEMORY: 'failed',
    },
  }),
  mapping: vfioIopfParts.createStateConfig({
    on: { RUN: { target: 'responding', actions: ['lock', 'map', 'setMappedBit', 'putPage', 'forgetFrame', 'unlock'] } },
  }),
};

export const vfioIopfUnlocked = vfioIopfParts.createMachine({
  id: 'vfioIopfUnlocked',
  ...vfioIopfConfig,
  states: vfioIopfUnlockedStates,
});

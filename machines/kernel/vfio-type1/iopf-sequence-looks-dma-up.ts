/**
 * The fault handler of `iopf-sequence-keeps-dma.ts` that looks the dma up again when it has the lock back, and then maps, all in one section of it. It looks
 * at what vfio_iommu_map() returns, as v3 does: what is mapped already (`ioctls-late-enable.ts`) it cannot map, and it answers Invalid.
 */
import { call } from '../../parts/call.ts';
import { vfioIopfSequenceParts } from './iopf-sequence.ts';
import { vfioIopfKeepsDmaStates } from './iopf-sequence-keeps-dma.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

const parts = vfioIopfSequenceParts.extend({
  actions: {
    tryMap: call(
      ({ context }) => context.entries[context.page!]!,
      ({ context }) => ({ type: 'TRY_MAP', frame: context.frame!, writable: true }),
    ),
  },
});

export const vfioIopfLooksDmaUp = parts.createMachine({
  id: 'vfioIopfLooksDmaUp',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfKeepsDmaStates,
    checking: parts.createStateConfig({
      on: {
        CHANGED: { target: 'locking', actions: ['putPage', 'forgetFrame', 'unlock'] },
        UNCHANGED: { target: 'lookingAgain', actions: 'findDma' },
      },
    }),
    // Left within the step that entered it, as is `mappingEntry`.
    lookingAgain: parts.createStateConfig({
      on: {
        // Its bit is clear still: one fault is handled at a time, and ENABLE_IOPF sets none once a range could be found.
        DMA_FOUND: { target: 'mappingEntry', actions: 'tryMap' },
        NO_DMA: { target: 'failed', actions: ['putPage', 'forgetFrame', 'unlock'] },
      },
    }),
    mappingEntry: parts.createStateConfig({
      on: {
        MAPPED: { target: 'responding', actions: ['setMappedBit', 'putPage', 'forgetFrame', 'unlock'] },
        // out_invalid: no bit is set, though the page is mapped.
        EEXIST: { target: 'failed', actions: ['putPage', 'forgetFrame', 'unlock'] },
      },
    }),
  },
});

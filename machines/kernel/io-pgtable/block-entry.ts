/**
 * The entry of a page that io-pgtable-arm maps as a part of a block, to v6.12. To unmap the page alone it splits the block
 * (arm_lpae_split_blk_unmap()), for which it allocates a table with GFP_ATOMIC; when there is no memory it unmaps nothing, and returns 0.
 *
 * Simplifications: what else the block maps is not there; whether there is memory is a choice, made at any time.
 */
import { iommuPageTableEntryConfig, iommuPageTableEntryParts, iommuPageTableEntryStates } from './leaf-entry.ts';

export const blockEntry = iommuPageTableEntryParts.createMachine({
  id: 'blockEntry',
  ...iommuPageTableEntryConfig,
  states: {
    ...iommuPageTableEntryStates,
    valid: iommuPageTableEntryParts.createStateConfig({
      ...iommuPageTableEntryStates.valid,
      initial: 'divisible',
      states: {
        divisible: { on: { MEMORY_SHORT: 'whole' } },
        // No table can be allocated: the page stays mapped.
        whole: { on: { UNMAP_FAST: { actions: 'replyNothingUnmapped' }, MEMORY_BACK: 'divisible' } },
      },
    }),
  },
});

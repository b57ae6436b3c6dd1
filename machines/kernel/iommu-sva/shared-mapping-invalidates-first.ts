/**
 * `shared-mapping.ts` with a writeback that invalidates the TLBs and then takes the right to write away: whoever walks in between brings the old
 * right back. In no kernel: page_vma_mkclean_one() clears the entry first.
 */
import { sharedMappingConfig, sharedMappingParts, sharedMappingStates } from './shared-mapping.ts';

export const sharedMappingInvalidatesFirst = sharedMappingParts.createMachine({
  id: 'sharedMappingInvalidatesFirst',
  ...sharedMappingConfig,
  states: {
    ...sharedMappingStates,
    cleaning: sharedMappingParts.createStateConfig({
      on: {
        WALK: { actions: { type: 'replyWalked', params: { present: true, writable: true } } },
        SYNC_COMPLETE: 'readOnly',
      },
    }),
  },
});

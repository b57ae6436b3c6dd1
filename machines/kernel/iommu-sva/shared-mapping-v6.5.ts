/**
 * `shared-mapping.ts` to v6.5, without broadcast TLB maintenance (BTM): a page table entry that gets more rights is flushed from the TLBs of
 * the CPUs, and the SMMU is told by nobody. The flush itself is left out, as no device sees it.
 *
 * Since cb1fa2e99955 (v6.19), which flushes the TLB of one CPU only, an SMMU that counts on broadcast alone would be no better off.
 */
import { without } from '../../parts/states.ts';
import { sharedMappingConfig, sharedMappingParts, sharedMappingStates } from './shared-mapping.ts';

export const sharedMappingV65 = sharedMappingParts.createMachine({
  id: 'sharedMappingV65',
  ...sharedMappingConfig,
  states: {
    ...without(sharedMappingStates, 'upgrading'),
    readOnly: sharedMappingParts.createStateConfig({
      on: {
        ...sharedMappingStates.readOnly.on,
        HANDLE_FAULT: [{ guard: 'isWrite', target: 'writable', actions: 'replyHandled' }, { actions: 'replyHandled' }],
      },
    }),
  },
});

/**
 * `shared-mapping.ts` to v6.18, with an SMMU that takes part in broadcast TLB maintenance (BTM, DVM): where an entry gets more rights, the
 * CPU's own TLBI reaches the SMMU's TLB, so no notifier is needed. Since cb1fa2e99955 (v6.19) that TLBI is local to the CPU.
 */
import { without } from '../../parts/states.ts';
import { sharedMappingConfig, sharedMappingParts, sharedMappingStates } from './shared-mapping.ts';

export const sharedMappingBtm = sharedMappingParts.createMachine({
  id: 'sharedMappingBtm',
  ...sharedMappingConfig,
  states: {
    ...without(sharedMappingStates, 'upgrading'),
    readOnly: sharedMappingParts.createStateConfig({
      on: {
        ...sharedMappingStates.readOnly.on,
        HANDLE_FAULT: [
          { guard: 'isWrite', target: 'writable', actions: ['broadcastTlbi', 'replyHandled'] },
          { actions: 'replyHandled' },
        ],
      },
    }),
  },
});

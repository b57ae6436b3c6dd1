/**
 * The replacing thread of `replace.ts` from fb21b1568ada to ba5c0f28a26e (v7.2): iommufd_auto_response_faults(hwpt,
 * old_handle) looks for the old handle's groups in the fault queue of the new page table.
 */
import { replaceConfig, replaceParts, replaceStates } from './replace.ts';

export const replaceThreadFb21b1568ada = replaceParts.createMachine({
  id: 'replaceThreadFb21b1568ada',
  ...replaceConfig,
  states: {
    ...replaceStates,
    replaced: replaceParts.createStateConfig({
      on: { RUN: { target: 'answered', actions: ['lockNew', 'respondInNew', 'unlockNew'] } },
    }),
  },
});

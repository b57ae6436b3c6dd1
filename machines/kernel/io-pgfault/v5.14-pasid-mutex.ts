/**
 * The core from v5.12 to v6.8 with VT-d's answer as it was from v5.14 on: intel/svm.c intel_svm_page_response() looks the PASID up, under
 * `pasid_mutex`.
 */
import { iopfCoreV5Config, iopfCoreV5Parts, iopfCoreV5States } from './v5.12.ts';

export const iopfCoreV5PasidMutex = iopfCoreV5Parts.createMachine({
  id: 'iopfCoreV5PasidMutex',
  ...iopfCoreV5Config,
  states: {
    ...iopfCoreV5States,
    added: iopfCoreV5Parts.createStateConfig({
      on: {
        ...iopfCoreV5States.added.on,
        RESPOND: [{ guard: 'isPending', actions: ['lockPasids', 'answerDevice', 'unlinkFault', 'unlockPasids'] }, {}],
      },
    }),
  },
});

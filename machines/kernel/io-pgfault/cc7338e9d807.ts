/** The core in cc7338e9d807, and in no other commit: iommu_page_response() takes the device lock. */
import { iopfCoreV5Config, iopfCoreV5Parts, iopfCoreV5States } from './v5.12.ts';

export const iopfCoreCc7338e9d807 = iopfCoreV5Parts.createMachine({
  id: 'iopfCoreCc7338e9d807',
  ...iopfCoreV5Config,
  states: {
    ...iopfCoreV5States,
    added: iopfCoreV5Parts.createStateConfig({
      on: {
        ...iopfCoreV5States.added.on,
        RESPOND: [{ guard: 'isPending', actions: ['lockDevice', 'answerDevice', 'unlinkFault', 'unlockDevice'] }, {}],
      },
    }),
  },
});

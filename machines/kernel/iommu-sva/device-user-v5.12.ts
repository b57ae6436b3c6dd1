/** The process of `device-user.ts` from v5.12 to v5.17: unbind drops the bond's reference to the PASID. */
import { svaProcessConfig, svaProcessParts, svaProcessStates } from './device-user.ts';

export const svaProcessV512 = svaProcessParts.createMachine({
  id: 'svaProcessV512',
  ...svaProcessConfig,
  states: {
    ...svaProcessStates,
    unbinding: svaProcessParts.createStateConfig({
      on: { PASID: { target: 'gone', actions: ['clearDescriptor', 'freePasid', 'dropMm'] } },
    }),
  },
});

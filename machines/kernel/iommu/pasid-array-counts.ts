/** The array of `pasid-array.ts` whose look-up takes a reference to the handle (`attach-handle-counted.ts`). No kernel has it. */
import { pasidArrayConfig, pasidArrayParts, pasidArrayStates } from './pasid-array.ts';

export const pasidArrayCounts = pasidArrayParts.createMachine({
  id: 'pasidArrayCounts',
  ...pasidArrayConfig,
  states: {
    valid: pasidArrayParts.createStateConfig({
      on: {
        ...pasidArrayStates.valid.on,
        LOOK_UP: [{ guard: 'isAttached', actions: ['getReference', 'replyHandle'] }, { actions: 'replyNoHandle' }],
      },
    }),
  },
});

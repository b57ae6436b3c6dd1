/**
 * The threads of `attach-device-fails-v7.0.ts` that ask whether the domain fits before they block translation, and are as they were when
 * memory is short after that. In no release: half of the repair.
 */
import {
  attachDeviceFailsConfig,
  attachDeviceFailsParts,
  attachDeviceFailsStates,
} from './attach-device-fails-v7.0.ts';

export const asksFirst = {
  idle: attachDeviceFailsParts.createStateConfig({
    on: {
      ATTACH: { guard: 'isOther', target: 'asking', actions: 'noteNext' },
      DETACH: attachDeviceFailsStates.idle.on.DETACH,
    },
  }),
  asking: attachDeviceFailsParts.createStateConfig({
    on: { RUN: { target: 'blocked', actions: 'block' }, UNFIT: { target: 'idle', actions: 'forgetNext' } },
  }),
};

export const attachDeviceAsksFirst = attachDeviceFailsParts.createMachine({
  id: 'attachDeviceAsksFirst',
  ...attachDeviceFailsConfig,
  states: {
    ...asksFirst,
    blocked: attachDeviceFailsParts.createStateConfig({
      on: { RUN: attachDeviceFailsStates.blocked.on.RUN, NO_MEMORY: attachDeviceFailsStates.blocked.on.NO_MEMORY },
    }),
  },
});

/**
 * The attaching thread of `attach-group-v3.ts` in the order that the review of v3 asked for: the group is linked, and then faults are
 * switched on. The series was not posted again.
 *
 *   detached -ATTACH_GROUP-> linking -RUN-> registering -RUN-> ... -RUN-> attached
 */
import { attachGroupConfig, attachGroupParts, attachGroupStates } from './attach-group-v3.ts';

export const attachGroupLinksFirst = attachGroupParts.createMachine({
  id: 'attachGroupLinksFirst',
  ...attachGroupConfig,
  states: {
    ...attachGroupStates,
    detached: attachGroupParts.createStateConfig({
      on: { ATTACH_GROUP: { target: 'linking', actions: 'lock' } },
    }),
    linking: attachGroupParts.createStateConfig({
      on: { RUN: { target: 'registering', actions: 'link' } },
    }),
    registering: attachGroupParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'isLastDevice', target: 'attached', actions: ['register', 'nextDevice', 'unlock'] },
          { actions: ['register', 'nextDevice'] },
        ],
      },
    }),
  },
});

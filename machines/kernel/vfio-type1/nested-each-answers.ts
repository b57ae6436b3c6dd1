/**
 * The handler of `nested-joins.ts` without an owner of the group: the host answers it when it has done its part, and the guest when it has done its
 * own. This is what comes of two handlers for one device that each take what is theirs of a group.
 */
import { nestedHandlerConfig, nestedHandlerParts, nestedHandlerStates } from './nested-joins.ts';

export const nestedHandlerEachAnswers = nestedHandlerParts.createMachine({
  id: 'nestedHandlerEachAnswers',
  ...nestedHandlerConfig,
  on: {
    ...nestedHandlerConfig.on,
    PRG_RESPONSE: { guard: 'isWaiting', actions: ['respondForGuest', 'endWaiting'] },
  },
  states: {
    ...nestedHandlerStates,
    sorted: nestedHandlerParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'needsGuest', target: 'mapping', actions: ['leaveToGuest', 'sendToGuest'] },
          { target: 'mapping' },
        ],
      },
    }),
    mapping: nestedHandlerParts.createStateConfig({
      always: [
        { guard: 'hasNothing', target: 'idle', actions: 'endGroup' },
        { guard: 'isMapped', target: 'mapped' },
      ],
      on: { RUN: { actions: ['map', 'countMapped'] } },
    }),
    mapped: nestedHandlerParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['respond', 'endGroup'] } },
    }),
  },
});

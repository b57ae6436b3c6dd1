/**
 * The handler of `nested-joins.ts` without an owner of the group: the host answers it when it has done its part, and the guest when it has done its
 * own. This is what comes of two handlers for one device that each take what is theirs of a group.
 *
 * Behind a second answer two groups with one index may be with the guest: of the first answer that comes for it the newer one takes its own, and for the
 * other no group is left.
 */
import { nestedHandlerConfig, nestedHandlerParts, nestedHandlerStates } from './nested-joins.ts';

export const nestedHandlerEachAnswers = nestedHandlerParts.createMachine({
  id: 'nestedHandlerEachAnswers',
  ...nestedHandlerConfig,
  on: {
    ...nestedHandlerConfig.on,
    PRG_RESPONSE: [
      { guard: 'isWaiting', actions: ['respondForGuest', 'endWaiting'] },
      // iommu_page_response(): no group waits with this index, -EINVAL.
      {},
    ],
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

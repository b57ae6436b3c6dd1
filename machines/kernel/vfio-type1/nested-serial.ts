/**
 * The handler of `nested-joins.ts` that maps its own part first, sends the rest to the guest then, and lets the guest's answer be the answer to
 * the group. Nothing has to be joined, and a guest that is slow makes nobody else wait.
 */
import { nestedHandlerConfig, nestedHandlerParts, nestedHandlerStates } from './nested-joins.ts';

export const nestedHandlerSerial = nestedHandlerParts.createMachine({
  id: 'nestedHandlerSerial',
  ...nestedHandlerConfig,
  states: {
    ...nestedHandlerStates,
    sorted: nestedHandlerParts.createStateConfig({ on: { RUN: 'mapping' } }),
    mapped: nestedHandlerParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'needsGuest', target: 'idle', actions: ['sendToGuest', 'leaveToGuest', 'endGroup'] },
          { target: 'idle', actions: ['respond', 'endGroup'] },
        ],
      },
    }),
  },
});

/**
 * The thread of `prq.ts` where memory for a group may be short (io-pgfault.c iommu_report_device_fault(), err_abort): the core answers by
 * itself, with Failure.
 *
 * Simplification: that the group is on the stack then, and a removal may come between, is B-76.
 */
import { send } from '../../parts/call.ts';
import { prqConfig, prqParts, prqStates } from './prq.ts';

const parts = prqParts.extend({
  actions: {
    respondFailure: send(({ context }) => context.due!.group, { type: 'GROUP_RESPONSE', code: 'failure' }),
    freeGroup: send(({ context }) => context.due!.group, 'FREE'),
  },
});

export const prqThreadWithoutMemory = parts.createMachine({
  id: 'prqThreadWithoutMemory',
  ...prqConfig,
  states: {
    ...prqStates,
    handling: parts.createStateConfig({
      on: {
        RUN: { target: 'reported', actions: ['callHandler', 'forgetHandler'] },
        NO_MEMORY: { target: 'reported', actions: ['respondFailure', 'freeGroup', 'forgetHandler'] },
      },
    }),
  },
});

/**
 * The worker of `worker.ts` that handles every request of a group and answers what came of the last one, so that Success may hide a page that could
 * not be had. In no release: iommu_sva_handle_iopf() stops at the first bad status.
 */
import { iopfWorkerConfig, iopfWorkerParts, iopfWorkerStates } from './worker.ts';

const parts = iopfWorkerParts.extend({
  guards: {
    isRefusedAtLast: ({ context, event }) => {
      return event.type === 'FAULT_HANDLED' && !event.ok && context.handled + 1 === context.group!.requests.length;
    },
  },
});

export const iopfWorkerKeepsLastStatus = parts.createMachine({
  id: 'iopfWorkerKeepsLastStatus',
  ...iopfWorkerConfig,
  states: {
    ...iopfWorkerStates,
    faulting: parts.createStateConfig({
      on: {
        FAULT_HANDLED: [
          { guard: 'isRefusedAtLast', target: 'responding', actions: 'setInvalid' },
          { guard: 'isLastRequest', target: 'responding' },
          { target: 'handling', actions: 'countHandled' },
        ],
      },
    }),
  },
});

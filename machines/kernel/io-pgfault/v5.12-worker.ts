/**
 * A worker thread of the iopf work queue as it was from v5.12 to v6.8 (io-pgfault.c iopf_handle_group()), where its pages do not
 * matter: `../iommu-sva/worker.ts`, which took its place, but handling the faults of a group (which sleeps) is one step and always
 * succeeds; answering it is the next.
 */
import { without } from '../../parts/states.ts';
import { iopfWorkerConfig, iopfWorkerParts, iopfWorkerStates } from '../iommu-sva/worker.ts';

export const iopfWorkerV5 = iopfWorkerParts.createMachine({
  id: 'iopfWorkerV5',
  ...iopfWorkerConfig,
  states: {
    ...without(iopfWorkerStates, 'faulting', 'responding'),
    // iopf_complete_group() -> iommu_page_response(), which takes a lock; then the work item is done.
    handling: iopfWorkerParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['respond', 'finishWork', 'freeGroup'] } },
    }),
  },
});

/**
 * A worker thread of the iopf work queue as it was from v5.12 to v6.8: io-pgfault.c iopf_handle_group().
 * `../iommu-sva/worker.ts` is the same thread with the pages that it faults in.
 *
 * Simplification: handling the faults of a group (which sleeps) is one step and always succeeds; answering it is the
 * next.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import type { IopfGroup } from './group.ts';

export type IopfWorkerV5Event =
  /** The scheduler lets the thread run. */
  { type: 'RUN' } | { type: 'WORK'; group: IopfGroup };

export const iopfWorkerV5 = setup({
  types: {
    input: {} as {
      name: string;
      workQueue: string;
      /** The fault core of each device, by device. */
      cores: Readonly<Record<string, string>>;
    },
    context: {} as {
      readonly name: string;
      readonly workQueue: string;
      readonly cores: Readonly<Record<string, string>>;
      readonly group: IopfGroup | null;
    },
    events: {} as IopfWorkerV5Event,
  },
  actions: {
    takeWork: call('workQueue', 'TAKE'),
    beginGroup: assign({
      group: from('WORK', ({ event }) => event.group),
    }),
    respond: send(
      ({ context }) => context.cores[context.group!.device]!,
      ({ context }) => ({ type: 'RESPOND', group: context.group!, code: 'success' }),
    ),
    finishWork: call('workQueue', 'DONE'),
    freeGroup: assign({ group: null }),
  },
}).createMachine({
  id: 'iopfWorkerV5',
  context: ({ input }) => ({ ...input, group: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { RUN: { target: 'taking', actions: 'takeWork' } },
    },
    // Left within the step that entered it.
    taking: {
      on: { WORK: { target: 'handling', actions: 'beginGroup' } },
    },
    handling: {
      // iopf_complete_group() -> iommu_page_response(), which takes a lock; then the work item is done.
      on: { RUN: { target: 'idle', actions: ['respond', 'finishWork', 'freeGroup'] } },
    },
  },
});

/**
 * A worker thread of the iopf work queue as it was from v5.12 to v6.8 (io-pgfault.c iopf_handle_group()), with the memory of the group that it
 * handles (`fault-lists.ts`): it walks over the requests, frees each but the last when it has been handled, answers, and frees the group.
 *
 * Simplifications: as `../iommu-sva/worker.ts`; every page is mapped, so that no request is refused.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import type { IopfWorkerInput } from '../iommu-sva/worker.ts';
import type { At } from './fault-lists.ts';
import type { IopfGroup } from './group.ts';

export type IopfWorkerV5FreesEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'WORK'; group: IopfGroup }
  /** Replies of the lists. */
  | At
  | { type: 'END' }
  | { type: 'FAULT_HANDLED'; ok: boolean };

export const iopfWorkerV5Frees = setup({
  types: {
    input: {} as IopfWorkerInput & { lists: string },
    context: {} as IopfWorkerInput & {
      readonly lists: string;
      readonly group: IopfGroup | null;
      readonly at: At | null;
    },
    events: {} as IopfWorkerV5FreesEvent,
  },
  guards: { isLast: ({ context }) => context.at!.request.last },
  actions: {
    takeWork: call('workQueue', 'TAKE'),
    beginGroup: assign({ group: from('WORK', ({ event }) => event.group) }),
    first: call('lists', ({ context }) => ({ type: 'FIRST', head: context.group!.memory! })),
    next: call('lists', ({ context: { group, at } }) => ({ type: 'NEXT', head: group!.memory!, entry: at!.next })),
    note: assign({ at: from('AT', ({ event }) => event) }),
    forget: assign({ at: null }),
    handleFault: call(({ context }) => context.at!.request.page, 'HANDLE_FAULT'),
    freeFault: send('lists', ({ context }) => ({ type: 'KFREE', entry: context.at!.entry })),
    respond: send(
      ({ context }) => context.cores[context.group!.device]!,
      ({ context }) => ({ type: 'RESPOND', group: context.group!, code: 'success' }),
    ),
    freeMemory: send('lists', ({ context }) => ({ type: 'KFREE', entry: context.group!.memory! })),
    finishWork: call('workQueue', 'DONE'),
    forgetGroup: assign({ group: null }),
  },
}).createMachine({
  id: 'iopfWorkerV5Frees',
  context: ({ input }) => ({ ...input, group: null, at: null }),
  initial: 'idle',
  states: {
    idle: { on: { RUN: { target: 'walking', actions: 'takeWork' } } },
    // Left within the step that entered it, as is `faulting`.
    walking: {
      on: {
        WORK: { actions: ['beginGroup', 'first'] },
        AT: { target: 'handling', actions: 'note' },
        END: { target: 'responding', actions: 'forget' },
      },
    },
    handling: { on: { RUN: { target: 'faulting', actions: 'handleFault' } } },
    faulting: {
      on: {
        FAULT_HANDLED: [
          { guard: 'isLast', target: 'walking', actions: 'next' },
          { target: 'walking', actions: ['freeFault', 'next'] },
        ],
      },
    },
    // iopf_complete_group() and kfree(group); then the work item is done.
    responding: {
      on: { RUN: { target: 'idle', actions: ['respond', 'freeMemory', 'finishWork', 'forgetGroup'] } },
    },
  },
});

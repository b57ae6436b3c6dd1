/**
 * mm/swap.c lru_add_drain_all(): queues a work item on each CPU, and waits until all have run.
 *
 * A work item runs on a CPU only when what is there lets it: a thread that sleeps, or is in user space. One that spins in the kernel does not, where
 * the kernel is not preemptible. List 'WORK' as `blocking`.
 *
 * Simplifications: a CPU for each thread, and what waits for the drain is one thread at a time; each other CPU has something to drain.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type LruAddDrainEvent =
  /** The reply is DRAINED, when all CPUs have run their item. */
  | { type: 'DRAIN_ALL'; by: string }
  /** The scheduler of this CPU lets the worker run. */
  | { type: 'RUN'; cpu: string };

export const lruAddDrain = setup({
  types: {
    input: {} as { readonly cpus: readonly string[] },
    context: {} as {
      readonly cpus: readonly string[];
      /** On which CPUs the item has not run. */
      readonly queued: readonly string[];
      readonly caller: string | null;
    },
    events: {} as LruAddDrainEvent,
  },
  guards: {
    isQueued: ({ context, event }) => event.type === 'RUN' && context.queued.includes(event.cpu),
    isLastQueued: ({ context, event }) =>
      event.type === 'RUN' && context.queued.length === 1 && context.queued[0] === event.cpu,
  },
  actions: {
    queue: assign(
      from('DRAIN_ALL', ({ context, event }) => ({
        queued: context.cpus.filter((cpu) => cpu !== event.by),
        caller: event.by,
      })),
    ),
    work: send(
      from('RUN', ({ event }) => event.cpu),
      'WORK',
    ),
    unqueue: assign({ queued: from('RUN', ({ context, event }) => context.queued.filter((cpu) => cpu !== event.cpu)) }),
    replyDrained: send('caller', 'DRAINED'),
    forgetCaller: assign({ caller: null }),
  },
}).createMachine({
  id: 'lruAddDrain',
  context: ({ input }) => ({ ...input, queued: [], caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { DRAIN_ALL: { target: 'queued', actions: 'queue' } } },
    queued: {
      on: {
        RUN: [
          { guard: 'isLastQueued', target: 'idle', actions: ['work', 'unqueue', 'replyDrained', 'forgetCaller'] },
          { guard: 'isQueued', actions: ['work', 'unqueue'] },
        ],
      },
    },
  },
});

/**
 * Who handles the page requests of `page-request-counts.ts`: the thread of the queue, which moves its head once a pass (intel/prq.c
 * prq_event_thread()) or with each entry (amd/ppr.c amd_iommu_poll_ppr_log()), and the workers of an unbound work queue.
 *
 * Simplifications: as there; a worker is bound to no CPU.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

/** prq_event_thread(): what both ways to move the head have in common. */
const threadParts = setup({
  types: {
    input: {} as { inline: boolean },
    context: {} as {
      readonly name: string;
      /** Handles a request itself, and does not queue it. */
      readonly inline: boolean;
      readonly isPending: boolean;
      /** Of this pass, to be handled. */
      readonly left: number;
    },
    events: {} as
      | { type: 'IRQ' }
      | { type: 'RUN' }
      | { type: 'POINTERS'; requests: number }
      | { type: 'OVERFLOW' }
      | { type: 'NO_OVERFLOW' },
  },
  guards: {
    isPending: ({ context }) => context.isPending,
    isInline: ({ context }) => context.inline,
    isEmpty: from('POINTERS', ({ event }) => event.requests === 0),
    hasHandledAll: ({ context }) => context.left === 0,
  },
  actions: {
    notePending: assign({ isPending: true }),
    forgetPending: assign({ isPending: false }),
    clearPpr: send(() => 'registers', 'CLEAR_PPR'),
    readPointers: call(() => 'registers', 'READ_POINTERS'),
    beginPass: assign({ left: from('POINTERS', ({ event }) => event.requests) }),
    noteLength: send(
      () => 'pass',
      from('POINTERS', ({ event }) => ({ type: 'NOTE', requests: event.requests })),
    ),
    countHandled: assign({ left: ({ context }) => context.left - 1 }),
    answer: send(() => 'responder', 'ANSWER'),
    queueWork: send(() => 'pool', 'QUEUE_WORK'),
    endPass: send(() => 'pass', 'END_PASS'),
    moveHeadByOne: send(() => 'registers', { type: 'WRITE_HEAD', requests: 1 }),
    readStatus: call(() => 'registers', 'READ_STATUS'),
    clearPro: send(() => 'registers', 'CLEAR_PRO'),
  },
});

const threadConfig = {
  context: ({ input }: { input: { inline: boolean } }) => ({ name: 'irq', ...input, isPending: false, left: 0 }),
  initial: 'asleep',
  on: { IRQ: { actions: 'notePending' } },
} as const;

const asleep = threadParts.createStateConfig({
  always: { guard: 'isPending', target: 'woken', actions: 'forgetPending' },
});
const woken = threadParts.createStateConfig({
  on: { RUN: { target: 'reading', actions: ['clearPpr', 'readPointers'] } },
});

/** What comes after the pass. Only where the queue is empty PRO is cleared, and nothing comes to it before that. */
const afterPass = {
  moved: threadParts.createStateConfig({
    on: { RUN: { actions: 'readStatus' }, OVERFLOW: 'overflowed', NO_OVERFLOW: 'asleep' },
  }),
  overflowed: threadParts.createStateConfig({
    on: {
      RUN: { actions: 'readPointers' },
      POINTERS: [{ guard: 'isEmpty', target: 'asleep', actions: 'clearPro' }, { target: 'asleep' }],
    },
  }),
};

/** Intel: the head moves when all is handled that was there at the beginning. */
export const threadPerPass = threadParts.createMachine({
  id: 'threadPerPass',
  ...threadConfig,
  states: {
    asleep,
    woken,
    // Left within the step that entered it.
    reading: { on: { POINTERS: { target: 'handling', actions: ['beginPass', 'noteLength'] } } },
    handling: {
      on: {
        RUN: [
          { guard: 'hasHandledAll', target: 'moved', actions: 'endPass' },
          { guard: 'isInline', actions: ['answer', 'countHandled'] },
          { actions: ['queueWork', 'countHandled'] },
        ],
      },
    },
    ...afterPass,
  },
});

/** AMD: the entry is copied, the head moves over it, and then it is handled (amd/ppr.c); until there is none. */
export const threadPerEntry = threadParts.createMachine({
  id: 'threadPerEntry',
  ...threadConfig,
  states: {
    asleep,
    woken,
    // Left within the step that entered it.
    reading: {
      on: {
        POINTERS: [
          { guard: 'isEmpty', target: 'moved' },
          { target: 'handling', actions: 'moveHeadByOne' },
        ],
      },
    },
    handling: {
      on: {
        RUN: [
          { guard: 'isInline', target: 'reading', actions: ['answer', 'readPointers'] },
          { target: 'reading', actions: ['queueWork', 'readPointers'] },
        ],
      },
    },
    ...afterPass,
  },
});

/** An unbound work queue: __queue_work() wakes one idle worker; one that has done takes what waits before it sleeps. */
export const workerPool = setup({
  types: {
    input: {} as { workers: number },
    context: {} as { readonly idle: readonly number[]; readonly waiting: number },
    events: {} as { type: 'QUEUE_WORK' } | { type: 'DONE'; worker: number },
  },
  guards: { hasIdle: ({ context }) => context.idle.length > 0, hasWork: ({ context }) => context.waiting > 0 },
  actions: {
    wakeFirst: send(({ context }) => `kworker${context.idle[0]!}`, 'WAKE'),
    takeFirst: assign({ idle: ({ context }) => context.idle.slice(1) }),
    keep: assign({ waiting: ({ context }) => context.waiting + 1 }),
    giveNext: send(
      from('DONE', ({ event }) => `kworker${event.worker}`),
      'WAKE',
    ),
    takeNext: assign({ waiting: ({ context }) => context.waiting - 1 }),
    // Sorted: which of them slept first makes no difference.
    sleep: assign({
      idle: from('DONE', ({ context, event }) => [...context.idle, event.worker].sort((a, b) => a - b)),
    }),
  },
}).createMachine({
  id: 'workerPool',
  context: ({ input }) => ({ idle: Array.from({ length: input.workers }, (_, at) => at), waiting: 0 }),
  on: {
    QUEUE_WORK: [{ guard: 'hasIdle', actions: ['wakeFirst', 'takeFirst'] }, { actions: 'keep' }],
    DONE: [{ guard: 'hasWork', actions: ['giveNext', 'takeNext'] }, { actions: 'sleep' }],
  },
});

/** Handles a group, and answers it: iommu_sva_handle_iopf(), iopf_group_response(). */
export const kworker = setup({
  types: {
    input: {} as { worker: number },
    context: {} as { readonly worker: number },
    events: {} as { type: 'WAKE' | 'RUN' },
  },
  actions: {
    answer: send(() => 'responder', 'ANSWER'),
    done: send(
      () => 'pool',
      ({ context }) => ({ type: 'DONE', worker: context.worker }),
    ),
  },
}).createMachine({
  id: 'kworker',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { WAKE: 'busy' } },
    busy: { on: { RUN: { target: 'idle', actions: ['answer', 'done'] } } },
  },
});

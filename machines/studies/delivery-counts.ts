/**
 * What `delivery.ts` needs in numbers where the library has names: the device, iommufd's deliver list, and reads that were posted to
 * io_uring, with the thread that posted them. The other ways to wait are the library's own machines (`../user/poll-reader.ts` and others).
 *
 * Simplifications: those of `../kernel/iommufd/deliver-list.ts` and `../user/posted-read.ts`; which of the reads completes does not matter.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { call, reply, send, tell } from '../parts/call.ts';

/** It faults, as long as it has fewer faults without an answer than it may have. */
export const faultingDevice = setup({
  types: {
    input: {} as { most: number },
    context: {} as { readonly most: number; readonly outstanding: number },
    events: {} as { type: 'DMA' } | { type: 'PAGE_RESPONSE' },
  },
  guards: { mayFault: ({ context }) => context.outstanding < context.most },
  actions: {
    fault: send(() => 'irq', { type: 'FAULT', group: '' }),
    add: assign({ outstanding: ({ context }) => context.outstanding + 1 }),
    take: assign({ outstanding: ({ context }) => context.outstanding - 1 }),
  },
}).createMachine({
  id: 'faultingDevice',
  context: ({ input }) => ({ ...input, outstanding: 0 }),
  on: { DMA: { guard: 'mayFault', actions: ['add', 'fault'] }, PAGE_RESPONSE: { actions: 'take' } },
});

/**
 * `../kernel/iommufd/deliver-list.ts` as a number. A read takes as many groups as its buffer has room for; what it took is told as that
 * number.
 */
export const deliverCount = setup({
  types: {
    input: {} as { room: number },
    context: {} as { readonly room: number; readonly delivered: number },
    events: {} as
      | { type: 'APPEND'; group: string }
      | { type: 'CHECK'; by: string }
      | { type: 'READ_GROUP'; by: string }
      | { type: 'WRITE_RESPONSE'; group: string },
  },
  guards: { isEmpty: ({ context }) => context.delivered === 0 },
  actions: {
    append: assign({ delivered: ({ context }) => context.delivered + 1 }),
    replyReadable: reply('READABLE'),
    replyEmpty: reply('EMPTY'),
    replyNoGroup: reply('NO_GROUP'),
    replyGroups: reply(({ context }) => ({ type: 'GROUP', group: String(Math.min(context.room, context.delivered)) })),
    fetch: assign({ delivered: ({ context }) => Math.max(context.delivered - context.room, 0) }),
    answer: enqueueActions(({ event, enqueue }) => {
      const count = event.type === 'WRITE_RESPONSE' ? Number(event.group) : 0;
      for (let at = 0; at < count; at++) tell(enqueue, 'dev', { type: 'PAGE_RESPONSE' });
    }),
  },
}).createMachine({
  id: 'deliverCount',
  context: ({ input }) => ({ ...input, delivered: 0 }),
  on: {
    APPEND: { actions: 'append' },
    CHECK: [{ guard: 'isEmpty', actions: 'replyEmpty' }, { actions: 'replyReadable' }],
    READ_GROUP: [{ guard: 'isEmpty', actions: 'replyNoGroup' }, { actions: ['replyGroups', 'fetch'] }],
    WRITE_RESPONSE: { actions: 'answer' },
  },
});

type ReadsContext = Readonly<Record<'armed' | 'woken' | 'punted' | 'completed' | 'empty', number>>;

/**
 * Reads in io_uring by what they are at: `../user/posted-read.ts`, with as many of them as were posted. A wake-up is for all that are
 * armed.
 */
export const postedReads = setup({
  types: {
    input: {} as { posted: number },
    context: {} as ReadsContext,
    events: {} as
      | { type: 'WAKE_UP' }
      /** The thread that posted them runs its task work, or takes a completion. List it as `blocking`, and the next one. */
      | { type: 'WAIT_CQE'; by: string }
      /** A worker of io-wq takes a read. */
      | { type: 'TAKE_WORK' }
      | { type: 'ARM' }
      | { type: 'PUNT' }
      | { type: 'COMPLETE' }
      | { type: 'COMPLETE_0' },
  },
  guards: {
    isWoken: ({ context }) => context.woken > 0,
    isCompleted: ({ context }) => context.completed > 0,
    isEmpty: ({ context }) => context.empty > 0,
    isPunted: ({ context }) => context.punted > 0,
  },
  actions: {
    wakeAll: assign({ woken: ({ context }) => context.woken + context.armed, armed: 0 }),
    replyTaskWork: reply('TASK_WORK'),
    replyCompletion: reply('COMPLETION'),
    replyCompletion0: reply('COMPLETION_0'),
    takeWoken: assign({ woken: ({ context }) => context.woken - 1 }),
    takeCompleted: assign({ completed: ({ context }) => context.completed - 1 }),
    takeEmpty: assign({ empty: ({ context }) => context.empty - 1 }),
    takePunted: assign({ punted: ({ context }) => context.punted - 1 }),
    arm: assign({ armed: ({ context }) => context.armed + 1 }),
    punt: assign({ punted: ({ context }) => context.punted + 1 }),
    complete: assign({ completed: ({ context }) => context.completed + 1 }),
    completeEmpty: assign({ empty: ({ context }) => context.empty + 1 }),
  },
}).createMachine({
  id: 'postedReads',
  context: ({ input }) => ({ armed: input.posted, woken: 0, punted: 0, completed: 0, empty: 0 }),
  on: {
    WAKE_UP: { actions: 'wakeAll' },
    WAIT_CQE: [
      { guard: 'isWoken', actions: ['takeWoken', 'replyTaskWork'] },
      { guard: 'isCompleted', actions: ['takeCompleted', 'replyCompletion'] },
      { guard: 'isEmpty', actions: ['takeEmpty', 'replyCompletion0'] },
    ],
    TAKE_WORK: { guard: 'isPunted', actions: 'takePunted' },
    ARM: { actions: 'arm' },
    PUNT: { actions: 'punt' },
    COMPLETE: { actions: 'complete' },
    COMPLETE_0: { actions: 'completeEmpty' },
  },
});

/** The thread of user space that has posted the reads: it handles what completes, answers it, and posts the read again. */
export const ringThread = setup({
  types: {
    input: {} as { isNowait: boolean },
    context: {} as { readonly name: string; readonly isNowait: boolean },
    events: {} as
      | { type: 'RUN' }
      | { type: 'TASK_WORK' | 'COMPLETION' | 'COMPLETION_0' | 'READABLE' | 'EMPTY' | 'NO_GROUP' }
      | { type: 'GROUP'; group: string },
  },
  guards: { isNowait: ({ context }) => context.isNowait },
  actions: {
    wait: call(() => 'reads', 'WAIT_CQE'),
    check: call(() => 'list', 'CHECK'),
    read: call(() => 'list', 'READ_GROUP'),
    arm: send(() => 'reads', 'ARM'),
    punt: send(() => 'reads', 'PUNT'),
    complete: send(() => 'reads', 'COMPLETE'),
    write: send(() => 'list', { type: 'WRITE_RESPONSE', group: '1' }),
  },
}).createMachine({
  id: 'ringThread',
  context: ({ input }) => ({ name: 'user', ...input }),
  initial: 'idle',
  states: {
    idle: {
      on: { RUN: { actions: 'wait' }, TASK_WORK: 'woken', COMPLETION: 'handling', COMPLETION_0: 'posting' },
    },
    // io_poll_check_events(), or, when it is posted again, io_file_supports_nowait().
    woken: { on: { RUN: { target: 'checking', actions: 'check' } } },
    posting: { on: { RUN: { target: 'checking', actions: 'check' } } },
    // Left within the step that entered it, as is `reading`.
    checking: {
      on: {
        READABLE: [
          { guard: 'isNowait', target: 'reading', actions: 'read' },
          // No FMODE_NOWAIT: a worker of io-wq reads.
          { target: 'idle', actions: 'punt' },
        ],
        EMPTY: { target: 'idle', actions: 'arm' },
      },
    },
    reading: { on: { GROUP: { target: 'idle', actions: 'complete' }, NO_GROUP: { target: 'idle', actions: 'arm' } } },
    handling: { on: { RUN: { target: 'posting', actions: 'write' } } },
  },
});

/** A worker of io-wq: io_wq_submit_work(). */
export const ioWorker = setup({
  types: {
    context: {} as { readonly name: string },
    events: {} as { type: 'RUN' } | { type: 'GROUP'; group: string } | { type: 'NO_GROUP' },
  },
  actions: {
    takeWork: send(() => 'reads', 'TAKE_WORK'),
    read: call(() => 'list', 'READ_GROUP'),
    complete: send(() => 'reads', 'COMPLETE'),
    completeEmpty: send(() => 'reads', 'COMPLETE_0'),
  },
}).createMachine({
  id: 'ioWorker',
  context: { name: 'iowq' },
  initial: 'idle',
  states: {
    idle: { on: { RUN: { target: 'reading', actions: 'takeWork' } } },
    reading: {
      on: {
        RUN: { actions: 'read' },
        GROUP: { target: 'idle', actions: 'complete' },
        NO_GROUP: { target: 'idle', actions: 'completeEmpty' },
      },
    },
  },
});

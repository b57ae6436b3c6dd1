/**
 * User space of the study `hisi-sec`, which posts messages, and the queues that they wait in.
 *
 *   sender -POST-> queues -GIVE-> order -MESSAGE-> channel0, channel1, … (`./hisi-accelerator.ts`)
 *
 * What it mirrors: UADK of February 2021 (commit 1ef8f856), test/hisi_sec_test/test_hisi_sec.c, its "SVA perf test": init_bd_pool(),
 * and the loop of the asynchronous sender, which takes block `count % g_blknum` and waits for nothing but room in the queue; a second
 * thread polls. drv/hisi_qm_udrv.c: a queue is a ring of QM_Q_DEPTH = 1024 submission entries of 128 bytes, and behind them as many
 * completion entries of 16 bytes.
 *
 * Simplifications:
 * - Message `k` goes to queue `k mod queues`, so all queues are as far as one another, and one count stands for the rings of all. A ring
 *   is walked in order: when an entry is the first on its page, the page is "the next one", and `rings` knows which that is.
 * - The sender waits when a few messages wait for each channel; in truth each ring has room for 1023. The engine never runs dry in
 *   either. Polling is no step: a completed message is done.
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../parts/call.ts';

/** Entries on a page of 4 KiB: of 128 bytes, and of 16. */
const SUBMISSIONS_ON_A_PAGE = 32;
const COMPLETIONS_ON_A_PAGE = 256;
/** `--blknum`: pairs of a source and a destination. One message alone uses the first pair only, as the first row of each table says. */
const BLOCKS = 2;

/** The thread of user space that posts messages. */
export const sender = setup({
  types: {
    input: {} as { readonly name: string },
    context: {} as { readonly name: string },
    events: {} as { type: 'SET_UP' | 'POST' | 'MORE' | 'END' },
  },
  actions: {
    post: send(() => 'queues', 'POST'),
    count: call(() => 'messages', 'COUNT'),
  },
}).createMachine({
  id: 'hisiSender',
  context: ({ input }) => input,
  initial: 'settingUp',
  states: {
    settingUp: { on: { SET_UP: 'posting' } },
    posting: { on: { POST: { target: 'counting', actions: ['post', 'count'] } } },
    // Left within the step that entered it.
    counting: { on: { MORE: 'posting', END: 'finished' } },
    finished: {},
  },
});

/** What a channel is told of its message. */
export interface Message {
  readonly queue: number;
  readonly block: number;
  /** Its submission entry, and its completion entry, are the first ones on their pages. */
  readonly newSubmission: boolean;
  readonly newCompletion: boolean;
}

/**
 * How many messages wait and are worked on. POST has no transition when there is no room, NEXT none when there is no message, IN_USE none
 * when nothing waits or is worked on: list all three as `blocking`.
 */
export const queues = setup({
  types: {
    input: {} as { readonly room: number },
    context: {} as { readonly room: number; readonly waiting: number; readonly active: number },
    events: {} as { type: 'POST' } | { type: 'NEXT'; by: string } | { type: 'COMPLETED' } | { type: 'IN_USE' },
  },
  guards: {
    hasRoom: ({ context }) => context.waiting < context.room,
    hasMessage: ({ context }) => context.waiting > 0,
    isInUse: ({ context }) => context.waiting + context.active > 0,
  },
  actions: {
    append: assign({ waiting: ({ context }) => context.waiting + 1 }),
    start: assign({ waiting: ({ context }) => context.waiting - 1, active: ({ context }) => context.active + 1 }),
    give: send(
      () => 'order',
      from('NEXT', ({ event }) => ({ type: 'GIVE', by: event.by })),
    ),
    finish: assign({ active: ({ context }) => context.active - 1 }),
  },
}).createMachine({
  id: 'hisiQueues',
  context: ({ input }) => ({ ...input, waiting: 0, active: 0 }),
  on: {
    POST: { guard: 'hasRoom', actions: 'append' },
    NEXT: { guard: 'hasMessage', actions: ['start', 'give'] },
    COMPLETED: { actions: 'finish' },
    IN_USE: { guard: 'isInUse' },
  },
});

/** Which message is the next one; with each round of the queues, `place` goes on by an entry in all rings. */
export const order = setup({
  types: {
    input: {} as { readonly name: string; readonly queues: number },
    context: {} as Message & { readonly name: string; readonly queues: number },
    events: {} as { type: 'GIVE'; by: string } | { type: 'PLACE'; newSubmission: boolean; newCompletion: boolean },
  },
  guards: { isLastQueue: ({ context }) => context.queue + 1 === context.queues },
  actions: {
    give: reply(({ context: { queue, block, newSubmission, newCompletion } }) => ({
      type: 'MESSAGE',
      queue,
      block,
      newSubmission,
      newCompletion,
    })),
    turnBlock: assign({ block: ({ context }) => (context.block + 1) % BLOCKS }),
    nextQueue: assign({ queue: ({ context }) => context.queue + 1 }),
    firstQueue: assign({ queue: 0 }),
    goOn: call(() => 'place', 'GO_ON'),
    keepPlace: assign(
      from('PLACE', ({ event: { newSubmission, newCompletion } }) => ({ newSubmission, newCompletion })),
    ),
  },
}).createMachine({
  id: 'hisiOrder',
  context: ({ input }) => ({ ...input, queue: 0, block: 0, newSubmission: true, newCompletion: true }),
  on: {
    GIVE: [
      { guard: 'isLastQueue', actions: ['give', 'turnBlock', 'firstQueue', 'goOn'] },
      { actions: ['give', 'turnBlock', 'nextQueue'] },
    ],
    PLACE: { actions: 'keepPlace' },
  },
});

export const place = setup({
  types: {
    context: {} as { readonly entry: number },
    events: {} as { type: 'GO_ON'; by: string },
  },
  actions: {
    advance: assign({ entry: ({ context }) => (context.entry + 1) % COMPLETIONS_ON_A_PAGE }),
    tell: reply(({ context }) => ({
      type: 'PLACE',
      newSubmission: context.entry % SUBMISSIONS_ON_A_PAGE === 0,
      newCompletion: context.entry === 0,
    })),
  },
}).createMachine({ id: 'hisiPlace', context: { entry: 0 }, on: { GO_ON: { actions: ['advance', 'tell'] } } });

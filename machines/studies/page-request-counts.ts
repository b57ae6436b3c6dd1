/**
 * The page request path of VT-d as numbers, for `queue-size.ts`: functions that fault in bursts, and the registers of the queue. The
 * threads are in `page-request-threads.ts`.
 *
 * The rules of PRO, PPR, head and tail are those of `../hardware/vtd/page-request-registers-overflow.ts` and
 * `../kernel/intel/prq-overflow.ts`, which keep the requests in a list, and both counts of a pass in one context. With 2048 entries those
 * are too many local states. Here requests are a number, and what is left of a pass and how long it was are two actors.
 *
 * Simplifications: each request is a group of its own, so nothing is partial and each one is answered; a request does not say of which
 * function it is, and an answer goes to any that waits for one.
 */
import { and, assign, setup } from 'xstate';
import { from, reply, send } from '../parts/call.ts';

/** A PCIe function that faults in bursts, as far as its credits go (Outstanding Page Request Allocation). */
export const burstingFunction = setup({
  types: {
    input: {} as { credits: number },
    context: {} as { readonly credits: number; readonly outstanding: number },
    events: {} as
      | { type: 'BEGIN' }
      | { type: 'POST' }
      /** The last one of a burst. */
      | { type: 'POST_LAST' }
      | { type: 'PRG_RESPONSE' },
  },
  guards: {
    hasCredit: ({ context }) => context.outstanding < context.credits,
    waits: ({ context }) => context.outstanding > 0,
  },
  actions: {
    post: send(() => 'registers', 'PAGE_REQUEST'),
    takeCredit: assign({ outstanding: ({ context }) => context.outstanding + 1 }),
    giveCredit: assign({ outstanding: ({ context }) => context.outstanding - 1 }),
    refuse: send(() => 'responder', 'NOT_MINE'),
  },
}).createMachine({
  id: 'burstingFunction',
  context: ({ input }) => ({ ...input, outstanding: 0 }),
  initial: 'quiet',
  on: { PRG_RESPONSE: [{ guard: 'waits', actions: 'giveCredit' }, { actions: 'refuse' }] },
  states: {
    quiet: { on: { BEGIN: 'faulting' } },
    faulting: {
      on: {
        POST: { guard: 'hasCredit', actions: ['takeCredit', 'post'] },
        POST_LAST: { guard: 'hasCredit', target: 'quiet', actions: ['takeCredit', 'post'] },
      },
    },
  },
});

/** Answers requests of which it does not know the function: it tries them until it finds one that waits. */
export const responder = setup({
  types: {
    context: {} as { readonly due: number },
    events: {} as { type: 'ANSWER' } | { type: 'RESPOND'; to: string } | { type: 'NOT_MINE' },
  },
  guards: { isDue: ({ context }) => context.due > 0 },
  actions: {
    add: assign({ due: ({ context }) => context.due + 1 }),
    take: assign({ due: ({ context }) => context.due - 1 }),
    respond: send(
      from('RESPOND', ({ event }) => event.to),
      'PRG_RESPONSE',
    ),
  },
}).createMachine({
  id: 'responder',
  context: { due: 0 },
  on: {
    ANSWER: { actions: 'add' },
    NOT_MINE: { actions: 'add' },
    RESPOND: { guard: 'isDue', actions: ['take', 'respond'] },
  },
});

/** What a function does with an answer of the hardware: it finds no translation, and asks again. The credit is still taken. */
export const retries = setup({
  types: { events: {} as { type: 'AUTOMATIC' } },
  actions: { post: send(() => 'registers', 'PAGE_REQUEST') },
}).createMachine({ id: 'retries', on: { AUTOMATIC: { actions: 'post' } } });

/** PQH and PQT as what is between them, and PPR and PRO of PRS. */
export const pageRequestCount = setup({
  types: {
    input: {} as { entries: number },
    context: {} as {
      readonly entries: number;
      readonly requests: number;
      readonly ppr: boolean;
      readonly pro: boolean;
    },
    events: {} as
      | { type: 'PAGE_REQUEST' }
      | { type: 'CLEAR_PPR' }
      /** The reply is POINTERS, with the number of requests between head and tail. */
      | { type: 'READ_POINTERS'; by: string }
      | { type: 'WRITE_HEAD'; requests: number }
      /** The reply is OVERFLOW or NO_OVERFLOW. */
      | { type: 'READ_STATUS'; by: string }
      | { type: 'CLEAR_PRO' },
  },
  guards: {
    hasRoom: ({ context }) => context.requests < context.entries,
    isPending: ({ context }) => context.ppr,
    isOverflow: ({ context }) => context.pro,
  },
  actions: {
    store: assign({ requests: ({ context }) => context.requests + 1, ppr: true }),
    interrupt: send(() => 'irq', 'IRQ'),
    overflow: assign({ pro: true }),
    answer: send(() => 'again', 'AUTOMATIC'),
    clearPpr: assign({ ppr: false }),
    clearPro: assign({ pro: false }),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests })),
    moveHead: assign({ requests: from('WRITE_HEAD', ({ context, event }) => context.requests - event.requests) }),
    replyOverflow: reply('OVERFLOW'),
    replyNoOverflow: reply('NO_OVERFLOW'),
  },
}).createMachine({
  id: 'pageRequestCount',
  context: ({ input }) => ({ ...input, requests: 0, ppr: false, pro: false }),
  on: {
    PAGE_REQUEST: [
      // While PRO is set nothing is stored, though there may be room again.
      { guard: 'isOverflow', actions: 'answer' },
      { guard: and(['hasRoom', 'isPending']), actions: 'store' },
      { guard: 'hasRoom', actions: ['store', 'interrupt'] },
      { actions: ['overflow', 'answer'] },
    ],
    CLEAR_PPR: { actions: 'clearPpr' },
    READ_POINTERS: { actions: 'replyPointers' },
    WRITE_HEAD: { actions: 'moveHead' },
    READ_STATUS: [{ guard: 'isOverflow', actions: 'replyOverflow' }, { actions: 'replyNoOverflow' }],
    CLEAR_PRO: { actions: 'clearPro' },
  },
});

/**
 * The local variables `head` and `tail` of the thread, as what was between them when it read them: an actor, so that the thread only
 * counts.
 */
export const passLength = setup({
  types: {
    context: {} as { readonly requests: number },
    events: {} as { type: 'NOTE'; requests: number } | { type: 'END_PASS' },
  },
  actions: {
    note: assign({ requests: from('NOTE', ({ event }) => event.requests) }),
    moveHead: send(
      () => 'registers',
      ({ context }) => ({ type: 'WRITE_HEAD', requests: context.requests }),
    ),
    forget: assign({ requests: 0 }),
  },
}).createMachine({
  id: 'passLength',
  context: { requests: 0 },
  on: { NOTE: { actions: 'note' }, END_PASS: { actions: ['moveHead', 'forget'] } },
});

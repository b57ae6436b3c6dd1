/**
 * An attach handle with a reference count, which no kernel has: one reference of whoever attached it, one of each group
 * that leads to it. What is FREE elsewhere puts the first.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';
import type { AttachHandleEvent } from './attach-handle.ts';

export type AttachHandleCountedEvent =
  | AttachHandleEvent
  /** A look-up found it. */
  | { type: 'GET' }
  /** A group that led to it is freed. */
  | { type: 'PUT' };

export const attachHandleCounted = setup({
  types: {
    input: {} as { handler: string; isAttached: boolean },
    context: {} as { readonly handler: string; readonly isAttached: boolean; readonly users: number },
    events: {} as AttachHandleCountedEvent,
  },
  guards: {
    isAttached: ({ context }) => context.isAttached,
    isUnused: ({ context }) => context.users === 0,
  },
  actions: {
    callHandler: send(
      'handler',
      from('IOPF_HANDLER', ({ event }) => event),
    ),
    get: assign({ users: ({ context }) => context.users + 1 }),
    put: assign({ users: ({ context }) => context.users - 1 }),
  },
}).createMachine({
  id: 'attachHandleCounted',
  context: ({ input }) => ({ ...input, users: 0 }),
  initial: 'atFirst',
  states: {
    atFirst: { always: [{ guard: 'isAttached', target: 'allocated', actions: 'get' }, { target: 'freed' }] },
    allocated: {
      always: { guard: 'isUnused', target: 'freed' },
      on: {
        IOPF_HANDLER: { actions: 'callHandler' },
        FOLLOW: {},
        GET: { actions: 'get' },
        PUT: { actions: 'put' },
        FREE: { actions: 'put' },
      },
    },
    freed: {
      on: {
        ALLOC: { target: 'allocated', actions: 'get' },
        IOPF_HANDLER: 'usedAfterFree',
        FOLLOW: 'usedAfterFree',
        GET: 'usedAfterFree',
        PUT: 'usedAfterFree',
        FREE: 'usedAfterFree',
      },
    },
    usedAfterFree: { on: { ALLOC: {}, IOPF_HANDLER: {}, FOLLOW: {}, GET: {}, PUT: {}, FREE: {} } },
  },
});

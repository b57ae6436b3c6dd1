/**
 * An object in memory with a `refcount_t` (lib/refcount.c): whoever drops the last reference frees it, and whoever still has its
 * address can use it afterwards. Freed memory does not object, so in `freed` everything is taken in silence; a monitor sees it
 * (`../../monitors/object-lifetime.ts`).
 *
 * It is freed at once, by kfree(); that of `refcount-rcu.ts` after a grace period.
 *
 * Simplifications: it is there from the start, with one reference; a count that would be wrong (an underflow, a get at 0) is a
 * message without a transition, so a model error.
 */
import { assign, setup } from 'xstate';
import { reply, send } from '../../parts/call.ts';

export type RefcountEvent =
  /** `refcount_inc_not_zero()`: the reply is GOT or GONE. */
  | { type: 'GET_NOT_ZERO'; by: string }
  /** `refcount_dec_and_test()`, and if it was the last one, free. */
  | { type: 'PUT' }
  /** `kfree()` */
  | { type: 'FREE' };

export interface RefcountInput {
  readonly name: string;
  /** A `../rcu/grace-period.ts`, for `refcount-rcu.ts`. */
  readonly rcu?: string;
}

export const refcountParts = setup({
  types: {
    input: {} as RefcountInput,
    context: {} as { readonly name: string; readonly rcu: string | null; readonly users: number },
    events: {} as RefcountEvent,
  },
  guards: {
    isLastReference: ({ context }) => context.users === 1,
  },
  actions: {
    get: assign({ users: ({ context }) => context.users + 1 }),
    put: assign({ users: ({ context }) => context.users - 1 }),
    replyGot: reply('GOT'),
    replyGone: reply('GONE'),
    free: send('name', 'FREE'),
    freeAfterGracePeriod: send('rcu', ({ context }) => ({ type: 'KFREE_RCU', object: context.name })),
  },
});

export const refcountStates = {
  live: refcountParts.createStateConfig({
    on: {
      GET_NOT_ZERO: { actions: ['get', 'replyGot'] },
      PUT: [{ guard: 'isLastReference', target: 'dead', actions: ['put', 'free'] }, { actions: 'put' }],
    },
  }),
  dead: refcountParts.createStateConfig({
    on: { FREE: 'freed' },
  }),
  freed: refcountParts.createStateConfig({
    on: { GET_NOT_ZERO: {}, PUT: {}, FREE: {} },
  }),
};

export const refcountConfig = {
  context: ({ input }: { input: RefcountInput }) => ({ name: input.name, rcu: input.rcu ?? null, users: 1 }),
  initial: 'live',
} as const;

export const refcount = refcountParts.createMachine({ id: 'refcount', ...refcountConfig, states: refcountStates });

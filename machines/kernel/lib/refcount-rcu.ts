/**
 * An object with a `refcount_t` as `refcount.ts`, but whoever drops the last reference frees it by kfree_rcu(): it is there until the
 * grace period ends (`../rcu/grace-period.ts`). Until then a reader may try to get a reference, and is told that there is none to be had.
 */
import { refcountConfig, refcountParts, refcountStates } from './refcount.ts';

export const refcountRcu = refcountParts.createMachine({
  id: 'refcountRcu',
  ...refcountConfig,
  states: {
    ...refcountStates,
    live: refcountParts.createStateConfig({
      on: {
        ...refcountStates.live.on,
        PUT: [
          { guard: 'isLastReference', target: 'dead', actions: ['put', 'freeAfterGracePeriod'] },
          { actions: 'put' },
        ],
      },
    }),
    dead: refcountParts.createStateConfig({
      on: { ...refcountStates.dead.on, GET_NOT_ZERO: { actions: 'replyGone' } },
    }),
  },
});

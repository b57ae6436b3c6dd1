/**
 * `struct iommu_sva`, the bond of a device and an mm, which all who bind the same two share (`handle->users`), in one place of memory. While
 * it is allocated it can be found: since v6.11 in `group->pasid_array` (3e7f57d1ef3f), before in the list of the mm, by its device.
 *
 * Simplifications: it is published and allocated in one step, and unpublished and freed in one, since both are under `iommu_sva_lock` (the
 * kfree() is not, but nobody can find it any more); a count that would be wrong is a message without a transition, so a model error.
 */
import { assign, setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type SvaHandleEvent =
  /** `iommu_attach_handle_get()`, and a reference if it is there; the reply is FOUND or NOT_FOUND. */
  | { type: 'LOOK_UP'; by: string }
  /**
   * The same to v6.10, by the list of the mm and `handle->dev == dev`. Whoever does not find it there attaches the PASID a second time: the
   * reply is then BUSY.
   */
  | { type: 'SEARCH_LIST'; by: string }
  /** `kzalloc()`, attached and published, with one reference. */
  | { type: 'ALLOC' }
  | { type: 'SET_DEVICE' }
  | { type: 'SET_DOMAIN' }
  /** Reads `handle->dev`: the reply is DEVICE or NULL. */
  | { type: 'READ_DEVICE'; by: string }
  /** Reads `handle->domain`: the reply is DOMAIN or NULL. */
  | { type: 'READ_DOMAIN'; by: string }
  /** `refcount_dec_and_test()`: the reply is LAST or NOT_LAST. */
  | { type: 'PUT'; by: string }
  /** `xa_erase()`, `kfree()` */
  | { type: 'FREE' };

export const svaHandle = setup({
  types: {
    context: {} as { readonly users: number; readonly hasDevice: boolean; readonly hasDomain: boolean },
    events: {} as SvaHandleEvent,
  },
  guards: {
    hasDevice: ({ context }) => context.hasDevice,
    hasDomain: ({ context }) => context.hasDomain,
    isLastReference: ({ context }) => context.users === 1,
  },
  actions: {
    initialise: assign({ users: 1, hasDevice: false, hasDomain: false }),
    get: assign({ users: ({ context }) => context.users + 1 }),
    put: assign({ users: ({ context }) => context.users - 1 }),
    setDevice: assign({ hasDevice: true }),
    setDomain: assign({ hasDomain: true }),
    clear: assign({ users: 0, hasDevice: false, hasDomain: false }),
    replyFound: reply('FOUND'),
    replyNotFound: reply('NOT_FOUND'),
    replyBusy: reply('BUSY'),
    replyDevice: reply('DEVICE'),
    replyDomain: reply('DOMAIN'),
    replyNull: reply('NULL'),
    replyLast: reply('LAST'),
    replyNotLast: reply('NOT_LAST'),
  },
}).createMachine({
  id: 'svaHandle',
  context: { users: 0, hasDevice: false, hasDomain: false },
  initial: 'freed',
  states: {
    freed: {
      on: {
        LOOK_UP: { actions: 'replyNotFound' },
        SEARCH_LIST: { actions: 'replyNotFound' },
        ALLOC: { target: 'allocated', actions: 'initialise' },
      },
    },
    allocated: {
      on: {
        LOOK_UP: { actions: ['get', 'replyFound'] },
        SEARCH_LIST: [{ guard: 'hasDevice', actions: ['get', 'replyFound'] }, { actions: 'replyBusy' }],
        SET_DEVICE: { actions: 'setDevice' },
        SET_DOMAIN: { actions: 'setDomain' },
        READ_DEVICE: [{ guard: 'hasDevice', actions: 'replyDevice' }, { actions: 'replyNull' }],
        READ_DOMAIN: [{ guard: 'hasDomain', actions: 'replyDomain' }, { actions: 'replyNull' }],
        PUT: [{ guard: 'isLastReference', actions: ['put', 'replyLast'] }, { actions: ['put', 'replyNotLast'] }],
        FREE: { target: 'freed', actions: 'clear' },
      },
    },
  },
});

/**
 * A thread of user space that destroys objects by their ID, and in the end closes /dev/iommu (iommufd/main.c iommufd_destroy() ->
 * iommufd_object_remove()):
 *
 *   idle -DESTROY-> under the xarray's lock: found, counted by nobody else, erased -> removed -RUN-> freed: idle
 *   idle -CLOSE-> closed
 *
 * An ioctl holds the context's file while it runs, so the last close of /dev/iommu comes after it: one thread does both.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type DestroyEvent =
  /** `ioctl(IOMMU_DESTROY)` */
  | { type: 'DESTROY'; object: string }
  /** `close()` of the last descriptor of /dev/iommu. */
  | { type: 'CLOSE' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The replies of the context. */
  | { type: 'OBJECT' }
  | { type: 'ENOENT' }
  /** The replies of the object. */
  | { type: 'ZERO' }
  | { type: 'BUSY' };

export const destroyThread = setup({
  types: {
    input: {} as { name: string; ictx: string },
    context: {} as { readonly name: string; readonly ictx: string; readonly object: string | null },
    events: {} as DestroyEvent,
  },
  actions: {
    note: assign({ object: from('DESTROY', ({ event }) => event.object) }),
    lookUp: call(
      'ictx',
      from('DESTROY', ({ event }) => ({ type: 'LOOK_UP', object: event.object })),
    ),
    decIfOne: call('object', 'DEC_IF_ONE'),
    erase: send('ictx', ({ context }) => ({ type: 'ERASE', object: context.object! })),
    free: send('object', 'FREE'),
    forget: assign({ object: null }),
    putContext: send('ictx', 'PUT'),
  },
}).createMachine({
  id: 'destroyThread',
  context: ({ input }) => ({ ...input, object: null }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        DESTROY: { target: 'lookingUp', actions: ['note', 'lookUp'] },
        CLOSE: { target: 'closed', actions: 'putContext' },
      },
    },
    // Left within the step that entered it, as is `counting`: xa_lock() is held over both.
    lookingUp: {
      on: { OBJECT: { target: 'counting', actions: 'decIfOne' }, ENOENT: { target: 'idle', actions: 'forget' } },
    },
    counting: {
      on: { ZERO: { target: 'removed', actions: 'erase' }, BUSY: { target: 'idle', actions: 'forget' } },
    },
    removed: { on: { RUN: { target: 'idle', actions: ['free', 'forget'] } } },
    closed: {},
  },
});

/**
 * `struct iommufd_ctx` with its file and its xarray of objects (iommufd/main.c). The file is held by whoever has /dev/iommu open, and by
 * each fault object's file (iommufd_ctx_get()). When the last one lets go, iommufd_fops_release() destroys what is still in the xarray:
 * each object that nobody else counts. One that it cannot destroy is a bug that it warns of (`WARN_ON(!destroyed)`), and leaks.
 *
 *   open -the last PUT-> unreferenced -RUN, for each object-> released, or warned
 *
 * The last fput() only queues the work: __fput() runs as a step of its own, in the task's return to user space or in a worker.
 *
 * Simplifications: the objects are leaves, no object counts another.
 */
import { assign, setup } from 'xstate';
import { call, from, reply, send } from '../../parts/call.ts';

export type IommufdContextEvent =
  /** `iommufd_ctx_put()`, or the last close of /dev/iommu: `fput(ictx->file)`. */
  | { type: 'PUT' }
  /** `xas_load(&ictx->objects)` under the xarray's lock: the reply is OBJECT, or ENOENT. */
  | { type: 'LOOK_UP'; object: string; by: string }
  /** `xas_store(&ictx->objects, NULL)`, in the same section of the lock. */
  | { type: 'ERASE'; object: string }
  /** The scheduler lets __fput() run. */
  | { type: 'RUN' }
  /** The replies of an object. */
  | { type: 'ZERO' }
  | { type: 'BUSY' };

export const iommufdContext = setup({
  types: {
    input: {} as { name: string; references: number; objects: readonly string[] },
    context: {} as {
      readonly name: string;
      /** References to the file. */
      readonly references: number;
      /** What is in the xarray. */
      readonly objects: readonly string[];
    },
    events: {} as IommufdContextEvent,
  },
  guards: {
    isLast: ({ context }) => context.references === 1,
    isEmpty: ({ context }) => context.objects.length === 0,
    isThere: from('LOOK_UP', ({ context, event }) => context.objects.includes(event.object)),
  },
  actions: {
    put: assign({ references: ({ context }) => context.references - 1 }),
    replyObject: reply('OBJECT'),
    replyEnoent: reply('ENOENT'),
    erase: assign({
      objects: from('ERASE', ({ context, event }) => context.objects.filter((name) => name !== event.object)),
    }),
    decFirst: call(({ context }) => context.objects[0]!, 'DEC_IF_ONE'),
    freeFirst: send(({ context }) => context.objects[0]!, 'FREE'),
    eraseFirst: assign({ objects: ({ context }) => context.objects.slice(1) }),
  },
}).createMachine({
  id: 'iommufdContext',
  context: ({ input }) => input,
  initial: 'open',
  states: {
    open: {
      on: {
        PUT: [{ guard: 'isLast', target: 'unreferenced', actions: 'put' }, { actions: 'put' }],
        LOOK_UP: [{ guard: 'isThere', actions: 'replyObject' }, { actions: 'replyEnoent' }],
        ERASE: { actions: 'erase' },
      },
    },
    // iommufd_fops_release()
    unreferenced: {
      always: { guard: 'isEmpty', target: 'released' },
      on: { RUN: { target: 'destroying', actions: 'decFirst' } },
    },
    // Left within the step that entered it.
    destroying: {
      on: { ZERO: { target: 'unreferenced', actions: ['freeFirst', 'eraseFirst'] }, BUSY: 'warned' },
    },
    released: {},
    warned: {},
  },
});

/**
 * The tree of the devices that an IOMMU has probed, by requester ID (intel/iommu.c device_rbtree_find(), device_rbtree_remove(),
 * since v6.9). Its spinlock makes each function one step; that what was found is still there afterwards
 * is a matter of those who call it.
 *
 * Simplification: no device is added.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type DeviceRbtreeEvent =
  /** `device_rbtree_find()`: the reply is FOUND, with what the requester ID stands for, or NOT_FOUND. */
  | { type: 'FIND'; device: string; by: string }
  /** `device_rbtree_remove()`, by iommu_release_device() */
  | { type: 'ERASE'; device: string };

export const deviceRbtree = setup({
  types: {
    input: {} as {
      /** What is in the tree at the start: by function, whom to tell of its faults. */
      devices: Readonly<Record<string, string>>;
    },
    context: {} as { readonly devices: Readonly<Record<string, string>> },
    events: {} as DeviceRbtreeEvent,
  },
  guards: {
    isIn: from('FIND', ({ context, event }) => event.device in context.devices),
  },
  actions: {
    replyFound: reply(from('FIND', ({ context, event }) => ({ type: 'FOUND', found: context.devices[event.device]! }))),
    replyNotFound: reply('NOT_FOUND'),
    erase: assign({
      devices: from('ERASE', ({ context, event }) => {
        const { [event.device]: _, ...others } = context.devices;
        return others;
      }),
    }),
  },
}).createMachine({
  id: 'deviceRbtree',
  context: ({ input }) => input,
  on: {
    FIND: [{ guard: 'isIn', actions: 'replyFound' }, { actions: 'replyNotFound' }],
    ERASE: { actions: 'erase' },
  },
});

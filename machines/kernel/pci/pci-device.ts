/**
 * A `struct pci_dev` with its reference count, and whether the bus has it in its list of devices (drivers/pci/search.c pci_get_domain_bus_and_slot(),
 * drivers/pci/remove.c pci_destroy_dev(), pci_release_dev()). Who looks it up by its slot gets a reference, and gives it back when it is done.
 *
 *   allocated -the last PUT-> released
 *
 * The count saturates, as refcount_t does: from there it neither rises nor falls, and the object is never released.
 *
 * Simplifications: the bus holds one reference, and it is dropped with the removal from the list; a look-up is one step.
 */
import { assign, setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type PciDeviceEvent =
  /** pci_get_domain_bus_and_slot(); the reply is FOUND, with a reference, or NOT_FOUND. */
  | { type: 'GET_BY_SLOT'; by: string }
  /** pci_dev_put() */
  | { type: 'PUT' }
  /** pci_destroy_dev(): out of the list, and the bus's reference is dropped. */
  | { type: 'DESTROY' };

export const pciDevice = setup({
  types: {
    input: {} as { saturation: number },
    context: {} as { readonly saturation: number; readonly references: number; readonly isListed: boolean },
    events: {} as PciDeviceEvent,
  },
  guards: {
    isListed: ({ context }) => context.isListed,
    isLast: ({ context }) => context.references === 1,
  },
  actions: {
    get: assign({ references: ({ context }) => Math.min(context.references + 1, context.saturation) }),
    put: assign({
      references: ({ context: { references, saturation } }) =>
        references === saturation ? saturation : references - 1,
    }),
    unlist: assign({ isListed: false }),
    replyFound: reply('FOUND'),
    replyNotFound: reply('NOT_FOUND'),
  },
}).createMachine({
  id: 'pciDevice',
  context: ({ input }) => ({ ...input, references: 1, isListed: true }),
  initial: 'allocated',
  states: {
    allocated: {
      on: {
        GET_BY_SLOT: [{ guard: 'isListed', actions: ['get', 'replyFound'] }, { actions: 'replyNotFound' }],
        PUT: [{ guard: 'isLast', target: 'released', actions: 'put' }, { actions: 'put' }],
        DESTROY: [{ guard: 'isLast', target: 'released', actions: ['unlist', 'put'] }, { actions: ['unlist', 'put'] }],
      },
    },
    released: { on: { GET_BY_SLOT: { actions: 'replyNotFound' } } },
  },
});

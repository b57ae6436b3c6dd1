/**
 * `struct iommufd_group`, of an IOMMU group whose devices are attached to one page table (iommufd/device.c
 * iommufd_hw_pagetable_detach(), under `igroup->lock`): a device that leaves is taken out of `attach->device_array`, and only with the
 * last one the hardware is detached, the user answered for (`fault`), and the handle freed.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type IommufdGroupEvent = { type: 'DETACH_DEVICE'; device: string };

export interface IommufdGroupInput {
  readonly devices: readonly string[];
  readonly handle: string;
  readonly faultQueue: string;
}

/** What versions are made of. */
export const iommufdGroupParts = setup({
  types: { input: {} as IommufdGroupInput, context: {} as IommufdGroupInput, events: {} as IommufdGroupEvent },
  guards: { isLast: ({ context }) => context.devices.length === 1 },
  actions: {
    eraseDevice: assign({
      devices: from('DETACH_DEVICE', ({ context, event }) => context.devices.filter((name) => name !== event.device)),
    }),
    autoRespond: send('faultQueue', 'AUTO_RESPONSE'),
    freeHandle: send('handle', 'FREE'),
  },
});

export const iommufdGroup = iommufdGroupParts.createMachine({
  id: 'iommufdGroup',
  context: ({ input }) => input,
  on: {
    DETACH_DEVICE: [
      { guard: 'isLast', actions: ['eraseDevice', 'autoRespond', 'freeHandle'] },
      { actions: 'eraseDevice' },
    ],
  },
});

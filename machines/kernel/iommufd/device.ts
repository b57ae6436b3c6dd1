/**
 * The memory of one `struct iommufd_device`: there from iommufd_device_bind() to iommufd_device_destroy(), which is what closing the
 * VFIO device comes to. Freed memory takes everything in silence.
 */
import { setup } from 'xstate';

export type IommufdDeviceEvent =
  /** `idev->obj.id`, told as the one that has faulted. */
  | { type: 'READ_ID'; device: string }
  /** `kfree()` */
  | { type: 'FREE' };

export const iommufdDevice = setup({ types: { events: {} as IommufdDeviceEvent } }).createMachine({
  id: 'iommufdDevice',
  initial: 'bound',
  states: {
    bound: { on: { READ_ID: {}, FREE: 'freed' } },
    freed: { on: { READ_ID: {}, FREE: {} } },
  },
});

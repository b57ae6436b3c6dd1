/**
 * The detaching thread from v6.11 to v6.15, on VT-d: iommufd answered the groups that user space has first, and disabled IOPF after
 * that (iommufd/fault.c, since v6.14 device.c, iommufd_hwpt_detach_device()). That the hardware queue is drained for what has no PASID
 * is true since v6.13 (c43e1ccdebf2, add43c4fbc92); on SMMUv3 it never is.
 *
 *   attached -DETACH-> blocked -RUN-> answered -RUN-> detached -RUN-> attached
 */
import { without } from '../../parts/states.ts';
import { detachConfig, detachParts, detachStates } from './detach.ts';

export const detachThreadV611 = detachParts.createMachine({
  id: 'detachThreadV611',
  ...detachConfig,
  states: {
    ...without(detachStates, 'removed'),
    blocked: detachParts.createStateConfig({
      on: { RUN: { target: 'answered', actions: ['awaitHardwareQueue', 'lock', 'autoRespond', 'unlock'] } },
    }),
    answered: detachParts.createStateConfig({
      on: { RUN: { target: 'detached', actions: 'removeDevice' } },
    }),
  },
});

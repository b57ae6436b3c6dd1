/**
 * The detaching thread from v6.11 to v6.15: iommufd answered the groups that user space has first, and disabled IOPF after that
 * (iommufd/fault.c, later eventq.c, iommufd_fault_domain_detach_dev()).
 *
 *   attached -DETACH-> blocked -RUN-> answered -RUN-> detached -RUN-> attached
 */
import { without } from '../../parts/states.ts';
import { detachParts, detachStates, detachThreadOf } from './detach.ts';

export const detachThreadV611 = detachThreadOf('detachThreadV611', {
  ...without(detachStates, 'removed'),
  blocked: detachParts.createStateConfig({
    on: { RUN: { target: 'answered', actions: ['awaitHardwareQueue', 'lock', 'autoRespond', 'unlock'] } },
  }),
  answered: detachParts.createStateConfig({
    on: { RUN: { target: 'detached', actions: 'removeDevice' } },
  }),
});

/**
 * The memory of a `struct vfio_iopf_group` of the VFIO type1 IOPF series (v3 patch 2): from a group of devices to its container, and since
 * patch 7 the ranges that are pinned in it. It is found under `iopf_group_list_lock`, without a reference, and followed without the lock.
 *
 * Freed memory does not object, and still has the pointer: a monitor sees it (`../../monitors/object-lifetime.ts`).
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type VfioIopfGroupEvent =
  /** `iopf_group->iommu`: the reply is CONTAINER. */
  | { type: 'READ_IOMMU'; by: string }
  /** `iopf_group->selective_faulting` */
  | { type: 'READ_RANGES' }
  /** kfree() */
  | { type: 'FREE' };

export const vfioIopfGroup = setup({
  types: { context: {}, events: {} as VfioIopfGroupEvent },
  actions: { replyContainer: reply('CONTAINER') },
}).createMachine({
  id: 'vfioIopfGroup',
  context: {},
  initial: 'allocated',
  on: { READ_IOMMU: { actions: 'replyContainer' }, READ_RANGES: {} },
  states: { allocated: { on: { FREE: 'freed' } }, freed: {} },
});

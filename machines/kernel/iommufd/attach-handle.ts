/**
 * `struct iommufd_attach_handle`, and the slot of the group's `pasid_array` in which it is found (iommu.c iommu_attach_handle_get()).
 * It has no reference count: whoever has found it may still have it when it is erased and freed. Freed memory does not object; the
 * state tells.
 *
 * Simplification: it is not stored again.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type IommufdAttachHandleEvent =
  /** `find_fault_handler()` of the fault core: the reply is HANDLER, or NO_HANDLER. */
  | { type: 'FIND'; by: string }
  /** Somebody follows a pointer to it: `group->attach_handle->domain`. */
  | { type: 'READ' }
  /** `xa_erase()` in iommu_detach_group_handle() */
  | { type: 'ERASE' }
  /** `kfree()` in iommufd_hwpt_detach_device() */
  | { type: 'FREE' };

export const iommufdAttachHandle = setup({
  types: { events: {} as IommufdAttachHandleEvent },
  actions: { replyHandler: reply('HANDLER'), replyNoHandler: reply('NO_HANDLER') },
}).createMachine({
  id: 'iommufdAttachHandle',
  initial: 'stored',
  states: {
    stored: { on: { FIND: { actions: 'replyHandler' }, READ: {}, ERASE: 'erased' } },
    erased: { on: { FIND: { actions: 'replyNoHandler' }, READ: {}, FREE: 'freed' } },
    freed: { on: { FIND: { actions: 'replyNoHandler' }, READ: 'usedAfterFree' } },
    usedAfterFree: { on: { FIND: { actions: 'replyNoHandler' }, READ: {}, ERASE: {}, FREE: {} } },
  },
});

/**
 * The detaching thread on VT-d since v6.16, of what is attached to the device itself (IOMMU_NO_PASID):
 *
 *   attached -DETACH-> removed -RUN-> blocked -RUN-> erased -RUN-> answered -RUN-> detached
 *
 * intel/iommu.c blocking_domain_attach_dev() takes the device out of the iopf queue (iopf_for_domain_remove()) before it blocks
 * translation (device_block_translation()). With that `iopf_refcount` is 0, and so intel_iommu_drain_pasid_prq(), which is called
 * there, returns at once: nobody waits for the interrupt thread.
 *
 * After the driver iommu.c iommu_detach_group_handle() erases the attach handle, and iommufd answers for the user and frees it.
 * List 'ACQUIRE' as `blocking`.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { detachConfig, detachParts } from './detach.ts';

/** What comes after the driver: the handle goes. */
export const handleGoes = {
  ...straightLine(
    { blocked: 'eraseHandle', erased: ['lock', 'autoRespond', 'unlock'], answered: 'freeHandle' },
    'detached',
  ),
  detached: { on: { DETACH: {}, RUN: {} } },
};

export const detachVtdRid = detachParts.createMachine({
  id: 'detachVtdRid',
  ...detachConfig,
  states: {
    attached: { on: { DETACH: { target: 'removed', actions: 'removeDevice' } } },
    removed: { on: { RUN: { target: 'blocked', actions: 'stopDevice' } } },
    ...handleGoes,
  },
});

/**
 * The thread of `ats-attach-v5.4.ts` with `nr_ats_masters` (cdb8a3c34635): arm_smmu_enable_ats() counts the device, and then pci_enable_ats() writes the
 * function's Enable bit, by a writel() with a barrier before it; arm_smmu_disable_ats() discounts it when its ATC is invalidated.
 *
 * Simplification: arm_smmu_enable_ats() also invalidates the ATCs of the domain, which nothing depends on here.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { atsAttachConfig, atsAttachParts } from './ats-attach.ts';

/** Another version attaches otherwise. */
export const atsAttachCountsDetach = {
  attached: { on: { DETACH: { target: 'atsOff', actions: 'disableAts' } } },
  ...straightLine({ atsOff: ['issueAtcInv', 'issueSync'] }, 'invalidating'),
  invalidating: { on: { SYNC_COMPLETE: 'invalidated' } },
  ...straightLine({ invalidated: 'countDown', discounted: 'listDel', delisted: 'abortSte' }, 'detached'),
} as const;

export const atsAttachThreadCounts = atsAttachParts.createMachine({
  id: 'atsAttachThreadCounts',
  ...atsAttachConfig,
  states: {
    detached: { on: { ATTACH: { target: 'translated', actions: 'installSte' } } },
    ...straightLine({ translated: 'listAdd', listed: 'countUp', counted: ['barrier', 'enableAts'] }, 'attached'),
    ...atsAttachCountsDetach,
  },
});
